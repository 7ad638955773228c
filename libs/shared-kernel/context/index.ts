export { type ContextDeclaration, InvalidDeclaration, defineContext } from './define-context.js';
export { ContextHost, type HostSettings, kernelMigrations } from './context-host.js';
export { type LivingContext, contextModule } from './context-module.js';
