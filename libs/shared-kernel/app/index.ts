export { type AppConfig, InvalidConfiguration, readConfig } from './config.js';
export { type AppPlan, CannotStart, type RunningApp, startApp } from './start-app.js';
export { type IssuerContract } from './access.js';
export { runApp } from './run-app.js';
export { runExtracted } from './run-extracted.js';
export { type OpenShadow, openShadow } from './open-shadow.js';
export { replayTape } from './replay-tape.js';
