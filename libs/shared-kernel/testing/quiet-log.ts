import { configureLog } from '../observability/index.js';

// Tests print what they assert; what a test wants to read of the log it asks for itself.
configureLog({ level: 'fatal' });
