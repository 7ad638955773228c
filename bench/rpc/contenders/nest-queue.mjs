/** Gone by itself should nobody delete it. */
export const queueOptions = { durable: false, arguments: { 'x-expires': 3_600_000 } };
