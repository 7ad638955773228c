export { CONTEXTS, type ContextOnDisk, type LoadDoor, loadKernelRoom } from './contexts.js';
export { floorOf, isForContexts, isKernelRoom, isSideRoom, maySee } from './floors.js';
export { type Arrow, type House, declarationsOf, openHouse, sourcesOf } from './house.js';
export { repositoryRoot } from './root.js';
export { type Room, roomOf } from './rooms.js';
export { SourceFile } from './source-file.js';
