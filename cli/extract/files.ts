import type { ContextDeclaration } from '@banyan/kernel/context';
import type { Block } from './change.js';

/** Who issues the access tokens that apps accept, as an import. */
export interface IssuerImport {
  /** `@banyan/identity/contract` */
  readonly module: string;
  /** `identityContract` */
  readonly name: string;
}

/** The folder of the app that a context is lifted into. */
export function folderOf(context: string): string {
  return `apps/extracted/${context}`;
}

/** `main.ts` of the extracted app: the same declaration in a process of its own. */
export function mainFile({ name }: ContextDeclaration, exported: string, issuer: IssuerImport): string {
  const imports = [
    `import { ${issuer.name} } from '${issuer.module}';`,
    `import { runExtracted } from '@banyan/kernel/app';`,
    `import { ${exported} } from '@banyan/${name}';`,
  ].sort((a, b) => moduleIn(a).localeCompare(moduleIn(b)));
  return `// Written by npx banyan extract ${name}.
${imports.join('\n')}

/** The context ${name} as a process of its own: the module that also lives in the monolith, with its HTTP, its calls and its events. */
await runExtracted(${exported}, ${issuer.name}, process.env);
`;
}

function moduleIn(statement: string): string {
  return /from '(.*)'/.exec(statement)?.[1] ?? '';
}

/** The image of the app: the same files as every other, another program. */
export function dockerStage({ name }: ContextDeclaration): Block {
  const title = `FROM app AS ${name}`;
  return { title, before: /^FROM app AS monolith$/m, block: `${title}\nCMD ["node", "--enable-source-maps", "dist/${folderOf(name)}/main.js"]\n\n` };
}

/** Its service: reached by the monolith alone, so it publishes no port. */
export function composeService({ name, settings }: ContextDeclaration): Block {
  const title = `  ${name}:`;
  const asked = Object.keys(settings?.variables.shape ?? {}).map((it) => `      ${it}:\n`).join('');
  return {
    title,
    before: /^ {2}postgres:$/m,
    block: `${title}
    <<: *app
    build:
      context: .
      target: ${name}
    image: banyan-${name}:local
    environment:
      <<: *app-environment
      ADVERTISED_URL: http://${name}:3000
${asked}
`,
  };
}

interface NestProject {
  readonly root: string;
}

/** `nest-cli.json` with this app among its projects, or without it; one line each. */
export function nestCli(text: string, context: string, isExtracted: boolean): string {
  const found = /( {2}"projects": \{\n)([\s\S]*?)(\n {2}\})/.exec(text);
  if (!found) throw new Error('nest-cli.json has no "projects" that begins on a line of its own.');
  const [whole, head, body, tail] = found as unknown as [string, string, string, string];
  const projects = JSON.parse(`{${body}}`) as Record<string, NestProject>;
  delete projects[context];
  const folder = folderOf(context);
  const all = isExtracted ? { ...projects, [context]: { type: 'application', root: folder, sourceRoot: folder, entryFile: 'main' } } : projects;
  const lines = Object.entries(all).sort(([a], [b]) => Number(a !== 'monolith') - Number(b !== 'monolith') || a.localeCompare(b)).map(([name, project]) => `    ${JSON.stringify(name)}: ${spaced(project)}`);
  return text.replace(whole, () => head + lines.join(',\n') + tail);
}

function spaced(value: object): string {
  return `{ ${Object.entries(value).map(([key, it]) => `${JSON.stringify(key)}: ${JSON.stringify(it)}`).join(', ')} }`;
}
