import type { EventEmitter } from 'node:events';
import { untilEither } from './closing.ts';

/** Of one annotator: a few tabs and programs. */
const MOST = 4;

/** The requests of each annotator that wait for work. A further one ends the oldest, as each costs searches while it waits. */
export class WaitingRequests {
  readonly #waiting = new Map<string, Set<AbortController>>();

  /** A signal that aborts when the client goes away, the server closes, or too many of the annotator's came after. */
  begin(annotatorId: string, response: EventEmitter, closing: AbortSignal): AbortSignal {
    const end = new AbortController();
    const theirs = this.#waiting.get(annotatorId) ?? new Set();
    this.#waiting.set(annotatorId, theirs.add(end));
    response.once('close', () => {
      theirs.delete(end);
      if (theirs.size === 0 && this.#waiting.get(annotatorId) === theirs) this.#waiting.delete(annotatorId);
    });
    for (const oldest of theirs) {
      if (theirs.size <= MOST) break;
      theirs.delete(oldest);
      oldest.abort();
    }
    return untilEither(response, closing, end);
  }
}
