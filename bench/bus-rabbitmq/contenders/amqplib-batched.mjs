export { openBatched as openBus } from './amqplib.mjs';
