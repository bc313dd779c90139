import type { Db } from '../db/client.ts';
import { FEATURE_BUCKETS } from '../domain/learning/features.ts';
import { type ItemRows, itemRows } from '../domain/learning/item-rows.ts';
import { selectRows } from '../domain/learning/sparse.ts';
import { stackRows } from '../domain/learning/stack-rows.ts';
import { CAMPAIGN_LIMITS, type TextRows } from '../domain/learning/text-space.ts';
import { decodeTextSpace } from '../domain/learning/text-space-bytes.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { type ItemReader, itemReader, textsOf } from './item-texts.ts';
import { createSpaces } from './spaces.ts';
import { apart, type Wanted } from './threads/apart.ts';
import { createVectorStore, type VectorOptions } from './vector-store.ts';

/** Texts whose rows are kept in memory; some 3 KB each for an e-mail, so some 100 MB. */
const KEPT_TEXTS = 30_000;
/** Items that a campaign's space is learnt from. */
const SPACE_SAMPLE = 10_000;
const CHUNK = 500;

/** Items of a campaign, as they are in its space. */
export interface SpacedItems {
  readonly campaignId: string;
  readonly settings: Pick<CampaignSettings, 'type' | 'config' | 'features'>;
  /** By default the newest. */
  readonly spaceVersion?: number | undefined;
}

/**
 * Turns items into rows in their campaign's space, which is learnt from its pool at the first selection: words, and the
 * latent directions in which its texts differ. Read once and kept. A row an item, also where it shows answers: see `itemRows`.
 * A campaign whose `features` are vectors has these in place of texts (`createVectorStore`). Without `store` the space is
 * learnt for this store alone: a draft's pool is still to change.
 */
export function createFeatureStore(
  db: Db,
  options: VectorOptions & {
    readonly keptTexts?: number;
    /** Items that a space of texts is learnt from. */
    readonly sampleSize?: number;
  } = {},
) {
  const { store = true, keptTexts = KEPT_TEXTS, sampleSize = SPACE_SAMPLE } = options;
  const vectors = createVectorStore(db, options);
  const rows = new Map<string, TextRows>();
  let kept = 0;
  const spaces = createSpaces(db, { decode: decodeTextSpace, store });

  const lesson = (campaignId: string, reader: ItemReader, wanted: Wanted) => ({
    sampleSize,
    async learn(sample: readonly string[]) {
      const texts: string[] = [];
      for (let from = 0; from < sample.length; from += CHUNK) {
        texts.push(...(await textsOf(db, reader, sample.slice(from, from + CHUNK))).flat());
        wanted.alive();
      }
      return apart('fitSpace', { texts, seed: campaignId, limits: CAMPAIGN_LIMITS }, wanted);
    },
  });

  async function read(
    { campaignId, spaceVersion }: SpacedItems,
    reader: ItemReader,
    ids: readonly string[],
    wanted: Wanted,
  ) {
    const { version, space } = await spaces.of(campaignId, lesson(campaignId, reader, wanted), spaceVersion);
    const keyOf = (id: string) => `${id} ${version}`;
    // Others may read meanwhile, and push out of memory what was known at first.
    const found = new Map<string, TextRows>();
    for (const id of ids) {
      const known = rows.get(keyOf(id));
      if (known) found.set(id, known);
    }
    const missing = ids.filter((id) => !found.has(id));
    for (let from = 0; from < missing.length; from += CHUNK) {
      const chunk = missing.slice(from, from + CHUNK);
      const texts = await textsOf(db, reader, chunk);
      const made = await apart('readTexts', { texts: texts.flat(), space }, wanted);
      let at = 0;
      chunk.forEach((id, place) => {
        const count = texts[place]?.length ?? 0;
        const row = part(made, at, count);
        at += count;
        kept += count - (rows.get(keyOf(id))?.words.rows ?? 0);
        rows.set(keyOf(id), row);
        found.set(id, row);
      });
    }
    for (const [key, { words }] of rows) {
      if (kept <= keptTexts) break;
      rows.delete(key);
      kept -= words.rows;
    }
    return { found: ids.map((id) => rowIn(found, id)), dims: space.latent.dims, version };
  }

  return {
    /** One row an item, in the order given, and the version of the space that they are in. */
    async rowsOf(
      items: SpacedItems,
      ids: readonly string[],
      wanted: Wanted,
    ): Promise<ItemRows & { readonly spaceVersion: number }> {
      const { campaignId, spaceVersion } = items;
      const { type, config, features } = items.settings;
      const reader = itemReader(getTaskType(type), config);
      if (features) return vectors.rowsOf({ campaignId, reader, features, spaceVersion }, ids, wanted);
      const { found, dims, version } = await read(items, reader, ids, wanted);
      const words = stackRows(
        found.map((each) => each.words),
        FEATURE_BUCKETS,
      );
      const dense = new Float32Array(words.rows * dims);
      let at = 0;
      for (const each of found) {
        dense.set(each.dense, at);
        at += each.dense.length;
      }
      const all = { words, dense, dims };
      const counts = found.map((each) => each.words.rows);
      return { ...itemRows(all, reader.shows, counts), spaceVersion: version };
    },

    /**
     * Learns the campaign's space anew where it has outgrown the newest; says whether it did. What reads without a version
     * reads in that from then on.
     */
    renewSpace({ campaignId, settings }: SpacedItems, wanted: Wanted): Promise<boolean> {
      const { type, config, features } = settings;
      const reader = itemReader(getTaskType(type), config);
      if (features) return vectors.renewSpace({ campaignId, reader, features }, wanted);
      return spaces.renew(campaignId, lesson(campaignId, reader, wanted));
    },
  };
}

/** The rows of one item; never those of another for want of its own. */
function rowIn(found: ReadonlyMap<string, TextRows>, id: string): TextRows {
  const row = found.get(id);
  if (!row) throw new Error(`Item ${id} has no rows.`);
  return row;
}

/** Some of the rows that follow each other, as a copy: the rest need not stay in memory for their sake. */
function part({ words, dense, dims }: TextRows, from: number, count: number): TextRows {
  const places = Array.from({ length: count }, (_, i) => from + i);
  return { words: selectRows(words, places), dense: dense.slice(from * dims, (from + count) * dims), dims };
}
