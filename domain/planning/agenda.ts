/** What is to happen when, earliest first; of the same time what was noted first. */
export interface Agenda<What> {
  note(atMs: number, what: What): void;
  next(): Entry<What> | undefined;
  take(): Entry<What> | undefined;
}

interface Entry<What> {
  readonly atMs: number;
  readonly what: What;
}

export function createAgenda<What>(): Agenda<What> {
  // Latest first, so that the next one is taken from the end.
  const entries: Entry<What>[] = [];
  return {
    note(atMs, what) {
      let [low, high] = [0, entries.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((entries[middle]?.atMs ?? 0) > atMs) low = middle + 1;
        else high = middle;
      }
      entries.splice(low, 0, { atMs, what });
    },
    next: () => entries.at(-1),
    take: () => entries.pop(),
  };
}
