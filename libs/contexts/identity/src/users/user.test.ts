import { describe, expect, it } from '@jest/globals';
import { leavesAnOperator, registrationSchema } from './user.js';

const good = { email: 'mary@example.org', password: 'correct horse battery', name: 'Mary Ann' };
const problemsOf = (change: object): string[] =>
  (registrationSchema.safeParse({ ...good, ...change }).error?.issues ?? []).map((issue) => issue.path.join('.'));

describe('registering', () => {
  it('makes one address out of all the ways to write it', () => {
    expect(registrationSchema.parse({ ...good, email: '  Mary@Example.ORG ' }).email).toBe('mary@example.org');
  });

  it('takes a name without the blanks around it', () => {
    expect(registrationSchema.parse({ ...good, name: ' Mary Ann ' }).name).toBe('Mary Ann');
  });

  it.each([
    ['10 characters', 'abcdefghij'],
    ['200 characters', 'ab'.repeat(100)],
    ['spaces and every script', 'пароль 密码 🔑 pass'],
  ])('takes a password of %s', (_, password) => {
    expect(problemsOf({ password })).toEqual([]);
  });

  it.each([
    ['9 characters', 'abcdefghi'],
    ['201 characters', 'a'.repeat(201)],
    ['the address in another case', 'MARY@example.org'],
    ['half of a surrogate pair', 'abcdefghij\ud83d'],
  ])('refuses a password of %s', (_, password) => {
    expect(problemsOf({ password })).toEqual(['password']);
  });

  it('refuses a password that is the name, or what is before the @', () => {
    expect(problemsOf({ name: 'Mary Ann Smith', password: 'mary ann smith' })).toEqual(['password']);
    expect(problemsOf({ email: 'mary.ann.smith@example.org', password: 'Mary.Ann.Smith' })).toEqual(['password']);
  });

  it.each([
    ['email', 'mary'], ['email', 'mary@'], ['email', 'mary@example.org\n'.padEnd(300, 'x')], ['email', 'm@rÿ.org'], ['email', 7],
    ['name', ''], ['name', '   '], ['name', 'a\u0000b'], ['name', 'x'.repeat(201)],
  ])('names %s as the wrong field when it is %j', (field, value) => {
    expect(problemsOf({ [field]: value })).toEqual(expect.arrayContaining([field]));
  });

  it('refuses fields that it does not know, such as roles', () => {
    expect(registrationSchema.safeParse({ ...good, roles: ['operator'] }).success).toBe(false);
  });
});

describe('taking a role away', () => {
  it.each([
    [true, 'a stays operator', 'a', ['operator'] as const, ['a']],
    [true, 'b is operator, too', 'a', ['staff'] as const, ['a', 'b']],
    [true, 'c never was one', 'c', ['staff'] as const, ['a']],
    [false, 'a is the only one', 'a', ['staff'] as const, ['a']],
  ])('leaves an operator: %s, because %s', (leaves, _why, userId, roles, operators) => {
    expect(leavesAnOperator(userId, roles, operators)).toBe(leaves);
  });
});
