import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const WATCH = `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { if (/typeorm|@nestjs|amqplib/.test(url)) console.error(url); return next(url, context); } });`;

it('explains itself without loading what only some verb works with', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(WATCH)}`, join('dist', 'cli', 'main.js'), '--help'], { encoding: 'utf8' });
  expect(stdout).toContain('Verbs:');
  expect(stderr).toBe('');
});
