import { connect } from 'node:net';

/** The greeting of an AMQP 0-9-1 client; a broker answers with a method frame on channel 0. */
const GREETING = Buffer.from('AMQP\0\0\x09\x01', 'latin1');

/** Whether an AMQP broker answers there; a port that is merely open is not enough. */
export async function speaksAmqp(host: string, port: number, withinMs = 1_000): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, host, () => socket.write(GREETING));
  socket.setTimeout(withinMs, () => resolve(false));
  socket.once('data', (answer) => resolve(answer[0] === 1));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  const speaks = await promise;
  socket.destroy();
  return speaks;
}
