import type { NodemailerError } from 'nodemailer';
import { MailerAway } from '../../contract/index.js';
import type { MailAnswer } from './mailer.js';

/** Said of the sender's envelope, its recipient or the message itself; anything else is between us and the server. */
const ABOUT_THE_MAIL: readonly unknown[] = ['EENVELOPE', 'EMESSAGE'];
/** "Authentication required" is a no to us, not to the mail. */
const SIGN_IN_FIRST = 530;

/**
 * Tells a no for good from trouble that may pass. Server texts are left out: they may name the recipient.
 * @throws MailerAway for trouble that may pass, an answer that was lost, and a server that does not accept us
 */
export function answerTo(error: unknown): MailAnswer {
  const trouble: NodemailerError = error instanceof Error ? error : new Error('unknown');
  const { code, responseCode, permanent } = trouble;
  const reply = replyOf(trouble);
  const isForGood = responseCode === undefined ? code === 'EENVELOPE' : permanent === true && responseCode !== SIGN_IN_FIRST;
  if (isForGood && ABOUT_THE_MAIL.includes(code)) return { is: 'refused', code: reply };
  throw new MailerAway(`The mail server did not take the message (${reply}).`, { reply });
}

/** `451 4.7.1`, or what the line died of. */
function replyOf({ responseCode, response, code, originalCode }: NodemailerError): string {
  if (responseCode === undefined) return [code, originalCode].filter((it) => it !== undefined).join(' ') || 'unknown';
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1];
  return enhanced === undefined ? String(responseCode) : `${responseCode} ${enhanced}`;
}
