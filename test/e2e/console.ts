import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Place, quorate, type Ran } from '../support/stack.ts';

export const LABELS = ['bug', 'question', 'praise'];
const LEASE_MS = 10_000;

/** `bin/quorate` as a person at the place of a stack uses it. */
export class Console {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** A command that must succeed; what it printed. */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await quorate(this.#place, args);
    expect(code, `quorate ${args.join(' ')}: ${stderr}`).toBe(0);
    return stdout.trim();
  }

  /** As `run`, with --json. */
  async json(...args: string[]): Promise<unknown> {
    return JSON.parse(await this.run(...args, '--json'));
  }

  /** A command that must fail in good order: its exit code, a sentence or a few, nothing on standard output. */
  async refused(code: 1 | 2, ...args: string[]): Promise<string> {
    const ran = await quorate(this.#place, args);
    expect({ ...ran, stderr: '' }, ran.stderr).toEqual({ code, stdout: '', stderr: '' } satisfies Ran);
    expect(ran.stderr).not.toMatch(/\n\s+at |Unexpected|undefined|\[object/);
    return ran.stderr.trim();
  }

  file(name: string, content: string | Uint8Array): string {
    const path = join(this.#place.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** A draft of a campaign about tickets; its id. */
  async createCampaign(name: string, ...flags: string[]): Promise<string> {
    const settings = { instructions: 'What is this message?', leaseMs: LEASE_MS, windowMs: 60_000, goldFloor: 1 };
    const base = ['--type', 'classification', '--labels', LABELS.join(','), '--budget', '100', '--redundancy', '3'];
    const file = this.file('settings.json', JSON.stringify(settings));
    return this.run('campaign', 'create', '-f', file, '--name', name, ...base, ...flags);
  }
}
