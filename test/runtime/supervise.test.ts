import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processIdentity } from '../../runtime/processes.ts';
import { type Supervised, supervise } from '../../runtime/supervise.ts';
import { eventually, onCleanUp, tempFolder } from './support.ts';

function supervised(script: string, options: { restart?: boolean; env?: NodeJS.ProcessEnv } = {}) {
  const lines: string[] = [];
  const one: Supervised = supervise({
    name: 'api',
    command: process.execPath,
    args: ['-e', script],
    log: (line) => lines.push(line),
    restart: true,
    ...options,
  });
  onCleanUp(() => one.stop(1000));
  return { one, lines };
}

const FOREVER = "process.on('SIGTERM', () => process.exit(0)); console.log('up'); setInterval(() => {}, 1e6)";

describe('supervise', () => {
  it('starts a killed process again and tells of it', async () => {
    const { one, lines } = supervised(FOREVER);
    const ended: unknown[] = [];
    one.onExit((how) => ended.push(how));
    await eventually(() => lines.includes('[api] up'));
    const first = one.pid() ?? 0;
    process.kill(first, 'SIGKILL');
    await eventually(() => lines.filter((line) => line === '[api] up').length === 2);
    expect(one.pid()).not.toBe(first);
    expect(one.restarts()).toBe(1);
    expect(ended).toEqual([{ code: null, signal: 'SIGKILL' }]);
    expect(lines).toContain('[api] ended unexpectedly (SIGKILL); starting it again.');
  });

  it('stops in good order on SIGTERM and does not start again', async () => {
    const { one, lines } = supervised(
      "process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); console.log('up'); setInterval(() => {}, 1e6)",
    );
    await eventually(() => lines.includes('[api] up'));
    await Promise.all([one.stop(20_000), one.stop(20_000)]);
    await eventually(() => lines.includes('[api] bye'));
    expect(one.pid()).toBeUndefined();
    expect(one.restarts()).toBe(0);
  });

  it('kills a process that does not listen, after the grace time', async () => {
    const { one, lines } = supervised("process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1e6)");
    await eventually(() => lines.includes('[api] up'));
    const pid = one.pid() ?? 0;
    await one.stop(100);
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('waits longer and longer before restarts, and stops at once meanwhile', async () => {
    const { one, lines } = supervised("console.error('broken'); process.exit(3)");
    const startedAt = Date.now();
    await eventually(() => one.restarts() >= 3);
    // Pauses of 100, 200 and 400 ms lie between four starts.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(700);
    await one.stop(60_000);
    expect(lines).toContain('[api] broken');
    expect(lines).toContain('[api] ended unexpectedly (code 3); starting it again.');
  });

  it('leaves it at one run when asked to', async () => {
    const { one } = supervised('process.exit(3)', { restart: false });
    await one.done;
    expect(one.restarts()).toBe(0);
  });

  it('says so when the program does not exist', async () => {
    const lines: string[] = [];
    const command = join(tempFolder(), 'nothing');
    await supervise({ name: 'x', command, args: [], log: (line) => lines.push(line), restart: false }).done;
    expect(lines[0]).toMatch(/cannot be started: .*ENOENT/);
  });

  it('gives the child a process group of its own', async () => {
    const { one, lines } = supervised(FOREVER);
    await eventually(() => lines.includes('[api] up'));
    // Only the leader of a group can be addressed by its negative id.
    expect(process.kill(-(one.pid() ?? 0), 0)).toBe(true);
  });
});
