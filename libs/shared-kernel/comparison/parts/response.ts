import type { ObservedResponse } from '../outputs.js';
import type { ComparisonRules } from '../rules/define-comparison.js';
import type { Comparing } from '../values/comparing.js';

/** Compares what was answered; an answer that one side does not know is not compared. */
export function compareResponses(comparing: Comparing, primary: ObservedResponse | undefined, candidate: ObservedResponse | undefined, { places, headers }: ComparisonRules): void {
  const place = places.response;
  if (primary === undefined || candidate === undefined) return;
  if (primary.is === 'http' && candidate.is === 'http') {
    comparing.value(primary.status, candidate.status, place.child('status'));
    const [ours, theirs] = [lowerCased(primary.headers), lowerCased(candidate.headers)];
    for (const name of headers) comparing.value(ours[name], theirs[name], place.child('headers').child(name));
    comparing.value(primary.body, candidate.body, place.child('body'));
  } else if (primary.is === 'returned' && candidate.is === 'returned') {
    comparing.value(primary.value, candidate.value, place.child('value'));
  } else if (primary.is === 'refused' && candidate.is === 'refused') {
    comparing.value(primary.code, candidate.code, place.child('code'));
    comparing.value(primary.message, candidate.message, place.child('message'));
    comparing.value(primary.details, candidate.details, place.child('details'));
  } else {
    comparing.note('schema', place.child('is'), primary, candidate);
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
