import { promisesHold } from './promises.js';

promisesHold('over RabbitMQ');
