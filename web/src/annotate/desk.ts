import { call, Problem } from '../api/client';
import type { Offer } from '../api/types';
import { dropDraft, heldByTabs, takeHeld, writeHeld } from './storage';
import { nameTab } from './tabs';

export type Notice = 'work.sent' | 'work.already' | 'work.gone' | 'work.extended';

export interface DeskState {
  readonly phase: 'starting' | 'working' | 'waiting' | 'refused';
  readonly current: Offer | null;
  readonly sending: boolean;
  /** What went wrong last, in words; null once something works again. */
  readonly problem: Problem | null;
  readonly notice: Notice | null;
  readonly answered: number;
}

export interface Answer {
  readonly label: unknown;
  readonly timeSpentS: number;
}

const WAIT_S = 25;
const RETRY_MS = 2000;
/** A prefetched task with less time left than this is let go: it would run out while it is read. */
const LEAST_LEFT_MS = 20_000;

/**
 * An annotator's desk: the task at hand and one more, each under its own lease. Calls to the server go through here,
 * one at a time, so that no click sends an answer twice.
 */
export class Desk {
  #state: DeskState = {
    phase: 'starting',
    current: null,
    sending: false,
    problem: null,
    notice: null,
    answered: 0,
  };
  #spare: Offer | null = null;
  #fetching = false;
  #tab = '';
  readonly #owner: string;
  readonly #campaignId: string | undefined;
  readonly #heard = new Set<() => void>();
  readonly #over = new AbortController();

  constructor(owner: string, campaignId: string | undefined) {
    this.#owner = owner;
    this.#campaignId = campaignId;
  }

  readonly subscribe = (heard: () => void): (() => void) => {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  };
  readonly state = (): DeskState => this.#state;

  /** Finds what this tab, or one that was closed, still holds; otherwise asks for a task. */
  async open(): Promise<void> {
    const { tab, others } = await nameTab();
    if (this.#over.signal.aborted) return;
    this.#tab = tab;
    const isOpen = (other: string) => others.has(other);
    const elsewhere = heldByTabs(isOpen);
    const here = takeHeld(this.#owner, isOpen);
    const known = new Set([...here, ...elsewhere].map(({ assignmentId }) => assignmentId));
    const more = (await this.#heldOnServer()).filter(({ assignmentId }) => !known.has(assignmentId));
    if (this.#over.signal.aborted) return;
    const held = [...here, ...more].filter(({ campaignId }) => [undefined, campaignId].includes(this.#campaignId));
    // The task at hand is kept even where its time is up: its draft can be sent still.
    const [current, ...rest] = held;
    const spare = rest.find((offer) => isFresh(offer)) ?? null;
    if (current) {
      this.#spare = spare;
      this.#show(current, null);
    } else await this.#next();
  }

  close(): void {
    this.#over.abort();
  }

  /** Sends an answer; resolves once it is stored, or not. A second call meanwhile does nothing. */
  async submit(answer: Answer): Promise<void> {
    const { current, sending } = this.#state;
    if (!current || sending) return;
    this.#set({ sending: true, problem: null });
    const id = current.assignmentId;
    try {
      await call('POST', `/v1/assignments/${id}/annotation`, answer);
      dropDraft(id);
      this.#set({ answered: this.#state.answered + 1 });
      await this.#advance('work.sent');
    } catch (error) {
      await this.#failed(error, id);
    }
  }

  /** Gives the task at hand back. */
  async giveBack(how: 'skip' | 'report', body: Readonly<Record<string, string>>): Promise<void> {
    const { current, sending } = this.#state;
    if (!current || sending) return;
    this.#set({ sending: true, problem: null });
    const id = current.assignmentId;
    try {
      await call('POST', `/v1/assignments/${id}/${how}`, body);
      dropDraft(id);
      await this.#advance(null);
    } catch (error) {
      await this.#failed(error, id);
    }
  }

  /** Asks for more time; quietly does without where there is none. */
  async extend(): Promise<void> {
    const { current } = this.#state;
    if (!current) return;
    try {
      const { expiresAt } = (await call('POST', `/v1/assignments/${current.assignmentId}/extend`, {})) as {
        expiresAt: string;
      };
      if (this.#state.current?.assignmentId !== current.assignmentId) return;
      this.#set({ current: { ...current, expiresAt }, notice: 'work.extended' });
      this.#keep();
    } catch {
      // The countdown says what happens when the time is up.
    }
  }

  async #failed(error: unknown, assignmentId: string): Promise<void> {
    const problem = asProblem(error);
    // Answered in another tab, or before the page was left; or given to somebody else.
    const gone = ['conflict', 'lease_foreign', 'lease_expired', 'not_found', 'already_answered', 'campaign_closed'];
    if (gone.includes(problem.code)) {
      dropDraft(assignmentId);
      await this.#advance(
        problem.code === 'conflict' || problem.code === 'already_answered' ? 'work.already' : 'work.gone',
      );
    } else this.#set({ sending: false, problem });
  }

  async #advance(notice: Notice | null): Promise<void> {
    const spare = this.#spare;
    this.#spare = null;
    if (spare && isFresh(spare)) return this.#show(spare, notice);
    this.#set({ notice });
    await this.#next();
  }

  #show(offer: Offer, notice: Notice | null): void {
    this.#set({ phase: 'working', current: offer, sending: false, problem: null, notice });
    this.#keep();
    void this.#prefetch();
  }

  /** Waits for a task, through time-outs and lost connections, until there is one or the page is left. */
  async #next(): Promise<void> {
    const { signal } = this.#over;
    let waitS = 0;
    while (!signal.aborted) {
      try {
        const offer = await this.#ask(waitS);
        if (offer) return this.#show(offer, this.#state.notice);
        this.#set({ phase: 'waiting', current: null, sending: false, problem: null });
        this.#keep();
        waitS = WAIT_S;
      } catch (error) {
        if (signal.aborted) return;
        const problem = asProblem(error);
        const refused = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
        this.#set({ phase: refused ? 'refused' : this.#state.phase, sending: false, problem });
        if (refused) return;
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #prefetch(): Promise<void> {
    if (this.#spare !== null || this.#fetching || this.#over.signal.aborted) return;
    this.#fetching = true;
    try {
      const offer = await this.#ask(0);
      // Whoever holds as many as they may gets what they hold already.
      if (offer && offer.assignmentId !== this.#state.current?.assignmentId) {
        this.#spare = offer;
        this.#keep();
      }
    } catch {
      // Asked for again when it is wanted.
    } finally {
      this.#fetching = false;
    }
  }

  /** What was begun on another device, or before this browser forgot it. */
  async #heldOnServer(): Promise<readonly Offer[]> {
    try {
      const { signal } = this.#over;
      return ((await call('GET', '/v1/me/assignments', undefined, { signal })) as { items: Offer[] }).items;
    } catch {
      return [];
    }
  }

  async #ask(waitS: number): Promise<Offer | undefined> {
    const campaign = this.#campaignId === undefined ? {} : { campaignId: this.#campaignId };
    const { signal } = this.#over;
    return (await call('POST', '/v1/assignments/next', { ...campaign, waitS }, { signal })) as Offer | undefined;
  }

  #keep(): void {
    const offers = [this.#state.current, this.#spare].filter((offer) => offer !== null);
    writeHeld(this.#tab, { owner: this.#owner, offers });
  }

  #set(change: Partial<DeskState>): void {
    this.#state = { ...this.#state, ...change };
    for (const heard of this.#heard) heard();
  }
}

const isFresh = ({ expiresAt }: Offer) => Date.parse(expiresAt) - Date.now() > LEAST_LEFT_MS;

function asProblem(error: unknown): Problem {
  return error instanceof Problem
    ? error
    : new Problem(0, 'unknown', error instanceof Error ? error.message : String(error));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
