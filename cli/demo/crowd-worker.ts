import { setTimeout as sleep } from 'node:timers/promises';
import { type Rng, seededRng } from '../../domain/rng.ts';
import { answerOf, type CrowdAnswer, type CrowdTaskType } from './crowd-answer.ts';
import type { Door, Lease, Refusal, Submission } from './crowd-door.ts';
import { type CrowdEvent, type CrowdStats, count } from './crowd-stats.ts';
import { contentKey, type KnownTruth } from './crowd-truth.ts';
import type { Persona } from './personas.ts';

export interface CrowdOptions {
  /** Where the API listens, e.g. "http://127.0.0.1:8080". */
  readonly baseUrl: string;
  /** API key by persona name. */
  readonly apiKeys: ReadonlyMap<string, string>;
  readonly personas: readonly Persona[];
  /** What the crowd knows of a payload as it is shown; see `buildTruthIndex`. */
  readonly truthOf: (payload: unknown) => KnownTruth | undefined;
  readonly taskType: CrowdTaskType;
  /** Real seconds for each second a persona would take: 1 is life-like, 0.01 a hundred times faster. */
  readonly timeScale: number;
  readonly seed: number | string;
  /** Stops the crowd. Requests already on their way are still waited for, so that no acknowledgement is missed. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: CrowdEvent) => void;
  /** Work for this campaign only. */
  readonly campaignId?: string;
}

const IDLE_MS = { first: 40, max: 300 };
const RETRY_MS = { first: 50, max: 1000 };
/** Who walks away does something else for a minute (scaled) before asking for work again. */
const BREAK_S = 60;
/** So many assignments a persona remembers to come back to; the others it has left for good. */
const MAX_RETURNING = 5;
/** So many refusals in a row which are not about a late answer mean that asking on is of no use. */
const MAX_REFUSALS = 5;

/** One persona at work: asks for an assignment, thinks, submits, and so on until it is stopped. */
export class Worker {
  readonly #persona: Persona;
  readonly #options: CrowdOptions;
  readonly #stats: CrowdStats;
  readonly #door: Door;
  /** Jitter of waiting times only; answers have their own randomness, from the item. */
  readonly #jitter: Rng;
  /** How often each unanswered assignment was left: it may be offered again as long as its lease lives. */
  readonly #left = new Map<string, number>();
  readonly #returning = new Set<Promise<void>>();
  readonly #dismissal = new AbortController();
  /** Aborted when the whole crowd or this persona is stopped. */
  readonly #end: AbortSignal;
  #answered = 0;
  #refusals = 0;

  constructor(parts: { persona: Persona; options: CrowdOptions; stats: CrowdStats; door: Door }) {
    this.#persona = parts.persona;
    this.#options = parts.options;
    this.#stats = parts.stats;
    this.#door = parts.door;
    this.#end = AbortSignal.any([parts.options.signal, this.#dismissal.signal]);
    this.#jitter = seededRng(`jitter ${parts.options.seed} ${parts.persona.name}`);
  }

  async run(): Promise<void> {
    let idle = 0;
    let failures = 0;
    while (!this.#end.aborted) {
      const next = await this.#door.next(this.#options.campaignId, this.#end);
      if (this.#end.aborted && next.kind === 'unclear') break;
      idle = next.kind === 'empty' || next.kind === 'refused' ? idle + 1 : 0;
      failures = next.kind === 'unclear' ? failures + 1 : 0;
      if (next.kind === 'lease') {
        await this.#work(next.lease);
      } else if (next.kind === 'unclear') {
        await this.#retryPause(failures);
      } else {
        // A conflict (409) passes, as when the campaign is paused; any other refusal would only be repeated.
        if (next.kind === 'refused' && next.status !== 409) this.#stop(next);
        await this.#pause(this.#vary(growing(IDLE_MS, idle)));
      }
    }
    await Promise.all(this.#returning);
  }

  async #work(lease: Lease): Promise<void> {
    const { payload, assignmentId } = lease;
    const { timeScale, seed, truthOf } = this.#options;
    // Leased while the crowd was being stopped: the lease runs out, and somebody else gets the slot.
    if (this.#end.aborted) return;
    const truth = truthOf(payload);
    if (truth === undefined) this.#stats.unknownItems++;
    const visit = this.#left.get(assignmentId) ?? 0;
    const taskType =
      lease.taskType === 'pairwise' || lease.taskType === 'classification' ? lease.taskType : this.#options.taskType;
    const answer = answerOf({
      persona: this.#persona,
      item: { taskType, payload, choices: choicesOf(taskType, lease.config), truth },
      answered: this.#answered,
      rng: seededRng(`answer ${seed} ${this.#persona.name} ${contentKey(payload) ?? assignmentId} ${visit}`),
    });
    const correct = truth === undefined ? undefined : truth.label === answer.label;
    if (answer.leaves !== 'no') {
      this.#left.set(assignmentId, visit + 1);
      const remembers = visit === 0 && this.#returning.size < MAX_RETURNING;
      const comesBack = answer.leaves === 'answers_late' && lease.expiresAtMs !== undefined && remembers;
      this.#report({ type: 'walked_away', persona: this.#persona.name, assignmentId, comesBack });
      if (comesBack) this.#answerLate(lease, taskType, answer, correct);
      await this.#pause(BREAK_S * 1000 * timeScale);
      return;
    }
    await this.#pause(answer.timeSpentS * 1000 * timeScale);
    if (this.#end.aborted) return;
    this.#left.delete(assignmentId);
    await this.#submit(assignmentId, taskType, answer, correct);
  }

  /** Comes back once the lease has expired, while the persona goes on with other work. */
  #answerLate(lease: Lease, taskType: CrowdTaskType, answer: CrowdAnswer, correct: boolean | undefined): void {
    const late = async () => {
      const afterMs = (lease.expiresAtMs ?? 0) - Date.now() + answer.timeSpentS * 1000 * this.#options.timeScale + 50;
      await this.#pause(Math.max(0, afterMs));
      if (this.#end.aborted || !this.#left.delete(lease.assignmentId)) return;
      this.#stats.lateSubmissions++;
      const own = this.#stats.perPersona[this.#persona.name];
      if (own) own.lateSubmissions++;
      await this.#submit(lease.assignmentId, taskType, answer, correct);
    };
    const returning = late().finally(() => this.#returning.delete(returning));
    this.#returning.add(returning);
  }

  /** Sends the same answer until the server has taken or refused it. Only after that may the persona forget it. */
  async #submit(
    assignmentId: string,
    taskType: CrowdTaskType,
    { label, timeSpentS, confidence }: CrowdAnswer,
    correct: boolean | undefined,
  ): Promise<void> {
    const persona = this.#persona.name;
    const body: Submission = { label: taskType === 'pairwise' ? { choice: label } : label, timeSpentS, confidence };
    for (let attempt = 1; ; attempt++) {
      const result = await this.#door.submit(assignmentId, body);
      if (result.kind === 'acknowledged') {
        this.#answered++;
        this.#refusals = 0;
        const { annotationId } = result;
        this.#report({
          type: 'answered',
          persona,
          assignmentId,
          annotationId,
          label,
          ...(correct === undefined ? {} : { correct }),
        });
        return;
      }
      if (result.kind === 'refused') {
        this.#report({ type: 'refused', persona, assignmentId, code: result.code, message: result.message });
        if (result.status !== 409) this.#refusals++;
        if (result.status === 401 || result.code === 'suspended' || this.#refusals >= MAX_REFUSALS) this.#stop(result);
        return;
      }
      if (this.#end.aborted) {
        this.#stats.unacknowledged++;
        return;
      }
      await this.#retryPause(attempt);
    }
  }

  #stop({ code, message }: Refusal): void {
    if (this.#dismissal.signal.aborted) return;
    this.#dismissal.abort();
    this.#report({ type: 'stopped', persona: this.#persona.name, code, message });
  }

  #report(event: CrowdEvent): void {
    count(this.#stats, event);
    this.#options.onEvent?.(event);
  }

  async #retryPause(attempt: number): Promise<void> {
    if (this.#end.aborted) return;
    this.#report({ type: 'retry', persona: this.#persona.name, attempt });
    await this.#pause(this.#vary(growing(RETRY_MS, attempt)));
  }

  /** Waits `ms`, or until the end. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#end }).catch(() => undefined);
  }

  /** So that personas which were refused together do not all come back at the same moment. */
  #vary(ms: number): number {
    return ms * (0.8 + 0.4 * this.#jitter.next());
  }
}

function growing({ first, max }: { first: number; max: number }, times: number): number {
  return Math.min(max, first * 1.6 ** Math.min(30, times - 1));
}

/** The answers the form offers for this task. */
function choicesOf(taskType: CrowdTaskType, config: Readonly<Record<string, unknown>>): string[] {
  if (taskType === 'pairwise') {
    return [
      'a',
      'b',
      ...(config.allowTie === false ? [] : ['tie']),
      ...(config.allowBothBad === false ? [] : ['both_bad']),
    ];
  }
  const { labels } = config;
  return Array.isArray(labels) ? labels.filter((label) => typeof label === 'string') : ['spam', 'ham'];
}
