export { openPerEvent as openBus } from './floor.mjs';
