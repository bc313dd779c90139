const LOCK = 'quorate.tab.';

interface Tab {
  readonly tab: string;
  /** Gives the name up before the page ends. */
  readonly leave: () => void;
}

/** This desk's name among the browser's tabs; a lock that ends with the page, or before, says that it lives. */
export async function nameTab(): Promise<Tab> {
  const tab = crypto.randomUUID?.() ?? String(Math.random());
  // Without a secure connection browsers have no locks: then every tab looks alone, and the server keeps the peace.
  if (navigator.locks === undefined) return { tab, leave: () => undefined };
  let leave: () => void = () => undefined;
  await new Promise<void>((taken) => {
    void navigator.locks.request(LOCK + tab, () => {
      taken();
      return new Promise<void>((over) => {
        leave = over;
      });
    });
  });
  return { tab, leave };
}

/** The desks that are open now, this one too. */
export async function openTabs(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map(({ name = '' }) => name.replace(LOCK, '')));
}
