const LOCK = 'quorate.tab.';

/** This page's name among the browser's tabs; a lock that ends with the page says that it lives. */
export async function nameTab(): Promise<{ tab: string; others: ReadonlySet<string> }> {
  const tab = crypto.randomUUID?.() ?? String(Math.random());
  // Without a secure connection browsers have no locks: then every tab looks alone, and the server keeps the peace.
  if (navigator.locks === undefined) return { tab, others: new Set() };
  await new Promise<void>((taken) => {
    void navigator.locks.request(LOCK + tab, () => {
      taken();
      return new Promise(() => undefined);
    });
  });
  const { held = [] } = await navigator.locks.query();
  const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(LOCK) && name !== LOCK + tab);
  return { tab, others: new Set(names.map((name) => name.slice(LOCK.length))) };
}
