export { openSetBased as openBus } from './pg-boss.mjs';
