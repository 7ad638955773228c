export { Items, changed, shelf, shelfContract, smallHouse, tearDownHouses, till, tillContract } from './small-house.js';
