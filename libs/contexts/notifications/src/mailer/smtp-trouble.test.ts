import { describe, expect, it } from '@jest/globals';
import { MailerAway } from '../../contract/index.js';
import { answerTo } from './smtp-trouble.js';

const ADDRESS = 'mary@example.org';
const trouble = (parts: object) => Object.assign(new Error(`no, ${ADDRESS}`), parts);
const reply = (code: string, response: string) => {
  const responseCode = Number(response.slice(0, 3));
  return trouble({ code, response, responseCode, permanent: responseCode >= 500 && responseCode !== 503 });
};

describe('a no for good', () => {
  it.each([
    ['an unknown recipient', reply('EENVELOPE', `550 5.1.1 <${ADDRESS}> unknown`), '550 5.1.1'],
    ['a message that is refused', reply('EMESSAGE', '554 no'), '554'],
    ['an address that no server could take', trouble({ code: 'EENVELOPE' }), 'EENVELOPE'],
  ])('is %s', (_, error, code) => {
    expect(answerTo(error)).toEqual({ is: 'refused', code });
  });
});

describe('trouble that may pass', () => {
  it.each([
    ['a full mailbox', reply('EENVELOPE', '452 4.2.2 full'), '452 4.2.2'],
    ['greylisting', reply('EMESSAGE', `451 4.7.1 <${ADDRESS}> later`), '451 4.7.1'],
    ['commands out of order', reply('EMESSAGE', '503 5.5.1 what?'), '503 5.5.1'],
    ['a wrong password of ours', reply('EAUTH', '535 5.7.8 no'), '535 5.7.8'],
    ['a password that is wanted', reply('EENVELOPE', '530 5.7.0 sign in'), '530 5.7.0'],
    ['a server that wants no guests', reply('EPROTOCOL', '554 5.3.2 closed'), '554 5.3.2'],
    ['nobody there', trouble({ code: 'ESOCKET', originalCode: 'ECONNREFUSED' }), 'ESOCKET ECONNREFUSED'],
    ['a line that went dead', trouble({ code: 'EABORT' }), 'EABORT'],
    ['what is no error', 'a string', 'unknown'],
  ])('is %s', (_, error, code) => {
    const thrown = thrownBy(() => answerTo(error));
    expect(thrown).toBeInstanceOf(MailerAway);
    expect(thrown).toMatchObject({ message: `The mail server did not take the message (${code}).`, details: { reply: code } });
    expect(JSON.stringify([thrown, String(thrown)])).not.toContain(ADDRESS);
    expect(thrown).not.toHaveProperty('cause');
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
