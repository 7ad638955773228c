/** Where everybody answers, so that the upstream can tell what was meant for it. */
export const paths = { small: '/v1/echo/small', large: '/v1/echo/large' };

/** About 200 bytes of JSON, and a megabyte of it. */
export const bodies = { small: json(200), large: json(1_000_000) };

/** What has to arrive at the other end as it was sent. */
export const sentAlong = { 'content-type': 'application/json', 'x-bench-request': 'kept' };
export const answeredWith = { 'content-type': 'application/json; charset=utf-8', 'x-bench-answer': 'kept' };

function json(bytes) {
  const empty = JSON.stringify({ id: 4_711, note: '' });
  return JSON.stringify({ id: 4_711, note: 'abcdefgh'.repeat(bytes / 8).slice(0, bytes - empty.length) });
}
