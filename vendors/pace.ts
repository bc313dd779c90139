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
