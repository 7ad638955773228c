import { bench as bus } from './bus/bench.mjs';
import { bench as busRabbitmq } from './bus-rabbitmq/bench.mjs';
import { bench as facade } from './facade/bench.mjs';
import { bench as orders } from './orders/bench.mjs';
import { bench as rpc } from './rpc/bench.mjs';
import { bench as saga } from './saga/bench.mjs';
import { bench as shadow } from './shadow/bench.mjs';

/** In the order of the page that is written about them. */
export const benches = [bus, busRabbitmq, saga, orders, facade, rpc, shadow];
