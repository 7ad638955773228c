import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { InvalidInput, DeadlineExceeded, Unavailable, type ErrorClass } from '../contract/index.js';
import { Forbidden, IdempotencyKeyMissing, IdempotencyKeyReused, Internal, MalformedRequest, PreconditionFailed, RequestInProgress, Unauthenticated } from './errors.js';
import { toJsonSchema } from './json-schema.js';
import { titleOf } from './problem.js';
import { markRoutes, operationIdOf, type RouteFacts } from './routes.js';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

const problemSchema = z.looseObject({
  type: z.string().describe('`/problems/<code>`, where the code is explained.'),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().describe('What happened, why, and what to do.'),
  code: z.string().describe('Stable; programs rely on it.'),
  traceId: z.string().describe('Finds the request in the logs.'),
  errors: z.array(z.strictObject({
    path: z.string().describe('`/lines/0/sku` in the body, `?limit` in the query, `{sku}` in the path.'),
    message: z.string(),
  })).optional(),
}).describe('RFC 9457 problem details. Some codes add members of their own.');

const SHARED_PARAMETERS: Readonly<Record<string, Parameter>> = {
  CorrelationId: {
    name: 'X-Correlation-ID', in: 'header', required: false, schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
    description: 'Ties everything together that this request leads to. Made up when left out; every answer carries it.',
  },
  IdempotencyKey: {
    name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', minLength: 1, maxLength: 255 },
    description: 'One per intent, the same when you send it again: the answer is then replayed (`Idempotent-Replayed: true`), nothing is done twice.',
  },
};

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'if-match': 'The ETag of the version that the change is meant for; 412 when it has changed since.',
  'last-event-id': 'The id of the last event seen; the stream goes on after it.',
};

/** The OpenAPI 3.1 document of an app whose modules are loaded. */
export function openApiDocument(app: INestApplication, about: { readonly title: string; readonly version: string }): OpenAPIObject {
  return describe(app, about, markRoutes(app));
}

/** The same, from facts that were collected before. */
export function describe(app: INestApplication, { title, version }: { readonly title: string; readonly version: string }, routes: readonly RouteFacts[]): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0').setTitle(title).setVersion(version)
    .setDescription('Errors are problem+json (RFC 9457) with a stable `code`. Money is integer minor units with its currency, times are RFC 3339 UTC, lists page by cursor.')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token from `POST /v1/sessions`.' }, 'bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: operationIdOf, standardSchemaConverter: toJsonSchema });
  const facts = new Map(routes.map((route) => [route.operationId, route]));
  for (const [path, operation] of operationsOf(document.paths)) {
    operation.parameters = [...(operation.parameters ?? []).map(optionalHeader), ...unreadParameters(path, operation)];
    operation.summary ||= summaryOf(operation.operationId ?? '');
    const route = facts.get(operation.operationId ?? '');
    if (route) complete(operation, route);
  }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: toJsonSchema(problemSchema, { schemaType: 'output' })?.schema as Record<string, never> },
    parameters: { ...SHARED_PARAMETERS } as NonNullable<OpenAPIObject['components']>['parameters'] & object,
  };
  return document;
}

function operationsOf(paths: Paths): [path: string, operation: Operation][] {
  return Object.entries(paths).flatMap(([path, item]) => METHODS.flatMap((method) => {
    const operation = item[method];
    return operation ? [[path, operation] as [string, Operation]] : [];
  }));
}

/** Parameters of the path that the handler does not look at; the document needs them nevertheless. */
function unreadParameters(path: string, { parameters = [] }: Operation): Parameter[] {
  const read = new Set(parameters.flatMap((it) => ('in' in it && it.in === 'path' ? [it.name] : [])));
  const all = [...path.matchAll(/\{([^}]+)\}/g)].flatMap(([, name]) => name ?? []);
  return all.filter((name) => !read.has(name)).map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function complete(operation: Operation, facts: RouteFacts): void {
  operation.security = facts.access.is === 'public' ? [] : [{ bearer: [] }];
  const shared = facts.idempotent ? ['IdempotencyKey', 'CorrelationId'] : ['CorrelationId'];
  operation.parameters = [...(operation.parameters ?? []), ...shared.map((name) => ({ $ref: `#/components/parameters/${name}` }))];
  addProblems(operation, facts);
}

/** Nest takes every header that a handler asks for as required; none but the Idempotency-Key is. */
function optionalHeader(parameter: Parameter): Parameter {
  if (!('in' in parameter) || parameter.in !== 'header') return parameter;
  const description = parameter.description ?? DESCRIPTIONS[parameter.name.toLowerCase()];
  return { ...parameter, required: false, ...(description === undefined ? {} : { description }) };
}

function addProblems(operation: Operation, facts: RouteFacts): void {
  const byStatus = Map.groupBy(new Set(failuresOf(operation, facts)), ({ definition }) => definition.http);
  for (const [status, errors] of [...byStatus].sort(([a], [b]) => a - b)) {
    const codes = errors.map(({ definition }) => `- \`${definition.code}\`: ${definition.help}`);
    operation.responses[status] ??= {
      description: codes.join('\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
}

function failuresOf(operation: Operation, { access, idempotent, fails }: RouteFacts): ErrorClass[] {
  const takesInput = operation.requestBody !== undefined || (operation.parameters ?? []).some((it) => 'in' in it && it.in !== 'header');
  const conditional = (operation.parameters ?? []).some((it) => 'name' in it && it.name.toLowerCase() === 'if-match');
  return [
    ...fails,
    ...(takesInput ? [InvalidInput] : []),
    MalformedRequest,
    ...(access.is === 'public' ? [] : [Unauthenticated]),
    ...(access.is === 'roles' || access.is === 'monitoring' ? [Forbidden] : []),
    ...(conditional ? [PreconditionFailed] : []),
    ...(idempotent ? [IdempotencyKeyMissing, RequestInProgress, IdempotencyKeyReused] : []),
    Internal, Unavailable, DeadlineExceeded,
  ];
}

/** `orders.placeOrder` → `Place order`. */
function summaryOf(operationId: string): string {
  const words = operationId.split('.').at(-1)?.replace(/([A-Z])/g, ' $1').toLowerCase() ?? '';
  return titleOf(words);
}
