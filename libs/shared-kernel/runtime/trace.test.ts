import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { currentInput, runInput } from './input.js';
import { newTrace, noteRecording } from './trace.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const parent = `00-${TRACE}-${SPAN}-01`;

describe('a trace context that came from elsewhere', () => {
  it.each([
    ['nothing', undefined], ['an empty text', ''], ['words', 'trace me'], ['another version', `01-${TRACE}-${SPAN}-01`], ['capitals', parent.toUpperCase()],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`], ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`], ['a tail', `${parent}-more`],
  ])('is not taken over when it is %s', (_what, given) => {
    const { traceId, traceparent } = newTrace(given);
    expect(traceId).not.toBe(TRACE);
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('goes on with a span id of its own, and says what it was told about recording', () => {
    expect(newTrace(parent)).toMatchObject({ traceId: TRACE, spanId: expect.not.stringContaining(SPAN), isSampled: true });
    expect(newTrace(`00-${TRACE}-${SPAN}-00`).traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(newTrace(`00-${TRACE}-${SPAN}-03`).isSampled).toBe(true);
  });
});

describe('where spans are recorded, an input', () => {
  beforeEach(() => noteRecording(true));
  afterEach(() => noteRecording(false));

  it('stands at the span that it comes from until it has one of its own', () => {
    const places = runInput({ traceparent: parent }, () => [currentInput()?.traceparent, runInput({}, () => currentInput()?.traceparent)]);
    expect(places).toEqual([parent, parent]);
  });

  it('that comes from nowhere is undecided, and so is one inside of it', () => {
    const [outer, inner] = runInput({}, () => [currentInput(), runInput({}, currentInput)]);
    expect(outer).toMatchObject({ isSampled: undefined, traceparent: expect.stringMatching(/-00$/) });
    expect(inner).toMatchObject({ isSampled: undefined, traceId: outer?.traceId });
  });
});
