import type { SendMailOptions } from 'nodemailer';
import type { Mail } from './mailer.js';

/** A mail as nodemailer wants it: plain text, and nothing in it that differs from one attempt to the next. */
export function messageOf({ id, to, subject, text, writtenAt }: Mail, from: string): SendMailOptions {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    from, to: { name: to.name, address: to.email }, subject, text,
    messageId: `<${id}@${domain}>`, date: writtenAt,
    // RFC 3834: so that no holiday notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    xMailer: false, disableFileAccess: true, disableUrlAccess: true,
  };
}
