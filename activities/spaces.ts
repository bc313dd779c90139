import type { Db } from '../db/client.ts';
import * as stored from '../db/queries/feature-spaces.ts';
import { BoundedMap } from '../domain/bounded-map.ts';

/** Spaces that are kept in memory, of texts at most 28 MB each. */
const KEPT_SPACES = 3;
/** A space is learnt anew when there are this many times the items it was learnt from: what it knows is then old. */
const RENEWAL_GROWTH = 4;

interface Learning<Space> {
  readonly decode: (bytes: Uint8Array) => Space;
  /** Whether what is learnt is stored; a draft's pool is still to change. */
  readonly store: boolean;
}

/** How a space is learnt. */
interface Lesson {
  /** From at most so many items. */
  readonly sampleSize: number;
  readonly learn: (sample: readonly string[]) => Promise<Uint8Array>;
}

/**
 * The spaces of campaigns, each learnt from a sample of its items by whoever asks first, and never changed: a model
 * speaks of the columns of one version. What is kept in memory is kept by campaign and version.
 */
export function createSpaces<Space>(db: Db, { decode, store }: Learning<Space>) {
  const kept = new BoundedMap<string, Space>(KEPT_SPACES);

  async function learnt(campaignId: string, version: number, { sampleSize, learn }: Lesson): Promise<Uint8Array> {
    const sample = await stored.sampleWork(db, campaignId, sampleSize);
    const space = await learn(sample);
    if (!store) return space;
    await stored.storeSpace(db, { campaignId, version, space, fittedOn: sample.length });
    // Another may have been first.
    return (await stored.readSpace(db, { campaignId, version })) ?? space;
  }

  return {
    /** The space of a version, by default the newest, which is made where there is none. */
    async of(campaignId: string, lesson: Lesson, version?: number): Promise<{ version: number; space: Space }> {
      const newest = store ? (await stored.newestSpace(db, campaignId))?.version : undefined;
      const wanted = version ?? newest ?? 1;
      const key = `${campaignId} ${wanted}`;
      const known = kept.get(key);
      if (known) return { version: wanted, space: known };
      const bytes = newest === undefined ? undefined : await stored.readSpace(db, { campaignId, version: wanted });
      // Whoever tries again goes by the newest model.
      if (!bytes && newest !== undefined) throw new Error(`Version ${wanted} of the space of ${campaignId} is gone.`);
      const space = decode(bytes ?? (await learnt(campaignId, wanted, lesson)));
      kept.set(key, space);
      return { version: wanted, space };
    },

    /**
     * Learns a further version where the campaign has four times the items that the newest was learnt from, as long as
     * that was fewer than there are in a sample. Says whether it did. A campaign without a space is left so.
     */
    async renew(campaignId: string, lesson: Lesson): Promise<boolean> {
      const newest = store ? await stored.newestSpace(db, campaignId) : undefined;
      if (!newest || newest.fittedOn >= lesson.sampleSize) return false;
      // A space of nothing is none.
      const enough = Math.max(1, RENEWAL_GROWTH * newest.fittedOn);
      if ((await stored.countWork(db, campaignId, enough)) < enough) return false;
      await learnt(campaignId, newest.version + 1, lesson);
      return true;
    },
  };
}
