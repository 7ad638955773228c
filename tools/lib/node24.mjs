import { existsSync } from 'node:fs';
import { at, Stop } from './tool.mjs';

const WANTED = 24;

const packaged = at('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Whether a Node that can run the product is at hand: the packaged one, or the one that runs this. */
export const hasNode24 = () => existsSync(packaged) || isRecent();

/** The path of the Node binary that runs everything but these tools. */
export function node24() {
  if (existsSync(packaged)) return packaged;
  if (isRecent()) return process.execPath;
  throw new Stop(
    `Node ${WANTED} is missing: the npm package "node" should have brought it, but its install script did not run.\n` +
      `Either run  npm rebuild node --ignore-scripts=false  or use Node ${WANTED} yourself (this is ${process.version}).`,
  );
}

function isRecent() {
  return Number(process.versions.node.split('.')[0]) >= WANTED;
}
