/** Lets calls through one after the other, so many a minute at most. */
export function createPace(perMinute: number): () => Promise<void> {
  let free = 0;
  return async () => {
    const now = performance.now();
    const at = Math.max(now, free);
    free = at + 60_000 / perMinute;
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now));
  };
}

/** Lets so many in at once; the others wait in their order. */
export function createGate(places: number): <T>(run: () => Promise<T>) => Promise<T> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
