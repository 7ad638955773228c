import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';
import type { SigningKey } from './signing-key.js';

interface KeyRow {
  kid: string;
  private_key: Buffer;
  public_key: Buffer;
  signs_from: Date;
}

/** The only file that knows the table `signing_key`, which holds two or three rows. */
@Injectable()
export class SigningKeyRepository {
  constructor(private readonly database: Database) {}

  /** All keys, in the order in which they sign. Reads the whole table: no index would be faster. */
  async all(): Promise<SigningKey[]> {
    const rows = await this.database.query<KeyRow>(
      'select kid, private_key, public_key, signs_from from signing_key order by signs_from, kid',
    );
    return rows.map((row) => ({ kid: row.kid, privateKey: row.private_key, publicKey: row.public_key, signsFrom: row.signs_from }));
  }

  /** Until the transaction ends nobody else adds or removes keys; reading them goes on. */
  async lock(): Promise<void> {
    await this.database.query('lock table signing_key in share row exclusive mode');
  }

  async add(key: SigningKey): Promise<void> {
    await this.database.query(
      'insert into signing_key (kid, private_key, public_key, signs_from) values ($1, $2, $3, $4)',
      [key.kid, key.privateKey, key.publicKey, key.signsFrom],
    );
  }

  /** Served by the primary key. */
  async remove(keys: readonly SigningKey[]): Promise<void> {
    await this.database.query('delete from signing_key where kid = any ($1)', [keys.map((key) => key.kid)]);
  }
}
