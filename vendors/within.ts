/**
 * Runs `work` with a signal that aborts after `ms`, or when one of the others does. `AbortSignal.any` has no hold on what it is
 * made of: on Node 20 a time-out of its own may be collected as garbage, and then never comes.
 */
export async function within<T>(
  { ms, signals = [] }: { readonly ms: number; readonly signals?: readonly (AbortSignal | undefined)[] },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, ms);
  const given = signals.filter((signal) => signal !== undefined);
  const pass = () => controller.abort(given.find(({ aborted }) => aborted)?.reason);
  for (const signal of given) signal.addEventListener('abort', pass, { once: true });
  if (given.some(({ aborted }) => aborted)) pass();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    for (const signal of given) signal.removeEventListener('abort', pass);
  }
}
