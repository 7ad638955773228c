export { type ContextDeclaration, InvalidDeclaration, defineContext } from './define-context.js';
export { ContextHost, type HostSettings, kernelMigrations, kernelTables } from './context-host.js';
export { type LivingContext, contextModule } from './context-module.js';
export { RehearsedContext, type RehearsedStep } from './rehearsed-context.js';
