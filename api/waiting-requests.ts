import type { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { untilEither } from './closing.ts';

/** Of one annotator: a few tabs and programs. */
const MOST = 4;
/** Whose request was ended asks again at once, and would end another one of theirs. */
const REST_MS = 5000;

export interface WaitingRequest {
  /** Aborts when the client goes away, the server closes, or too many of the annotator's requests came after. */
  readonly signal: AbortSignal;
  /** Before nothing is answered: a while where it was ended for later ones. */
  rest(): Promise<void>;
}

/** The requests of each annotator that wait for work. A further one ends the oldest, as each costs searches while it waits. */
export class WaitingRequests {
  readonly #waiting = new Map<string, Set<AbortController>>();

  begin(annotatorId: string, response: EventEmitter, closing: AbortSignal): WaitingRequest {
    const gone = untilEither(response, closing);
    const end = new AbortController();
    const theirs = this.#waiting.get(annotatorId) ?? new Set();
    this.#waiting.set(annotatorId, theirs.add(end));
    const leave = () => {
      end.abort();
      theirs.delete(end);
      if (theirs.size === 0 && this.#waiting.get(annotatorId) === theirs) this.#waiting.delete(annotatorId);
    };
    if (gone.aborted) leave();
    else gone.addEventListener('abort', leave);
    for (const oldest of theirs) {
      if (theirs.size <= MOST) break;
      theirs.delete(oldest);
      oldest.abort();
    }
    return {
      signal: end.signal,
      async rest() {
        if (!end.signal.aborted || gone.aborted) return;
        await setTimeout(REST_MS, undefined, { signal: gone }).catch(() => undefined);
      },
    };
  }
}
