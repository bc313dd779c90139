import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../db/client.ts';
import { bookModelUsage, modelRoom } from '../db/queries/judge-usage.ts';
import { keepEmbeddings, knownEmbeddings, vectorsOf } from '../db/queries/vectors.ts';
import { floatBytes, floatRows } from '../domain/learning/float-bytes.ts';
import { type ItemRows, vectorRows } from '../domain/learning/item-rows.ts';
import { decodeVectorSpace } from '../domain/learning/vector-space-bytes.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { embed } from '../vendors/embeddings.ts';
import { allowedEndpoint } from './endpoint-key.ts';
import { type ItemReader, textsOf } from './item-texts.ts';
import { type Embed, localEmbedder } from './local-embeddings.ts';
import { createSpaces } from './spaces.ts';
import { apart, type Wanted } from './threads/apart.ts';

type Features = NonNullable<CampaignSettings['features']>;
/** Turns texts into vectors: an endpoint, or a model on this machine. */
interface Embedder {
  /** What its vectors are kept by, beside the text. */
  readonly key: readonly string[];
  readonly title: string;
  readonly embed: Embed;
}

/** Vectors of items cannot be had just now: labeling goes on without them. */
export class VectorsUnavailable extends Error {}

/** What `read` gives, or why vectors cannot be had. */
export async function unlessUnavailable<T extends object>(
  read: () => Promise<T>,
): Promise<T | { unavailable: string }> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof VectorsUnavailable) return { unavailable: error.message };
    throw error;
  }
}

/** Further text hardly changes an embedding, and endpoints refuse long ones. */
const MAX_CHARACTERS = 8000;

export interface VectorItems {
  readonly campaignId: string;
  readonly reader: ItemReader;
  readonly features: Features;
  /** Of the space; by default the newest. */
  readonly spaceVersion?: number | undefined;
}

interface Vectors {
  /** Each of `dims` numbers. */
  readonly rows: Float32Array;
  readonly dims: number;
  /** Rows of each item. */
  readonly counts: readonly number[];
}

/** Items that a campaign's scale is learnt from; fewer where each text has to be asked for. */
const SPACE_SAMPLE = 10_000;
const EMBEDDED_SAMPLE = 1000;

export interface VectorOptions {
  /** Hosts that may be asked for embeddings, and their keys. */
  readonly hosts?: readonly string[] | undefined;
  readonly keys?: Readonly<Record<string, string>> | undefined;
  /** What such a host takes for a million tokens, or one of its models (`host/model`); nothing where there is none. */
  readonly prices?: Readonly<Record<string, bigint>> | undefined;
  /** Where models on this machine are. */
  readonly modelsDir?: string | undefined;
  /** Whether the scale is kept; a draft's pool is still to change. @default true */
  readonly store?: boolean;
}

/**
 * Turns items into rows by vectors: imported ones, or embeddings of their texts, which are made once and kept by
 * their content's hash. Their scale is learnt from the pool at the first selection. A row an item: see `itemRows`.
 */
export function createVectorStore(
  db: Db,
  { hosts = [], keys = {}, prices = {}, modelsDir, store = true }: VectorOptions,
) {
  const spaces = createSpaces(db, { decode: decodeVectorSpace, store });

  function embedderOf(campaignId: string, features: Exclude<Features, { vectors: unknown }>): Embedder {
    if ('transformers' in features) {
      const { folder, dtype, pooling } = features.transformers;
      const local = orUnavailable(() => localEmbedder(features.transformers, modelsDir));
      return { key: ['transformers', folder, dtype, pooling, local.version], title: folder, embed: local.embed };
    }
    const { embeddings: endpoint } = features;
    const allowed = orUnavailable(() => allowedEndpoint(endpoint, { hosts, keys }));
    const { host } = new URL(endpoint.url);
    const priceMicros = prices[`${host}/${endpoint.model}`] ?? prices[host] ?? 0n;
    const costOf = (tokens: number) => (BigInt(tokens) * priceMicros + 999_999n) / 1_000_000n;
    const before = async (most: number) => {
      if (priceMicros === 0n || costOf(most) <= (await modelRoom(db, campaignId))) return;
      throw new VectorsUnavailable(`the budget has no room for embeddings of ${endpoint.model}`);
    };
    return {
      key: [endpoint.url, endpoint.model],
      title: endpoint.model,
      async embed(texts, onBatch, wanted) {
        await embed(
          allowed,
          texts,
          {
            before,
            onBatch: (from, vectors, tokens) => onBatch(from, vectors, costOf(tokens)),
          },
          wanted,
        );
      },
    };
  }

  async function embedded(campaignId: string, embedder: Embedder, texts: readonly string[], wanted: Wanted) {
    // An empty text is refused by many endpoints.
    const asked = texts.map((text) => text.slice(0, MAX_CHARACTERS) || ' ');
    const hashes = asked.map((text) => hashOf([...embedder.key, text]));
    const known = await knownEmbeddings(db, hashes);
    const missing = new Map(hashes.flatMap((hash, at) => (known.has(hash) ? [] : [[hash, asked[at] ?? '']])));
    const order = [...missing.keys()];
    try {
      await embedder.embed(
        [...missing.values()],
        async (from, vectors, micros = 0n) => {
          const rows = vectors.map((vector, at) => ({ hash: order[from + at] ?? '', vector: floatBytes(vector) }));
          for (const { hash, vector } of rows) known.set(hash, vector);
          await db.begin(async (tx) => {
            if (micros > 0n) await bookModelUsage(tx, { campaignId, key: `embeddings:${uuidv7()}`, micros });
            await keepEmbeddings(tx, rows);
          });
        },
        wanted,
      );
    } catch (error) {
      wanted.signal?.throwIfAborted();
      throw unavailable(error);
    }
    const all = hashes.map((hash) => known.get(hash) ?? new Uint8Array());
    const dims = (all[0]?.byteLength ?? 0) / 4;
    if (all.some(({ byteLength }) => byteLength !== 4 * dims)) {
      throw new VectorsUnavailable(`the embeddings of ${embedder.title} have different numbers of dimensions`);
    }
    return { rows: floatRows(all, dims), dims };
  }

  async function read(items: VectorItems, ids: readonly string[], wanted: Wanted): Promise<Vectors> {
    const { campaignId, reader, features } = items;
    if (!('vectors' in features)) {
      const texts = await textsOf(db, reader, ids);
      const counts = texts.map(({ length }) => length);
      return { ...(await embedded(campaignId, embedderOf(campaignId, features), texts.flat(), wanted)), counts };
    }
    const { dims } = features.vectors;
    // Items of the campaign's own making have none, and are not in the pool.
    const none = floatBytes(new Float32Array(dims));
    return {
      rows: floatRows(
        (await vectorsOf(db, ids)).map((vector) => vector ?? none),
        dims,
      ),
      dims,
      counts: ids.map(() => 1),
    };
  }

  const lesson = (items: VectorItems, wanted: Wanted) => ({
    sampleSize: 'vectors' in items.features ? SPACE_SAMPLE : EMBEDDED_SAMPLE,
    async learn(sample: readonly string[]) {
      const { rows: vectors, dims } = await read(items, sample, wanted);
      return apart('fitVectors', { vectors, dims, seed: items.campaignId }, wanted);
    },
  });

  return {
    /** One row an item, in the order given; throws VectorsUnavailable. */
    async rowsOf(
      items: VectorItems,
      ids: readonly string[],
      wanted: Wanted,
    ): Promise<ItemRows & { readonly spaceVersion: number }> {
      const { space, version } = await spaces.of(items.campaignId, lesson(items, wanted), items.spaceVersion);
      if (ids.length === 0) return { ...vectorRows(new Float32Array(), space), spaceVersion: version };
      const { rows: vectors, dims, counts } = await read(items, ids, wanted);
      if (dims !== space.dims) {
        throw new VectorsUnavailable(
          `the vectors have ${dims} numbers, and those the campaign began with ${space.dims}`,
        );
      }
      // One vector of an item that shows answers does not tell them apart.
      const shows = 'vectors' in items.features ? 'one text' : items.reader.shows;
      const rows = await apart('readVectors', { vectors, space, shows, counts }, wanted);
      return { ...rows, spaceVersion: version };
    },

    /** See the feature store; throws VectorsUnavailable. */
    renewSpace(items: VectorItems, wanted: Wanted): Promise<boolean> {
      return spaces.renew(items.campaignId, lesson(items, wanted));
    },
  };
}

function orUnavailable<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw unavailable(error);
  }
}

const unavailable = (error: unknown) => new VectorsUnavailable(error instanceof Error ? error.message : String(error));

const hashOf = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex');
