import { loadConfig } from './config.ts';
import { freePort } from './ports.ts';
import { startStack } from './stack.ts';

const c = loadConfig({
  ...process.env,
  QUORATE_HOME: process.argv[2],
  QUORATE_PG_PORT: String(await freePort()),
  QUORATE_TEMPORAL_PORT: String(await freePort()),
  QUORATE_TEMPORAL_UI_PORT: String(await freePort()),
});
const t0 = Date.now();
const s = await startStack(c, console.log);
console.log(Date.now() - t0, s);
if (process.argv[3] === 'hang') {
  process.on('SIGINT', () => {});
  await new Promise((r) => process.once('SIGTERM', r));
}
const t1 = Date.now();
await s.stop();
console.log('stopped', Date.now() - t1);
