import { firstSku } from './seed.js';

export interface BannerFacts {
  readonly url: string;
  readonly seconds: number;
  readonly operator: { readonly email: string; readonly password: string; readonly isNew: boolean } | undefined;
  readonly dataDir: string;
}

/** What a person sees when the shop is up. Goes to standard error; standard output is for log lines. */
export function banner({ url, seconds, operator, dataDir }: BannerFacts): string {
  const credentials = operator?.isNew
    ? [`  operator     ${operator.email}  ${operator.password}`, `               (made up just now; kept in ${dataDir}/operator.json)`]
    : operator ? [`  operator     ${operator.email}  (password in ${dataDir}/operator.json)`] : [];
  return [
    '',
    `  The shop is open: ${url}   (ready in ${seconds.toFixed(1)} s)`,
    '',
    `  API docs     ${url}/docs`,
    `  OpenAPI      ${url}/openapi.json`,
    `  health       ${url}/health/ready`,
    ...credentials,
    '',
    '  Order something: copy, paste, and run it in another terminal:',
    '',
    ...firstRequest(url).map((line) => `    ${line}`),
    '',
    '  Ctrl-C drains and stops everything.',
    '',
  ].join('\n');
}

/** Signs a customer up, signs them in, and orders a trowel: one paste. */
function firstRequest(url: string): string[] {
  return [
    `S=${url}; J='Content-Type: application/json'; N=$(date +%s)`,
    `curl -s $S/v1/users -H "$J" -H "Idempotency-Key: user-$N" -d '{"email":"me'$N'@shop.example","password":"correct horse battery","name":"Me"}'`,
    `T=$(curl -s $S/v1/sessions -H "$J" -d '{"email":"me'$N'@shop.example","password":"correct horse battery"}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')`,
    `curl -i $S/v1/orders -H "$J" -H "Authorization: Bearer $T" -H "Idempotency-Key: order-$N" -d '{"lines":[{"sku":"${firstSku}","quantity":1}]}'`,
  ];
}
