/**
 * The door for tests of rooms that know neither Nest nor HTTP: servers, chance, patience. What the other door loads besides
 * costs each of their files a second, for Jest loads everything anew for every file.
 */
export { type TestDatabase, testDatabase } from './test-database.js';
export { preparedDatabase } from './prepared-database.js';
export { eventually } from './eventually.js';
export { Chance, newSeed } from './chance.js';
export { type TestBroker, testBroker } from './broker/test-broker.js';
export { type OwnBroker, ownBroker } from './broker/own-broker.js';
export { TcpProxy } from './broker/tcp-proxy.js';
