import { join } from 'node:path';
import { ClientRMQ } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { startCallee } from '../callee-process.mjs';
import { input, output } from '../prices.mjs';
import { queueOptions } from './nest-queue.mjs';

/** Nest's own client, with the validation that ours has. */
export async function openRemote({ amqpUrl, name }) {
  const callee = await startCallee(join(import.meta.dirname, 'nest-callee.mjs'), { amqpUrl, name });
  const client = new ClientRMQ({ urls: [amqpUrl], queue: name, queueOptions });
  await client.connect();
  return {
    call: async (asked) => output.parse(await firstValueFrom(client.send('quote', input.parse(asked)))),
    answers: callee.answers,
    close: async () => {
      await client.close();
      await callee.stop();
    },
  };
}
