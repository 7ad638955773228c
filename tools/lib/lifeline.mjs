// Preloaded into every program that a launcher starts. The pipe breaks when the launcher is gone,
// whatever killed it; the program then drains as it would on SIGTERM, instead of living on unseen
// with its port and its database.
import { Socket } from 'node:net';

const fd = Number(process.env.BANYAN_LIFELINE);
delete process.env.BANYAN_LIFELINE; // the program's own children hold no end of this pipe

if (fd) {
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('error', () => undefined);
  pipe.once('close', () => process.kill(process.pid, 'SIGTERM'));
  pipe.resume();
  pipe.unref();
}
