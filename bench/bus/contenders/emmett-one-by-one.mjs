export { openOneByOne as openBus } from './emmett.mjs';
