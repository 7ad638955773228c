import type { Letter, Recipient } from '../letter.js';

/** A letter that is ready to go. */
export interface Mail extends Letter {
  /** The same in every attempt: the Message-ID is made of it, so that whoever gets the mail twice can tell. */
  readonly id: string;
  readonly to: Recipient;
  readonly writtenAt: Date;
}

/** What became of it. `code` is the mail server's, such as `550 5.1.1`; its words may name the recipient and stay out. */
export type MailAnswer =
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly code: string };

/** Whoever carries mail. */
export abstract class Mailer {
  /**
   * Hands a mail over.
   * @throws MailerAway when nobody took it now, or nobody knows whether somebody did: send the same again later
   */
  abstract send(mail: Mail, timeoutMs: number): Promise<MailAnswer>;
}
