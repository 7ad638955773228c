import { describe, expect, it } from '@jest/globals';
import { BanyanError, InvalidInput, defineError } from '../contract/index.js';
import { errorFromWire, errorToWire } from './wire-error.js';

describe('an error on the wire', () => {
  it('comes out as its own class, with message, details and fields', () => {
    const sent = new InvalidInput('Two fields are wrong.', { count: 2 }, [{ path: '/a', message: 'Is missing.' }]);
    const received = errorFromWire(errorToWire(sent, 'hotels.book-room'));
    expect(received).toBeInstanceOf(InvalidInput);
    expect(received).not.toBe(sent);
    expect(received).toMatchObject({ message: 'Two fields are wrong.', details: { count: 2 }, fields: [{ path: '/a', message: 'Is missing.' }] });
  });

  it('finds classes that were catalogued after the first look', () => {
    errorFromWire(errorToWire(new InvalidInput('Fills the cache.'), 'hotels.book-room'));
    const Late = defineError({ code: 'late-comer', http: 409, grpc: 'ABORTED', retryable: false, help: 'Catalogued late.' });
    expect(errorFromWire(errorToWire(new Late('Here I am.'), 'hotels.book-room'))).toBeInstanceOf(Late);
  });

  it('keeps code and meaning of an error that this process does not know', () => {
    const definition = { code: 'of-a-newer-build', http: 409, grpc: 'ABORTED', retryable: true, help: 'Try again.' };
    const received = errorFromWire({ definition, message: 'Not yet.', details: {}, fields: [] });
    expect(received).toBeInstanceOf(BanyanError);
    expect(received).toMatchObject({ code: 'of-a-newer-build', definition: { retryable: true } });
  });

  it('carries nothing of what was not catalogued', () => {
    const received = errorFromWire(errorToWire(new Error('password "hunter2" is wrong'), 'hotels.book-room'));
    expect(received.code).toBe('internal');
    expect(JSON.stringify(errorToWire(received, 'hotels.book-room'))).not.toContain('hunter2');
    expect(received.message).toContain('hotels.book-room');
  });
});
