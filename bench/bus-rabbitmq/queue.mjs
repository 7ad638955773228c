/** Durable, replicated where the broker is a cluster; gone by itself should nobody delete it. */
export const quorumQueue = { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 20, 'x-expires': 3_600_000 } };
