export { Dependency, type DependencySettings } from './dependency.js';
