import type { Check } from '../../facade/index.js';
import type { RunFigures } from './run-reader.js';

/** A run that has given no sign for so long, in seconds, is not under way. */
const SILENT_S = 60;

/** Nothing is known of a context that nobody compares. */
export function runCheck(run: RunFigures | undefined): Check {
  if (!run) return { name: 'shadow', ok: false, figures: { runs: 0 }, explanation: 'No parallel run has begun. Start the extracted app, and move the context to the stage "shadow".' };
  const { state, trouble, behind, silentS, dropped, undecided, unanswered, applied } = run;
  const explanation = state === 'failing' ? `The shadow cannot play: ${trouble ?? 'it does not say why'}.`
    : state === 'ended' ? trouble ?? 'The parallel run has ended. Start the extracted app, and move the context to the stage "shadow".'
    : silentS > SILENT_S ? `The shadow has given no sign for ${Math.round(silentS)} s. Look whether the extracted app runs.`
    : `It plays, and is ${behind} entries of the tape behind.`;
  return { name: 'shadow', ok: isPlaying(run), figures: { state, behind, applied, undecided, unanswered, dropped }, explanation };
}

/** A control that stands still holds the gate while something waits for it. @param waiting fields in which it has to tell whether what differs is noise, and how much of it */
export function controlCheck(control: RunFigures, compared: number, waiting: number): Check {
  const { state, trouble, behind, silentS } = control;
  const why = state === 'failing' ? `cannot play: ${trouble ?? 'it does not say why'}` : state === 'ended' ? `has ended${trouble === null ? '' : `: ${trouble}`}` : `has given no sign for ${Math.round(silentS)} s`;
  const explanation = isPlaying(control) ? `It plays, and is ${behind} entries of the tape behind.`
    : `The control ${why}, and ${waiting} ${waiting === 1 ? 'difference waits' : 'differences wait'} for it. Start it again, or compare anew without it: take the context out of the stage "shadow" and back.`;
  return { name: 'control', ok: isPlaying(control) || waiting === 0, figures: { state, behind, compared, waiting }, explanation };
}

function isPlaying({ state, silentS }: RunFigures): boolean {
  return state === 'playing' && silentS <= SILENT_S;
}
