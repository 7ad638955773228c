import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { beCallee } from '../callee-process.mjs';
import { answer, input, output } from '../prices.mjs';
import { queueOptions } from './nest-queue.mjs';

class Quotes {
  quote(asked) {
    return output.parse(answer(input.parse(asked)));
  }
}
// There is no syntax for decorators in this file.
MessagePattern('quote')(Quotes.prototype, 'quote', Object.getOwnPropertyDescriptor(Quotes.prototype, 'quote'));
Payload()(Quotes.prototype, 'quote', 0);
Controller()(Quotes);
class App {}
Module({ controllers: [Quotes] })(App);

await beCallee(async ({ amqpUrl, name }) => {
  const server = await NestFactory.createMicroservice(App, { transport: Transport.RMQ, options: { urls: [amqpUrl], queue: name, queueOptions }, logger: ['warn', 'error'] });
  await server.listen();
  return () => server.close();
});
