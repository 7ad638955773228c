import { ContenderFailed } from '../lib/contender.mjs';
import { answeredWith, bodies, paths, sentAlong } from './payloads.mjs';

/**
 * One request, looked at from all sides, before many are sent.
 * @param {string} url @param {'small' | 'large'} size @param {{ isSentOn: boolean }} route sent on to the upstream, or answered by the contender itself
 * @throws ContenderFailed naming what is not as it should be
 */
export async function answersRightly(url, size, { isSentOn }) {
  const answer = await fetch(new URL(paths[size], url), { method: 'POST', headers: sentAlong, body: bodies[size] });
  const text = await answer.text();
  if (answer.status !== 200) throw new ContenderFailed(`It answers ${answer.status} where 200 is right: ${text.slice(0, 200)}`);
  if (text !== bodies[size]) throw new ContenderFailed(`It answers with another body than it should: ${text.length} instead of ${bodies[size].length} bytes.`);
  const wrong = isSentOn ? Object.entries(answeredWith).filter(([name, value]) => answer.headers.get(name) !== value) : [];
  if (wrong.length > 0) throw new ContenderFailed(`It answers without the headers ${wrong.map(([name]) => name).join(', ')} of the upstream.`);
}

/** @param {number} arrived at the upstream @param {number} sent @throws ContenderFailed when requests were lost, or sent twice */
export function allArrived(arrived, sent) {
  if (arrived !== sent) throw new ContenderFailed(`Of ${sent} requests ${arrived} arrived whole.`);
}
