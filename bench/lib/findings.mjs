import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What somebody found out about where the time goes; it goes into the page as it is. @param {string} folder of the bench */
export const findingsIn = (folder) => readFileSync(join(folder, 'findings.md'), 'utf8');
