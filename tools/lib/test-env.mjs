// What configures the product in a developer's shell must not reach the product under test: a test
// run with DATABASE_URL set would write into the developer's own database.
const CONFIGURES_THE_PRODUCT = [
  /^(HOST|PORT|DATA_DIR|EVENT_BUS|AMQP_NAMESPACE|EVENT_STREAM_DAYS|REBUILD|REBUILD_PARTIAL|ADVERTISED_URL|UPSTREAMS|NODE_ENV|LOG_LEVEL)$/,
  /^(?!TEST_)([A-Z]+_)*DATABASE_URL$/, // TEST_DATABASE_URL is how the tests are told about a server they may use
  /^(CARD_PROCESSOR|PAYMENTS_LEDGER|STRIPE_[A-Z_]+|AUTH_[A-Z_]+|SMTP_URL|MAIL_FROM|METRICS_[A-Z_]+|AMQP_NAMESPACE)$/,
  /^ADMIN_(EMAIL|PASSWORD)$/,
  /^PG[A-Z]+$/, // libpq's own: pg reads them for whatever a connection string leaves out
  /^BANYAN_/,
  /^OTEL_/,
];

/**
 * The environment for checks and tests. AMQP_URL stays: it is how the tests are told about a broker
 * they may use, not how the product is configured.
 */
export function testEnv(env = process.env) {
  const isOurs = (name) => CONFIGURES_THE_PRODUCT.some((pattern) => pattern.test(name));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
}
