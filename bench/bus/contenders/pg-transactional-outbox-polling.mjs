export { openPolling as openBus } from './pg-transactional-outbox.mjs';
