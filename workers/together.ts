/**
 * Runs these side by side until `signal` aborts. Where one of them ends before that, the others are told to end, too: a
 * process that goes on with half of what it is for keeps others from taking its place. All are waited for; then this
 * rejects with the reason of the first that failed.
 */
export async function together(
  parts: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const failures: unknown[] = [];
  const run = async (part: (typeof parts)[number]) => {
    try {
      await part(over.signal);
    } catch (error) {
      failures.push(error);
    } finally {
      end();
    }
  };
  await Promise.all(parts.map(run));
  signal.removeEventListener('abort', end);
  if (failures.length > 0) throw failures[0];
}
