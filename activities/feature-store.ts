import type { Db } from '../db/client.ts';
import { featureSpace, payloadsOf, samplePool } from '../db/queries/selection.ts';
import { applyIdf, FEATURE_BUCKETS, fitIdf, hashFeatures } from '../domain/learning/features.ts';
import { differences, type SparseMatrix, selectRows } from '../domain/learning/sparse.ts';
import { stackRows } from '../domain/learning/stack-rows.ts';
import type { AnyTaskType } from '../domain/tasks/task-type.ts';

/** Items whose hashed features are kept in memory; about 2 KB each for an e-mail, so some 100 MB. */
const KEPT_ITEMS = 50_000;
const IDF_SAMPLE = 10_000;
const CHUNK = 1000;

/**
 * Turns items into feature rows: hashed once and kept, weighted by the campaign's own inverse document frequencies.
 * For pairs a row is the first answer's features minus the second's.
 */
export function createFeatureStore(db: Db) {
  const rows = new Map<string, SparseMatrix>();
  const idfs = new Map<string, Float32Array>();

  async function hashed(type: AnyTaskType, ids: readonly string[], alive: () => void): Promise<SparseMatrix[]> {
    const missing = ids.filter((id) => !rows.has(id));
    for (let from = 0; from < missing.length; from += CHUNK) {
      alive();
      const chunk = missing.slice(from, from + CHUNK);
      const payloads = await payloadsOf(db, chunk);
      for (const id of chunk) rows.set(id, hashItem(type, payloads.get(id)));
    }
    const found = ids.map((id) => rows.get(id) ?? hashItem(type, undefined));
    for (const id of [...rows.keys()].slice(0, Math.max(0, rows.size - KEPT_ITEMS))) rows.delete(id);
    return found;
  }

  async function idfOf(campaignId: string, type: AnyTaskType, alive: () => void): Promise<Float32Array> {
    const known = idfs.get(campaignId);
    if (known) return known;
    const bytes = await featureSpace(db, campaignId, async () => {
      const sample = await samplePool(db, { campaignId, from: 0, limit: IDF_SAMPLE });
      const idf = fitIdf(stackRows(await hashed(type, sample, alive), FEATURE_BUCKETS));
      return { idf: new Uint8Array(idf.buffer), fittedOn: sample.length };
    });
    // A copy: the driver's buffer need not be aligned for floats.
    const idf = new Float32Array(Uint8Array.from(bytes).buffer);
    idfs.set(campaignId, idf);
    return idf;
  }

  return {
    /** One row an item, in the order given. */
    async matrixOf(
      campaignId: string,
      type: AnyTaskType,
      ids: readonly string[],
      alive: () => void,
    ): Promise<SparseMatrix> {
      const idf = await idfOf(campaignId, type, alive);
      const weighted = applyIdf(stackRows(await hashed(type, ids, alive), FEATURE_BUCKETS), idf);
      if (weighted.rows === ids.length) return weighted;
      // Pairs are kept as two rows each.
      const firsts = ids.map((_, at) => 2 * at);
      return differences(
        selectRows(weighted, firsts),
        selectRows(
          weighted,
          firsts.map((row) => row + 1),
        ),
      );
    },
  };
}

function hashItem(type: AnyTaskType, payload: unknown): SparseMatrix {
  const read = payload === undefined ? '' : type.features(payload);
  return hashFeatures(typeof read === 'string' ? [read] : [read.a, read.b]);
}
