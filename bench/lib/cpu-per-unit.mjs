/**
 * Runs the work and says what it cost in CPU time, of the contender's process and PostgreSQL together, in microseconds
 * per unit; undefined where that cannot be read.
 * @param {import('./contender.mjs').Contender} side @param {import('./server.mjs').Server} server
 * @param {number} count @param {() => Promise<T>} work @template T @returns {Promise<{ value: T, cpu: number | undefined }>}
 */
export async function cpuPerUnit(side, server, count, work) {
  const used = () => side.cpuSeconds() + server.cpuSeconds(); // NaN where one of them is undefined
  const before = used();
  const value = await work();
  const cpu = ((used() - before) * 1_000_000) / count;
  return { value, cpu: Number.isFinite(cpu) ? cpu : undefined };
}

/** The definition of such a figure. @param {string} what the figure whose work it is @param {string} unit of that work, in the singular */
export const cpuFigure = (what, unit) => ({
  unit: 'µs', better: 'less', about: `CPU time per ${unit} of \`${what}\`, of the contender's process and PostgreSQL together`, isDetail: true,
});
