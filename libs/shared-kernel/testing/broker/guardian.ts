import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Waits for its standard input to end, as it does when the process that started it dies in whatever way; then ends the
 * process named in the pid file, if that still is what it was, and removes the folder. In a group of its own, so that
 * Ctrl-C is for the others.
 */
const SCRIPT = `
  cat > /dev/null
  pid=$(cat "$1" 2> /dev/null) && ps -ww -o args= -p "$pid" 2> /dev/null | grep -qF -- "$2" && kill -9 "$pid"
  [ -n "$3" ] && sleep 0.2 && rm -rf "$3"
`;

/** Sees to it that a server does not outlive this process. */
export class Guardian {
  private constructor(private readonly child: ChildProcess) {}

  /** @param mark text in the server's command line; @param removes a folder that goes with it, or '' */
  static over(pidFile: string, mark: string, removes: string): Guardian {
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'guardian', pidFile, mark, removes], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    child.on('error', () => undefined); // where there is no shell there is no guard
    child.unref();
    return new Guardian(child);
  }

  /** The server was stopped in good order. */
  dismiss(): void {
    this.child.kill('SIGKILL');
  }
}
