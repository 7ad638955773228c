import { existsSync } from 'node:fs';
import type { Way } from '../find-broker.js';
import { runs } from '../runs.js';
import { startNode } from './installed-server.js';

/** Debian's own package. It is not started as a service: RUNLEVEL tells its scripts that the machine is not up. */
const QUIETLY = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

export const aptGet: Way = {
  name: 'apt-get install rabbitmq-server',
  look: async (search) => {
    if (!existsSync('/etc/debian_version')) return { because: 'this is not Debian.' };
    if (process.getuid?.() !== 0) return { because: 'only root may install packages.' };
    search.say('Installing rabbitmq-server …');
    await runs('apt-get', ['update'], QUIETLY);
    const why = await runs('apt-get', ['install', '--yes', '--no-install-recommends', 'rabbitmq-server'], QUIETLY);
    return why === undefined ? startNode(search) : { because: why };
  },
};
