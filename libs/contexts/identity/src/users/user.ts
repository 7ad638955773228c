import { text } from '@banyan/kernel/contract';
import { z } from 'zod';

export const roleSchema = z.enum(['customer', 'staff', 'operator']);
export type Role = z.output<typeof roleSchema>;

/** Somebody who can sign in; the password's hash is not part of it and stays in the repository. */
export interface User {
  readonly id: string;
  /** Lower case: two addresses that differ in case alone are one. */
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** What a person tells when registering. The address comes out trimmed and in lower case. */
export const registrationSchema = z.strictObject({
  email: z.string().trim().toLowerCase().max(254).check(z.email('Is not an email address.')),
  password: z.string().min(10).max(200)
    .refine((password) => password.isWellFormed(), 'Contains half of a surrogate pair.')
    .describe('10 to 200 characters of any kind; neither the email address, nor what is before its @, nor the name.'),
  name: text(1, 200).trim().min(1, 'Is blank.'),
}).superRefine(({ email, password, name }, context) => {
  if (isPersonal(password, { email, name })) {
    context.addIssue({ code: 'custom', path: ['password'], message: 'Is the email address or the name: choose something others cannot guess.' });
  }
});
export type Registration = z.output<typeof registrationSchema>;

function isPersonal(password: string, { email, name }: { email: string; name: string }): boolean {
  const [mailbox] = email.split('@');
  return [email, mailbox, name.toLowerCase()].includes(password.trim().toLowerCase());
}

export const newUserRoles: readonly Role[] = ['customer'];
export const firstOperatorRoles: readonly Role[] = ['customer', 'staff', 'operator'];

/** May the user take these roles, given who is operator now? The last operator stays one. */
export function leavesAnOperator(userId: string, roles: readonly Role[], operators: readonly string[]): boolean {
  return roles.includes('operator') || operators.some((operator) => operator !== userId) || !operators.includes(userId);
}
