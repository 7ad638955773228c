import { type House, isKernelRoom, roomOf } from '../../house/index.js';
import type { Finding, Violation } from '../violation.js';
import { arrowViolations } from './arrows.js';
import { contextFolderViolations } from './context-folder.js';
import { declaredAndActual } from './declared-and-actual.js';
import { doorViolations } from './doors.js';

/** Every file lies in a room, and every import leads where its room may go. */
export async function importsWall(house: House): Promise<Finding> {
  const violations = [
    ...homelessFiles(house),
    ...await arrowViolations(house),
    ...doorViolations(house),
    ...declaredAndActual(house),
    ...await contextFolderViolations(house),
  ];
  return { wall: 'imports', seen: `${house.arrows.length} imports in ${house.files.length} files`, violations };
}

function homelessFiles({ files }: House): Violation[] {
  return files.flatMap(({ path }) => {
    const room = roomOf(path);
    if (!room) return [homeless(path, `${path} lies in no room, so no rule says what it may touch.`, 'Move it into a room: libs/shared-kernel/<room>/, libs/contexts/<context>/src/ or contract/, apps/<app>/, cli/<part>/.')];
    if (room.kind === 'kernel' && !isKernelRoom(room.name)) {
      return [homeless(path, `${path} lies in the kernel room "${room.name}", which has no floor, so nobody knows whom it may see.`, 'Give the room its floor in cli/house/floors.ts, or move the file into a room that has one.')];
    }
    return [];
  });
}

function homeless(file: string, problem: string, instead: string): Violation {
  return { wall: 'imports', rule: 'file-without-room', file, subject: 'room', problem, instead };
}
