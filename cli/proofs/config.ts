import { BadArguments } from './arguments.js';

/** Which transport the proofs try. @throws BadArguments */
export function eventBus(): 'in-process' | 'rabbitmq' {
  const given = process.env['EVENT_BUS'] ?? 'in-process';
  if (given === 'in-process' || given === 'rabbitmq') return given;
  throw new BadArguments(`EVENT_BUS is "${given}"; it is in-process or rabbitmq.`);
}
