import { type SMTPTransportOptions, createTransport } from 'nodemailer';
import { type Mail, type MailAnswer, Mailer } from './mailer.js';
import { messageOf } from './message.js';
import { answerTo } from './smtp-trouble.js';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** A mail server. Each mail has a connection of its own, so that no broken one is in the way of the next mail. */
export class SmtpMailer extends Mailer {
  private readonly transport: ReturnType<typeof createTransport>;

  /** @throws Error for what is no `smtp:` or `smtps:` URL; it does not repeat it, as it may hold a password */
  constructor(smtpUrl: string, private readonly from: string) {
    super();
    const url = URL.parse(smtpUrl);
    if (!url?.hostname || !/^smtps?:$/.test(url.protocol)) throw new Error('The mail server has to be given as smtp://user:password@host:587 or the like. Correct it in the app\'s configuration.');
    this.transport = createTransport(optionsOf(url));
  }

  async send(mail: Mail, timeoutMs: number): Promise<MailAnswer> {
    try {
      await this.transport.sendMail({ ...messageOf(mail, this.from), signal: AbortSignal.timeout(timeoutMs) });
      return { is: 'accepted' };
    } catch (error) {
      return answerTo(error);
    }
  }
}

/** A password goes over an encrypted line or stays on this machine: a server without TLS does not get it. */
function optionsOf({ protocol, hostname, port, username, password }: URL): SMTPTransportOptions {
  const isSecure = protocol === 'smtps:';
  const hasPassword = password !== '';
  return {
    host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port || (isSecure ? 465 : 587)), secure: isSecure,
    requireTLS: !isSecure && hasPassword && !LOOPBACK.test(hostname),
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}
