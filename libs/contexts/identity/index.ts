export { identity } from './src/identity.context.js';
export { IdentitySettings } from './src/settings.js';
