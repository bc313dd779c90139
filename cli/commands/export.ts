import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { ApiClient } from '../client.ts';
import { CliError, EXIT } from '../output.ts';
import { countParquet, createCounter, type Tally } from './export-count.ts';
import { fileProblem } from './files.ts';
import { type ExportFormat, expectShape, pathOf } from './shared.ts';

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
}

const campaignSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  simulated: z.boolean(),
  policyVersion: z.number().int().min(1),
});

/**
 * Streams a campaign's labels into `file` and writes `file.manifest.json` beside it. The file appears whole or not at
 * all: it is written as `file.part` and renamed once its last byte is on the disk.
 */
export async function exportTo(
  client: ApiClient,
  target: { campaignId: string; format: ExportFormat; file: string; onBytes?: (bytes: number) => void },
): Promise<Manifest> {
  const { format, file } = target;
  const path = pathOf('campaigns', target.campaignId);
  const campaign = expectShape(campaignSchema, await client.get(path));
  const response = await client.download(`${path}/export?format=${format}`);
  const part = `${file}.part`;
  try {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    const written = await save(response, part, format, target.onBytes);
    const { records, policyVersions } = format === 'parquet' ? await countParquet(part) : written.tally;
    const { policyVersion, ...head } = campaign;
    const manifest: Manifest = {
      format,
      campaign: head,
      records,
      bytes: written.bytes,
      sha256: written.sha256,
      // A format without that column may hold decisions of any version so far.
      policyVersions: policyVersions ?? Array.from({ length: policyVersion }, (_, at) => at + 1),
      exportedAt: new Date().toISOString(),
    };
    await rename(part, file);
    await writeWhole(`${file}.manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } catch (error) {
    await rm(part, { force: true });
    throw fileProblem(error, file);
  }
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
    const message = 'The connection broke off before the export was complete; no file was written. Run it again.';
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
