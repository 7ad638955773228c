import { CONTEXTS, type House, sourcesOf } from '../../house/index.js';
import type { Finding, Violation } from '../violation.js';
import { callsInVain, handedOut, openings, sharedThings, strangeNeeds } from './complaints.js';
import { contentsOf } from './dependencies.js';
import { emptyModule } from './dormant.js';
import { globalTokens, refusalOfNest } from './nest.js';
import { type Complaint, furnish } from './nest-room.js';

/** Nest hands no class of one context to another. Builds the modules as apps do, without any connection, and reads the graph. */
export async function injectionWall(house: House): Promise<Finding> {
  const rooms = house.contexts.flatMap((it) => (it.declaration ? [furnish(it, it.declaration)] : []));
  const kernel = new Set(contentsOf(emptyModule()).map(({ token }) => token));
  const everywhere = await globalTokens();
  const violations = rooms.flatMap((room) => [
    ...openings(room), ...handedOut(room), ...sharedThings(room, rooms, kernel), ...strangeNeeds(room, rooms, kernel, everywhere), ...callsInVain(room),
  ].map((it) => located(house, room.declaration.name, it)));
  const refusal = violations.length === 0 ? await refusalOfNest(rooms) : undefined;
  if (refusal) violations.push({ wall: 'injection', file: CONTEXTS, ...refusal });
  return { wall: 'injection', seen: `${rooms.reduce((sum, { contents }) => sum + contents.length, 0)} providers in ${rooms.length} modules`, violations };
}

/** At the class, where the problem names one of the context's; else at the declaration. */
function located(house: House, context: string, complaint: Complaint): Violation {
  const [className = complaint.subject] = complaint.problem.split(' ');
  for (const file of sourcesOf(house, context)) {
    const at = file.text.search(new RegExp(`\\bclass ${className}\\b`));
    if (at >= 0) return { wall: 'injection', file: file.path, line: file.lineOf(at), ...complaint };
  }
  return { wall: 'injection', file: `libs/contexts/${context}/src/${context}.context.ts`, ...complaint };
}
