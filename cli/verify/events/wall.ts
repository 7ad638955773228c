import { type House, declarationsOf } from '../../house/index.js';
import type { Finding } from '../violation.js';
import { announcementViolations } from './announcements.js';
import { declaredElsewhere, namedByString, throughTables } from './back-doors.js';
import { declarationViolations } from './declarations.js';

/** What is announced, declared and listened to is the same, and only the owner of an event announces it. */
export function eventsWall(house: House): Finding {
  const declarations = declarationsOf(house);
  const events = declarations.reduce((sum, { contract }) => sum + Object.keys(contract.events).length, 0);
  const listeners = declarations.reduce((sum, { listensTo }) => sum + listensTo.length, 0);
  return {
    wall: 'events', seen: `${events} events, ${listeners} listeners`,
    violations: [...declarationViolations(house), ...announcementViolations(house), ...declaredElsewhere(house), ...namedByString(house), ...throughTables(house)],
  };
}
