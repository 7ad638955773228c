import type { ContextDeclaration } from '@banyan/kernel/context';
import type { EventDefinition, Operation } from '@banyan/kernel/contract';
import type { SagaDefinition } from '@banyan/kernel/saga';
import { endpointsOf, ownRelations } from '../declarations/index.js';
import { NOTE, code, codes, pageOf, table } from './markdown.js';
import { shapeOf } from './shape.js';

/** What a context offers, announces, serves and keeps, as its code says. */
export function contextPage(declaration: ContextDeclaration, all: readonly ContextDeclaration[]): string {
  const { name, owner, contract, calls, listensTo } = declaration;
  const operations = [...Object.values(contract.commands), ...Object.values(contract.queries)];
  return pageOf(
    NOTE, `# ${name}`,
    `Owner ${owner} · schema ${code(name)} · role ${code(`banyan_${name}`)} · package ${code(`@banyan/${name}`)} · [what it is for](../../../libs/contexts/${name}/README.md)`,
    `Calls ${codes(calls.map((it) => it.name), 'nobody')} · called by ${codes(all.filter((it) => it.calls.includes(contract)).map((it) => it.name), 'nobody')} · listens to ${codes(listensTo.map((it) => it.type), 'nothing')}`,
    '## Commands and queries', table(['Name', 'Kind', 'Takes', 'Answers', 'Errors'], operations.map(operationRow), 'None: nobody calls it.'),
    '## Events', table(['Type', 'Version', 'Ordered by', 'Says', 'Heard by'], Object.values(contract.events).map((it) => eventRow(it, all)), 'None: it announces nothing.'),
    '## HTTP', table(['Route', 'For', 'Idempotency-Key', 'Errors of its own'], endpointsOf(declaration.controllers).map(({ method, path, who, needsKey, fails }) =>
      [code(`${method} ${path}`), who, needsKey ? 'required' : '–', codes(fails)]), 'None: it is not reached from outside.'),
    '## Sagas', ...(declaration.sagas.length > 0 ? declaration.sagas.map(saga) : ['None.']),
    '## Tables', codes(ownRelations(declaration), 'None of its own.'),
  );
}

function operationRow({ name, kind, input, output, errors = [] }: Operation): string[] {
  return [code(name), kind, code(shapeOf(input, 'input')), code(shapeOf(output, 'output')), codes(errors.map(({ definition }) => definition.code))];
}

function eventRow(definition: EventDefinition, all: readonly ContextDeclaration[]): string[] {
  const { type, version, aggregateType, payload } = definition;
  return [code(type), String(version), aggregateType, code(shapeOf(payload, 'output')), codes(all.filter((it) => it.listensTo.includes(definition)).map(({ name }) => name), 'nobody')];
}

function saga({ name, version, steps, failed, forwardOnly }: SagaDefinition): string {
  const title = `**${name}** v${version}${forwardOnly ? ', only goes forward' : ''}`;
  const lines = steps.map((step, at) => `${at + 1}. ${step.name}: ${describe(step)}${step.isPivot ? ' (the point of no return)' : ''}`);
  return [`${title}\n`, ...lines, ...(failed ? [`\nWhen it turned back: ${code(failed.name)}`] : [])].join('\n');
}

function describe(step: SagaDefinition['steps'][number]): string {
  if (step.is === 'local') return `${code(step.handler.name)}${step.compensation ? `, taken back by ${code(step.compensation.name)}` : ''}`;
  return `${code(step.command.name)}${step.compensation ? `, taken back by ${code(step.compensation.command.name)}` : ''}`;
}
