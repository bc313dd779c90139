import type { JudgeCache, KnownAnswer } from '../../vendors/llm-cache.ts';

/** A judge's cache as the database's is, for one process; `spent` is what was charged and not given back. */
export function memoryCache() {
  const kept = new Map<string, KnownAnswer>();
  let spentMicros = 0n;
  const cache: JudgeCache = {
    get: async (hash) => kept.get(hash),
    async charge({ micros, capMicros }) {
      if (spentMicros + micros > capMicros) return false;
      spentMicros += micros;
      return true;
    },
    async giveBack({ micros }) {
      spentMicros -= micros;
    },
    async put({ hash, answeredBy, said, costMicros, chargedMicros, paidBy }) {
      spentMicros += costMicros - chargedMicros;
      const known = kept.get(hash) ?? { answeredBy, said, costMicros, paidBy };
      kept.set(hash, known);
      return known;
    },
  };
  return { ...cache, size: () => kept.size, spent: () => spentMicros };
}
