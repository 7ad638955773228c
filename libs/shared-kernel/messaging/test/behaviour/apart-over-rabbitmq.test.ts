import { promisesHold } from './promises.js';

promisesHold('in two processes over RabbitMQ');
