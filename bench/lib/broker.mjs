import amqplib from 'amqplib';

const NEARBY = 'amqp://guest:guest@127.0.0.1:5672';

/** There is no broker to measure with. */
export class NoBroker extends Error {}

/** The broker of AMQP_URL, else the one on this machine. @returns {Promise<{ url: string, version: string }>} @throws NoBroker */
export async function brokerFor() {
  const url = process.env.AMQP_URL || NEARBY;
  try {
    const connection = await amqplib.connect(url);
    const { version } = connection.connection.serverProperties;
    await connection.close();
    return { url, version };
  } catch (error) {
    throw new NoBroker(`No RabbitMQ answers at ${process.env.AMQP_URL ? 'AMQP_URL' : NEARBY} (${error.message || error.code}). Start one there, or say in AMQP_URL where it is.`);
  }
}
