import type { z } from 'zod';
import type { EventStory, Happening, ParkedEvent } from '../messaging/index.js';
import type { Story, parkedSchema } from './parked-schemas.js';

export function presentParked({ place: _place, error, receivedAt, parkedAt, ...rest }: ParkedEvent): z.input<typeof parkedSchema> {
  return { ...rest, ...errorParts(error), receivedAt: receivedAt.toISOString(), parkedAt: parkedAt.toISOString() };
}

export function presentStory({ error, receivedAt, parkedAt, occurredAt, history, ...rest }: EventStory): Story {
  return {
    ...rest, ...errorParts(error), receivedAt: receivedAt.toISOString(), parkedAt: parkedAt?.toISOString() ?? null, occurredAt: occurredAt?.toISOString() ?? null,
    history: history.map(presentHappening),
  };
}

function presentHappening(happening: Happening): Story['history'][number] {
  const at = happening.at.toISOString();
  return 'error' in happening ? { ...happening, ...errorParts(happening.error), at } : { ...happening, at };
}

/** The lanes write errors down with the digest of their stack at the end. */
function errorParts(stored: string): { error: string; stack: string | null } {
  const [, error = stored, stack = null] = /^(.*) \[stack ([0-9a-f]+)\]$/s.exec(stored) ?? [];
  return { error, stack };
}
