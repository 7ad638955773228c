// Checks docker-compose.yml: with Docker's own tool where there is one, and always for the rules of
// the house. Says so (a "note:") where only the latter could be done.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const FILE = 'docker-compose.yml';

const tool = composeTool() ?? composeFromDebian();
const problems = [...(tool ? refusals(tool) : []), ...violations(parse(readFileSync(FILE, 'utf8'), { merge: true }))];
for (const problem of problems) console.error(problem);
if (!tool) console.log('note: only its structure, as there is no docker compose here and it cannot be installed');
process.exitCode = problems.length > 0 ? 1 : 0;

function composeTool() {
  const candidates = [['docker', 'compose'], ['docker-compose']];
  return candidates.find(([command, ...args]) => spawnSync(command, [...args, 'version']).status === 0);
}

/** On Debian as root (a CI container, usually) the tool is one small package away. */
function composeFromDebian() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;
  const aptGet = (...args) => spawnSync('apt-get', ['-qq', ...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 180_000 });
  const install = () => aptGet('install', '-y', '--no-install-recommends', 'docker-compose').status === 0;
  if (!install()) {
    aptGet('update'); // a fresh container has no package lists
    install();
  }
  return composeTool();
}

/** The file must do for a newcomer who has set nothing, so the tool gets no variables of ours. */
function refusals([command, ...args]) {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(command, [...args, '-f', FILE, 'config'], { env: { PATH, HOME }, encoding: 'utf8' });
  if (status !== 0) return [`${command} refuses ${FILE}:\n${stderr}`];
  return Object.keys(parse(stdout).services ?? {}).length > 0 ? [] : [`${command} sees no service in ${FILE}`];
}

function* violations({ services = {}, volumes = {} }) {
  if (Object.keys(services).length === 0) yield `${FILE} has no service`;
  for (const [name, service] of Object.entries(services)) {
    const say = (what) => `${FILE}: service ${name} ${what}`;
    if (!service.image && !service.build) yield say('has neither an image nor a build');
    if (service.image && !/:[^:/]+$/.test(service.image)) yield say(`uses ${service.image} without naming a version`);
    if (!service.healthcheck && !service.build) yield say('has no healthcheck, so nothing can wait for it');
    for (const port of service.ports ?? []) {
      if (!port.startsWith('127.0.0.1:')) yield say(`publishes ${port} to the whole network; put 127.0.0.1: before it`);
    }
    for (const [other, how] of Object.entries(service.depends_on ?? {})) {
      if (!(other in services)) yield say(`depends on ${other}, which is not here`);
      if (how?.condition !== 'service_healthy') yield say(`does not wait until ${other} is healthy`);
    }
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(':');
      if (/^\w/.test(source) && !(source in volumes)) yield say(`uses the volume ${source}, which is not declared`);
    }
  }
}
