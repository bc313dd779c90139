// Lint, types, the rooms' rules and dead code, two at a time: most of them use one core. Each says what it has to say once it has
// ended.
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
const rooms = 'cli api workers workflows activities vendors db runtime domain';

// The longest first.
const commands = [
  'oxlint --type-aware -c .oxlintrc.json',
  'tsc -p tsconfig.json',
  'knip',
  'tsc -p web/tsconfig.json',
  `depcruise --config .dependency-cruiser.cjs ${rooms}`,
  'biome check --error-on-warnings .',
  'depcruise --config .dependency-cruiser.workflows.cjs dist/workflows',
];

async function work() {
  for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
    const options = { cwd: root, shell: true, env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] };
    const child = spawn(command, options);
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status === 0) continue;
    process.exitCode = 1;
    process.stdout.write(`${command}\n${Buffer.concat(said).toString('utf8')}`);
  }
}

await Promise.all([work(), work()]);
