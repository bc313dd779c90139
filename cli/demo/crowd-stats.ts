import type { Persona } from './personas.ts';

export interface PersonaStats {
  /** Acknowledged answers. */
  answers: number;
  /** Of these, how many agree with the known truth. */
  correct: number;
  walkAways: number;
  lateSubmissions: number;
  /** Answers the server did not take: expired leases, closed campaigns. */
  refused: number;
}

export interface CrowdStats {
  /** Answers the server acknowledged; each is one of `acknowledged`. */
  answers: number;
  /** Annotation ids of acknowledged answers: every one of them must be in the database. */
  acknowledged: Set<string>;
  /** Assignments left unanswered, including those answered late. */
  walkAways: number;
  /** Answers sent on purpose after the lease had expired. */
  lateSubmissions: number;
  /** Requests repeated because the connection broke or the server asked for it. */
  retries: number;
  /** Answers whose fate is unknown: the crowd was stopped before the server acknowledged them. */
  unacknowledged: number;
  /** Items the crowd did not know, and guessed. */
  unknownItems: number;
  /** Refused answers by failure code. */
  refused: Record<string, number>;
  /** Personas the server turned away for good, and why. */
  stoppedPersonas: { persona: string; code: string; message: string }[];
  perPersona: Record<string, PersonaStats>;
}

export type CrowdEvent =
  | { type: 'answered'; persona: string; assignmentId: string; annotationId: string; label: string; correct?: boolean }
  | { type: 'walked_away'; persona: string; assignmentId: string; comesBack: boolean }
  | { type: 'refused'; persona: string; assignmentId: string; code: string; message: string }
  | { type: 'retry'; persona: string; attempt: number }
  | { type: 'stopped'; persona: string; code: string; message: string };

export function emptyStats(personas: readonly Persona[]): CrowdStats {
  const zero = (): PersonaStats => ({ answers: 0, correct: 0, walkAways: 0, lateSubmissions: 0, refused: 0 });
  return {
    answers: 0,
    acknowledged: new Set(),
    walkAways: 0,
    lateSubmissions: 0,
    retries: 0,
    unacknowledged: 0,
    unknownItems: 0,
    refused: {},
    stoppedPersonas: [],
    perPersona: Object.fromEntries(personas.map(({ name }) => [name, zero()])),
  };
}

/** Counts one event. `stats` is the crowd's own tally, changed in place. */
export function count(stats: CrowdStats, event: CrowdEvent): void {
  const own = stats.perPersona[event.persona];
  switch (event.type) {
    case 'answered':
      // The same answer may be acknowledged twice; the id says so.
      if (stats.acknowledged.has(event.annotationId)) return;
      stats.acknowledged.add(event.annotationId);
      stats.answers++;
      if (own) own.answers++;
      if (own && event.correct) own.correct++;
      return;
    case 'walked_away':
      stats.walkAways++;
      if (own) own.walkAways++;
      return;
    case 'refused':
      stats.refused[event.code] = (stats.refused[event.code] ?? 0) + 1;
      if (own) own.refused++;
      return;
    case 'retry':
      stats.retries++;
      return;
    case 'stopped':
      stats.stoppedPersonas.push({ persona: event.persona, code: event.code, message: event.message });
      return;
  }
}
