const irregular: ReadonlySet<string> = new Set([
  'begun', 'bound', 'bought', 'broken', 'brought', 'built', 'caught', 'chosen', 'cut', 'done', 'drawn', 'fallen', 'forgotten', 'found', 'given', 'gone', 'grown', 'held', 'hidden',
  'kept', 'known', 'left', 'lent', 'lost', 'made', 'met', 'paid', 'put', 'read', 'risen', 'run', 'seen', 'sent', 'set', 'shown', 'shut', 'sold', 'spent', 'split', 'taken', 'thrown',
  'told', 'undone', 'won', 'withdrawn', 'written',
]);

/** Does the last word say that something has happened? */
export function looksPast(name: string): boolean {
  const last = name.split('-').at(-1) ?? '';
  return last.endsWith('ed') || irregular.has(last) || irregular.has(last.replace(/^(?:re|un|over|with)/, ''));
}
