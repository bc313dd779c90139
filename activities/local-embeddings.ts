import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CampaignSettings } from '../domain/settings.ts';
import type { Wanted } from './threads/apart.ts';

type Local = Extract<NonNullable<CampaignSettings['features']>, { transformers: unknown }>['transformers'];

const PACKAGE = '@huggingface/transformers';

/** What is used of the package, which whoever wants this installs beside Quorate: it is larger than all else together. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  pipeline(task: 'feature-extraction', folder: string, options: { dtype: Local['dtype'] }): Promise<Extractor>;
}
type Extractor = (
  texts: readonly string[],
  options: { pooling: Local['pooling']; normalize: true },
) => Promise<{ readonly data: ArrayLike<number>; readonly dims: readonly number[] }>;

/** Turns texts into vectors, in the order given; `onBatch` has those of each batch as they are made, and what they cost. */
export type Embed = (
  texts: readonly string[],
  onBatch: (from: number, vectors: readonly Float32Array[], micros?: bigint) => Promise<void>,
  wanted: Wanted,
) => Promise<void>;

/** A model in a folder of this machine; nothing is downloaded. */
export interface LocalEmbedder {
  /** Changes with the model's files. */
  readonly version: string;
  readonly embed: Embed;
}

const loaded = new Map<string, Promise<Extractor>>();

/**
 * The model of `local.folder` within `modelsDir`, whose layout is that of the Hugging Face hub (config.json, tokenizer.json,
 * onnx/model.onnx). Throws an Error that says what is missing, and where it belongs.
 */
export function localEmbedder(local: Local, modelsDir: string | undefined): LocalEmbedder {
  if (modelsDir === undefined) throw new Error('QUORATE_MODELS_DIR names no folder of models for the learning worker');
  const version = versionOf(modelsDir, local);
  return {
    version,
    async embed(texts, onBatch, wanted) {
      const key = JSON.stringify([modelsDir, local.folder, local.dtype, version]);
      const loading = loaded.get(key) ?? load(modelsDir, local);
      loaded.set(key, loading);
      const extract = await loading.catch((error: unknown) => {
        loaded.delete(key);
        throw error;
      });
      for (let from = 0; from < texts.length; from += local.batchSize) {
        wanted.signal?.throwIfAborted();
        const batch = texts.slice(from, from + local.batchSize);
        const { data, dims } = await extract(batch, { pooling: local.pooling, normalize: true });
        await onBatch(from, rowsOf(data, dims, batch.length));
        wanted.alive();
      }
    },
  };
}

async function load(modelsDir: string, { folder, dtype }: Local): Promise<Extractor> {
  const transformers = await import(PACKAGE).then(
    (found: unknown) => found as Transformers,
    () => {
      throw new Error(`the package ${PACKAGE} is not installed beside Quorate: npm install --no-save ${PACKAGE}`);
    },
  );
  transformers.env.allowRemoteModels = false;
  transformers.env.localModelPath = modelsDir;
  return transformers.pipeline('feature-extraction', folder, { dtype });
}

/** Of the files that make a model what it is: what they say, or for weights how large they are and since when. */
function versionOf(modelsDir: string, { folder, dtype }: Local): string {
  const weights = `model${dtype === 'fp32' ? '' : `_${dtype === 'q8' ? 'quantized' : dtype}`}.onnx`;
  const hash = createHash('sha256');
  try {
    for (const name of ['config.json', 'tokenizer.json']) hash.update(readFileSync(join(modelsDir, folder, name)));
    const { size, mtimeMs } = statSync(join(modelsDir, folder, 'onnx', weights));
    return hash.update(`${weights} ${size} ${mtimeMs}`).digest('hex');
  } catch {
    throw new Error(
      `QUORATE_MODELS_DIR has no model ${folder}: its folder needs config.json, tokenizer.json and onnx/${weights}`,
    );
  }
}

function rowsOf(data: ArrayLike<number>, dims: readonly number[], count: number): Float32Array[] {
  const width = dims[1] ?? 0;
  if (dims.length !== 2 || dims[0] !== count || data.length !== count * width) {
    throw new Error(`the model gives ${dims.join(' x ')} numbers for ${count} texts, not a row each`);
  }
  const all = Float32Array.from(data);
  if (!all.every(Number.isFinite)) throw new Error('the model gives a number that is not finite');
  return Array.from({ length: count }, (_, row) => all.slice(row * width, (row + 1) * width));
}
