const percent = (share) => `${(share * 100).toFixed(1)} %`.padStart(7);

/** @param {string} file @param {ReturnType<import('./profiler.mjs').summary>} summary @param {(line: string) => void} say */
export function printProfile(file, { functions, places }, say) {
  say(`\n${file}`);
  say('  where the time goes, by package or room');
  for (const { share, place } of places) say(`  ${percent(share)}  ${place}`);
  say('  and by function');
  for (const { share, name, at } of functions) say(`  ${percent(share)}  ${name}  ${at}`);
}
