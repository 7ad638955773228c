import amqplib from 'amqplib';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataFolder } from './leftovers.mjs';
import { kernel } from './product.mjs';

const NEARBY = 'amqp://guest:guest@127.0.0.1:5672';

/** There is no broker to measure with. */
export class NoBroker extends Error {}

/**
 * The broker of AMQP_URL, else the one on this machine. Others may use it too, so every name is of this run alone. Each
 * is written down before anything is made under it: what a run that was killed outright leaves behind, the next one
 * deletes.
 */
export class Broker {
  #notes;
  #names = new Set();
  #made = 0;
  #run = randomBytes(3).toString('hex');

  /** @throws NoBroker */
  static async find() {
    const broker = new Broker();
    broker.url = process.env.AMQP_URL || NEARBY;
    broker.version = await versionOf(broker.url);
    broker.#notes = join(makeDataFolder(), 'names-in-broker.txt');
    await broker.#removeLeftOver();
    return broker;
  }

  /** A name for the queue, or the beginning of all names, of one contender in one part of a run. @param {string} contender */
  newName(contender) {
    this.#made += 1;
    const name = `bench-${this.#run}-${contender}-${this.#made}`;
    this.#names.add(name);
    this.#write();
    return name;
  }

  /** Deletes whatever was made under the name; nothing of it needs to be there. @param {string} name */
  async remove(name) {
    const { removeFromBroker } = await kernel('messaging');
    await removeFromBroker({ url: this.url, namespace: name }, ['consumer']);
    const connection = await amqplib.connect(this.url);
    const channel = await connection.createChannel();
    for (const queue of [name, `${name}.calls.prices`]) await channel.deleteQueue(queue); // the second is where ours takes calls in the bench of calls
    await connection.close();
    this.#names.delete(name);
    this.#write();
  }

  async #removeLeftOver() {
    if (!existsSync(this.#notes)) return;
    this.#names = new Set(readFileSync(this.#notes, 'utf8').split('\n').filter(Boolean));
    for (const name of this.#names) await this.remove(name);
  }

  #write() {
    writeFileSync(this.#notes, [...this.#names].map((it) => `${it}\n`).join(''));
  }
}

async function versionOf(url) {
  try {
    const connection = await amqplib.connect(url);
    const { version } = connection.connection.serverProperties;
    await connection.close();
    return version;
  } catch (error) {
    throw new NoBroker(`No RabbitMQ answers at ${process.env.AMQP_URL ? 'AMQP_URL' : NEARBY} (${error.message || error.code}). Start one there, or say in AMQP_URL where it is.`);
  }
}
