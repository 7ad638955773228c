import type { House } from '../house/index.js';

const HEADER = `# Every arrow between two rooms of the product; tests are left out.
# Made by: npx banyan graph. A new line is a new acquaintance: is it wanted?
`;

/** One line per pair of rooms of which the first imports the second. */
export function houseMap({ arrows }: House): string {
  const lines = arrows.flatMap(({ room, target }) => {
    if (!room || room.isTest || target.is !== 'file' || !target.room || target.room.id === room.id) return [];
    return [`${room.id} -> ${target.room.id}`];
  });
  return `${HEADER}${[...new Set(lines)].sort().map((it) => `${it}\n`).join('')}`;
}
