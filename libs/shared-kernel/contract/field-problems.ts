import type { z } from 'zod';
import type { FieldProblem } from './errors.js';

/** Lists every wrong field of a failed parse once, as JSON pointers; unknown keys are named one by one. */
export function fieldProblems(error: z.ZodError): FieldProblem[] {
  const problems = error.issues.flatMap((issue) => {
    const path = pointer(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: `${path}/${escape(key)}`, message: 'This field is not known here.' }));
    }
    return [{ path, message: issue.message }];
  });
  const first = new Map(problems.toReversed().map((problem) => [problem.path, problem]));
  return problems.filter((problem) => first.get(problem.path) === problem);
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${escape(String(part))}`).join('');
}

/** RFC 6901, section 3. */
function escape(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
