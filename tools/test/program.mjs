// Stands in for the monolith: says what it hears, takes a moment to drain, and ends with its own exit code.
const [exitCode = '0'] = process.argv.slice(2);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    console.log(signal);
    setTimeout(() => {
      console.log('drained');
      process.exit(Number(exitCode));
    }, 700);
  });
}
setInterval(() => undefined, 1_000);
console.log(`ready ${process.pid}`);
