import type { Db } from '../db/client.ts';
import { textSpace } from '../db/queries/feature-spaces.ts';
import { samplePool } from '../db/queries/selection.ts';
import { BoundedMap } from '../domain/bounded-map.ts';

/** Spaces that are kept in memory, of texts at most 28 MB each. */
const KEPT_SPACES = 3;

interface Learning<Space> {
  readonly decode: (bytes: Uint8Array) => Space;
  /** Whether what is learnt is stored; a draft's pool is still to change. */
  readonly store: boolean;
}

/** The spaces of campaigns, each learnt from a sample of its pool by whoever asks first. */
export function createSpaces<Space>(db: Db, { decode, store }: Learning<Space>) {
  const kept = new BoundedMap<string, Space>(KEPT_SPACES);
  return async (
    campaignId: string,
    sampleSize: number,
    learn: (sample: readonly string[]) => Promise<Uint8Array>,
  ): Promise<Space> => {
    const known = kept.get(campaignId);
    if (known) return known;
    const make = async () => {
      const sample = await samplePool(db, { campaignId, from: 0, limit: sampleSize });
      return { space: await learn(sample), fittedOn: sample.length };
    };
    const space = decode(store ? await textSpace(db, campaignId, make) : (await make()).space);
    kept.set(campaignId, space);
    return space;
  };
}
