import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { ApiClient } from '../client.ts';
import { CliError, EXIT, usageError } from '../output.ts';
import { countParquet, createCounter, type Tally } from './export-count.ts';
import { fileProblem } from './files.ts';
import { occupied, writeToStandardOutput } from './output-file.ts';
import { type ExportFormat, expectShape, pathOf } from './shared.ts';
import { campaignView } from './views.ts';

/** What `FILE.manifest.json` says of an exported file. */
export interface Manifest {
  readonly format: ExportFormat;
  readonly campaign: {
    readonly id: string;
    readonly name: string;
    readonly type: string;
    /** True: the labels come from a program that plays a crowd, not from people. */
    readonly simulated: boolean;
  };
  readonly records: number;
  readonly bytes: number;
  /** Of the exported file, in hex. */
  readonly sha256: string;
  /** Versions of the campaign's policy that the exported decisions were made under, ascending. */
  readonly policyVersions: readonly number[];
  readonly exportedAt: string;
  /** What the file does not have, in words. */
  readonly leftOut: readonly string[];
}

const campaignSchema = campaignView.pick({ id: true, name: true, type: true, simulated: true, state: true }).extend({
  policyVersion: z.number().int().min(1),
  counts: campaignView.shape.counts.pick({
    ...{ pool: true, gold: true, tasksOpen: true, tasksDecided: true, tasksUnresolved: true },
  }),
});

/**
 * Refuses a place for an export before anything is asked for: a folder that is not there, and a file that is, unless its
 * manifest says that it is an export as it was written, or `force`.
 */
export async function requireFree(file: string, force = false): Promise<void> {
  const folder = dirname(file);
  if (!existsSync(folder)) throw usageError(`${file}: there is no folder ${folder}.`);
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw usageError(`${file}: it is a folder; name a file.`);
    if (there && !there.isFile()) throw usageError(`${file}: it is no regular file; name another.`);
    if (there && !force && !(await isExport(file))) throw occupied(file);
  } catch (error) {
    throw fileProblem(error, file);
  }
}

async function isExport(file: string): Promise<boolean> {
  const manifest = `${file}.manifest.json`;
  if (!existsSync(manifest)) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return readFileSync(manifest, 'utf8').includes(hash.digest('hex'));
}

/**
 * Streams a campaign's labels into `file` and writes `file.manifest.json` beside it. The file appears whole or not at
 * all: it is written as `file.part` and renamed once its last byte is on the disk.
 */
export async function exportTo(
  client: ApiClient,
  target: { campaignId: string; format: ExportFormat; file: string; onBytes?: (bytes: number) => void },
): Promise<Manifest> {
  const { format, file } = target;
  const { campaign, policyVersion, response, leftOut } = await beginExport(client, target);
  const part = `${file}.part`;
  try {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    const written = await save(response, part, format, target.onBytes);
    const { records, policyVersions } = format === 'parquet' ? await countParquet(part) : written.tally;
    const manifest: Manifest = {
      format,
      campaign,
      records,
      bytes: written.bytes,
      sha256: written.sha256,
      // A format without that column may hold decisions of any version so far.
      policyVersions: policyVersions ?? Array.from({ length: policyVersion }, (_, at) => at + 1),
      exportedAt: new Date().toISOString(),
      leftOut: leftOut(records),
    };
    await rename(part, file);
    await writeWhole(`${file}.manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } catch (error) {
    await rm(part, { force: true });
    throw fileProblem(error, file);
  }
}

/** Streams a campaign's labels to standard output. Returns what there is to say of them. */
export async function exportToStandardOutput(
  client: ApiClient,
  target: { campaignId: string; format: ExportFormat },
): Promise<Pick<Manifest, 'campaign' | 'leftOut'>> {
  const { campaign, response, leftOut } = await beginExport(client, target);
  const counter = createCounter(target.format);
  async function* counted() {
    for await (const chunk of chunksOf(response)) {
      counter.add(chunk);
      yield chunk;
    }
  }
  await writeToStandardOutput(counted());
  return { campaign, leftOut: leftOut(counter.end().records) };
}

/** The labels as they come, whose they are, and by how many records came of them what these leave out. */
async function beginExport(client: ApiClient, target: { campaignId: string; format: ExportFormat }) {
  const { campaignId, format } = target;
  const path = pathOf('campaigns', campaignId);
  const { policyVersion, state, counts, ...campaign } = expectShape(campaignSchema, await client.get(path));
  const response = await client.download(`${path}/export?format=${format}`);
  const leftOut = (records: number) => leftOutOf({ format, records, state, type: campaign.type, counts });
  return { campaign, policyVersion, response, leftOut };
}

interface Exported {
  readonly format: ExportFormat;
  readonly records: number;
  readonly state: string;
  readonly type: string;
  readonly counts: z.output<typeof campaignSchema>['counts'];
}

function leftOutOf({ format, records, state, type, counts }: Exported): string[] {
  const ended = counts.tasksDecided + counts.tasksUnresolved;
  const many = (count: number, one: string) =>
    count > 0 ? [`${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`] : [];
  // A ranking gives several records, or none.
  const unsaid = format === 'dpo' && type === 'pairwise' ? ended - records : 0;
  return [
    ...(state === 'draft' ? ['everything, as the campaign is a draft that has not been started'] : []),
    ...many(counts.tasksOpen, 'open task'),
    ...many(unsaid, 'task').map((tasks) => `${tasks} that ended as a tie, both bad, unsure or without a decision`),
    ...many(counts.gold, 'gold item'),
  ];
}

async function save(response: Response, part: string, format: ExportFormat, onBytes?: (bytes: number) => void) {
  const hash = createHash('sha256');
  const counter = createCounter(format);
  let bytes = 0;
  const out = await open(part, 'w');
  try {
    for await (const chunk of chunksOf(response)) {
      hash.update(chunk);
      counter.add(chunk);
      bytes += chunk.length;
      onBytes?.(bytes);
      await out.writeFile(chunk);
    }
    await out.sync();
  } finally {
    await out.close();
  }
  return { bytes, sha256: hash.digest('hex'), tally: counter.end() satisfies Tally };
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  try {
    // The types of fetch's streams do not know that they can be iterated.
    yield* response.body as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    const message = 'The connection broke off before the export was complete. Run it again.';
    throw new CliError(message, EXIT.failure, { cause: error });
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const out = await open(`${file}.part`, 'w');
  try {
    await out.writeFile(text);
    await out.sync();
  } finally {
    await out.close();
  }
  await rename(`${file}.part`, file);
}
