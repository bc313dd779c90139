/** Open slots in the order in which they are given out: highest priority first, and of these who has waited longest. */
export interface SlotQueue<Slot> {
  /** At its end. */
  add(slot: Slot): void;
  remove(slot: Slot): void;
  /** Priorities have changed; nobody loses their place among equals. */
  reorder(): void;
  first(which: (slot: Slot) => boolean): Slot | undefined;
}

export function createSlotQueue<Slot>(priorityOf: (slot: Slot) => number): SlotQueue<Slot> {
  const queue: { readonly slot: Slot; readonly place: number }[] = [];
  let places = 0;
  return {
    add(slot) {
      const ahead = queue.findLastIndex((other) => priorityOf(other.slot) >= priorityOf(slot));
      queue.splice(ahead + 1, 0, { slot, place: places++ });
    },
    remove(slot) {
      const at = queue.findIndex((other) => other.slot === slot);
      if (at >= 0) queue.splice(at, 1);
    },
    reorder() {
      queue.sort((a, b) => priorityOf(b.slot) - priorityOf(a.slot) || a.place - b.place);
    },
    first: (which) => queue.find(({ slot }) => which(slot))?.slot,
  };
}
