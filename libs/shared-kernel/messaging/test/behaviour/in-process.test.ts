import { promisesHold } from './promises.js';

promisesHold('in process');
