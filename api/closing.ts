import type { EventEmitter } from 'node:events';
import type { App } from './context.ts';

const LOOK_MS = 25;
const LONGEST_MS = 10_000;

/**
 * Lets `close()` finish what is under way and no more. Node waits for connections on which no request was ever sent,
 * as browsers and clients keep them in reserve, for a minute; here they end when the last request has.
 */
export function closePromptly(app: App, onClosing: () => void): void {
  let underWay = 0;
  app.server.on('request', (_request, response) => {
    underWay += 1;
    response.once('close', () => {
      underWay -= 1;
    });
  });
  app.addHook('preClose', async () => {
    onClosing();
    const untilMs = performance.now() + LONGEST_MS;
    const looking = setInterval(() => {
      if (underWay === 0 || performance.now() > untilMs) app.server.closeAllConnections();
    }, LOOK_MS);
    app.server.once('close', () => clearInterval(looking));
    if (!app.server.listening) clearInterval(looking);
  });
}

/**
 * Aborts when the client goes away (nobody would answer what was leased then), or the server does. `AbortSignal.any` would
 * leave an entry on the server's signal for each request, for as long as the process lives.
 */
export function untilEither(response: EventEmitter, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const abort = () => gone.abort();
  closing.addEventListener('abort', abort);
  if (closing.aborted) abort();
  response.once('close', () => {
    closing.removeEventListener('abort', abort);
    abort();
  });
  return gone.signal;
}
