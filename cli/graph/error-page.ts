import type { ErrorDefinition } from '@banyan/kernel/contract';
import { NOTE, code, pageOf, table } from './markdown.js';

/** The catalogue: every code that a caller can meet. */
export function errorPage(errors: readonly ErrorDefinition[]): string {
  return pageOf(
    NOTE, '# Errors',
    'Over HTTP an error is `application/problem+json` with its `code`; a running shop explains each one at `/problems/<code>`. "Again" tells whether the same request, sent later with the same key, may succeed.',
    table(['Code', 'HTTP', 'gRPC', 'Again', 'What happened, and what to do'],
      errors.map(({ code: name, http, grpc, retryable, help }) => [code(name), String(http), code(grpc), retryable ? 'yes' : 'no', help]), 'There are none.'),
  );
}
