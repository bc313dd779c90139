import { call, Problem } from '../api/client';
import { serverNow } from '../api/clock';
import type { Offer } from '../api/types';
import { beforeSignOut } from '../auth/session';
import { type Answer, type Given, LastAnswer } from './last-answer';
import { asProblem, goneNotice, holdMs, isForeign, isFresh, isGone, isRefusal, type Notice, pause } from './outcome';
import { dropDraft, dropHeld, heldByClosed, heldByTabs, readDraft, setAside, writeHeld } from './storage';
import { nameTab, openTabs } from './tabs';

export interface DeskState {
  readonly phase: 'starting' | 'working' | 'waiting' | 'refused';
  readonly current: Offer | null;
  readonly sending: boolean;
  /** What went wrong last, in words; null once something works again. */
  readonly problem: Problem | null;
  readonly notice: Notice | null;
  readonly answered: number;
  /** Whether the answer given last can still be taken back. */
  readonly canUndo: boolean;
  /** Whether the task at hand has had the longest time there is. */
  readonly noMore: boolean;
}

const WAIT_S = 25;
const RETRY_MS = 2000;

const hasDraft = ({ assignmentId }: Offer): boolean => readDraft(assignmentId) !== undefined;
/** Even where its time is up: a draft can be sent still. */
const isWanted = (offer: Offer): boolean => isFresh(offer) || hasDraft(offer);

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
    canUndo: false,
    noMore: false,
  };
  #spares: Offer[] = [];
  /** Begun at closed desks for other campaigns: kept for when they are open again. */
  #elsewhere: Offer[] = [];
  #fetching = false;
  #tab = '';
  #leaveTab: () => void = () => undefined;
  #stay: () => void = () => undefined;
  readonly #last = new LastAnswer({ deliver: (given) => this.#deliver(given), due: () => void this.#flush() });
  readonly #owner: string;
  readonly #campaignId: string | undefined;
  readonly #onForeign: () => void;
  readonly #heard = new Set<() => void>();
  /** Nobody is at the desk any more ... */
  readonly #over = new AbortController();
  /** ... and all that was given there is sent. */
  readonly #done = new AbortController();

  /** `onForeign` is called where the server takes the desk for somebody else's. */
  constructor(owner: string, campaignId: string | undefined, onForeign: () => void) {
    this.#owner = owner;
    this.#campaignId = campaignId;
    this.#onForeign = onForeign;
  }

  readonly subscribe = (heard: () => void): (() => void) => {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  };
  readonly state = (): DeskState => this.#state;

  /** Finds what this tab, or one that was closed, still holds; otherwise asks for a task. */
  async open(): Promise<void> {
    const { tab, leave } = await nameTab();
    if (this.#over.signal.aborted) return leave();
    this.#tab = tab;
    this.#leaveTab = leave;
    this.#stay = beforeSignOut(() => this.#sendBeforeSignOut());
    const { signal } = this.#done;
    window.addEventListener('pagehide', () => this.#sendOnTheWayOut(), { signal });
    // A phone ends a page that is out of sight without a word.
    const hidden = () => {
      if (document.hidden) void this.#flush();
    };
    document.addEventListener('visibilitychange', hidden, { signal });
    if (!(await this.#takeOver())) await this.#next();
  }

  /** Shows what closed tabs, another device or a reload left open, where there is anything; true also once the desk is left. */
  async #takeOver(): Promise<boolean> {
    const open = await openTabs();
    if (this.#over.signal.aborted) return true;
    const isOther = (tab: string) => tab !== this.#tab && open.has(tab);
    const elsewhere = [...heldByTabs(isOther), ...this.#elsewhere];
    const { offers, given, tabs } = heldByClosed(this.#owner, (tab) => tab === this.#tab || open.has(tab));
    this.#last.add(given);
    // Here before it is gone there: this tab, too, may be closed before all is sent.
    if (this.#keepAs([...this.#elsewhere, ...offers])) tabs.forEach(dropHeld);
    const here = [...(given.length > 0 ? await this.#sendLeftBehind() : []), ...offers];
    const known = new Set([...here, ...elsewhere].map(({ assignmentId }) => assignmentId));
    for (const { offer } of this.#last.given) known.add(offer.assignmentId);
    const more = (await this.#heldOnServer()).filter(({ assignmentId }) => !known.has(assignmentId));
    if (this.#over.signal.aborted) return true;
    const all = [...here, ...more];
    const isOurs = ({ campaignId }: Offer) => [undefined, campaignId].includes(this.#campaignId);
    this.#elsewhere.push(...all.filter((offer) => !isOurs(offer) && hasDraft(offer)));
    // The task at hand is kept even where its time is up: its draft can be sent still.
    const [current, ...rest] = all.filter(isOurs);
    if (!current) return false;
    const fresh = rest.find(isFresh);
    this.#spares.push(...rest.filter((offer) => offer === fresh || hasDraft(offer)));
    // Meanwhile an answer may have been taken back.
    if (this.#state.current) this.#spares.unshift(current);
    else this.#show(current, this.#state.notice);
    return true;
  }

  /** Nobody signs out, and no other tab takes over, before what was given here is sent. */
  close(): void {
    this.#over.abort();
    void this.#flush();
  }

  #leaveOnceDone(): void {
    if (!this.#over.signal.aborted || this.#last.given.length > 0) return;
    this.#done.abort();
    this.#stay();
    this.#leaveTab();
  }

  /** Takes an answer and shows the next task; it is sent a moment later. A second call meanwhile does nothing. */
  async submit(answer: Answer): Promise<void> {
    const { current, sending } = this.#state;
    if (!current || sending) return;
    this.#set({ sending: true, problem: null });
    // One answer at a time: the one before this goes first.
    if (!(await this.#flush())) return this.#set({ sending: false });
    this.#last.keep({ offer: current, answer }, holdMs(current));
    this.#set({ canUndo: true });
    await this.#advance('work.held');
  }

  /** Shows the task answered last again, with its answer as a draft, while that has not been sent. */
  undo(): void {
    // While the task at hand is on its way back, the one that follows it is not known yet.
    if (this.#state.sending && this.#state.current) return;
    const given = this.#last.takeBack();
    if (!given) return;
    const { current } = this.#state;
    if (current) this.#spares.unshift(current);
    this.#set({ canUndo: false });
    this.#show(given.offer, 'work.undone');
  }

  /** Gives the task at hand back. */
  async giveBack(how: 'skip' | 'report', body: Readonly<Record<string, string>>): Promise<void> {
    const { current, sending } = this.#state;
    if (!current || sending) return;
    this.#set({ sending: true, problem: null });
    const id = current.assignmentId;
    let notice: Notice | null = null;
    let isTheirs = false;
    try {
      await call('POST', `/v1/assignments/${id}/${how}`, body);
    } catch (error) {
      const problem = asProblem(error);
      if (!isGone(problem) && !isForeign(problem)) return this.#set({ sending: false, problem });
      notice = goneNotice(problem);
      isTheirs = isForeign(problem);
    }
    if (isTheirs) this.#onForeign();
    else dropDraft(id);
    // An answer that was refused meanwhile has come back, and this one has become a spare.
    this.#spares = this.#spares.filter(({ assignmentId }) => assignmentId !== id);
    if (this.#state.current?.assignmentId === id) await this.#advance(notice);
    else this.#keep();
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
      // A lease has a longest time, and at its end there is no more of it.
      const grew = Date.parse(expiresAt) > Date.parse(current.expiresAt);
      this.#set({ current: { ...current, expiresAt }, noMore: !grew, ...(grew ? { notice: 'work.extended' } : {}) });
      this.#keep();
    } catch {
      // The countdown says what happens when the time is up.
    }
  }

  /** Sends what was given, where there is anything; false where the server does not have it. */
  async #flush(): Promise<boolean> {
    try {
      await this.#last.flush();
      this.#set({ canUndo: false });
      this.#keep();
      this.#leaveOnceDone();
      return true;
    } catch (error) {
      const problem = asProblem(error);
      const given = isRefusal(problem) ? this.#last.takeFailed() : null;
      if (given) {
        // What the server will not have comes back to be put right.
        const { current } = this.#state;
        if (current) this.#spares.unshift(current);
        this.#set({ canUndo: false });
        this.#show(given.offer, null);
        this.#leaveOnceDone();
      }
      if (this.#last.given.length > 0) this.#last.retry(RETRY_MS);
      this.#set({ sending: false, problem });
      return false;
    }
  }

  async #deliver(given: Given): Promise<void> {
    const { offer, answer } = given;
    const { assignmentId } = offer;
    try {
      await call('POST', `/v1/assignments/${assignmentId}/annotation`, answer);
      this.#set({ answered: this.#state.answered + 1, canUndo: false, problem: null, notice: 'work.sent' });
    } catch (error) {
      const problem = asProblem(error);
      if (isForeign(problem)) {
        setAside(this.#owner, given, serverNow());
        return this.#onForeign();
      }
      if (!isGone(problem)) throw problem;
      this.#set({ notice: goneNotice(problem) });
    }
    dropDraft(assignmentId);
  }

  /** What closed tabs had not sent. Where the server will not have it, its task comes back. */
  async #sendLeftBehind(): Promise<Offer[]> {
    const back: Offer[] = [];
    while (this.#last.given.length > 0) {
      try {
        await this.#last.flush();
      } catch (error) {
        const refused = isRefusal(asProblem(error)) ? this.#last.takeFailed() : null;
        if (refused) back.push(refused.offer);
        else {
          this.#last.retry(RETRY_MS);
          break;
        }
      }
    }
    return back;
  }

  /** Afterwards nobody may send it. Throws where the server does not have it. */
  async #sendBeforeSignOut(): Promise<void> {
    if (await this.#flush()) return;
    throw this.#state.problem ?? new Problem(0, 'unknown', 'The last answer could not be sent.');
  }

  /** The page goes: the browser may still send this, and what it does not send is sent when the page is opened again. */
  #sendOnTheWayOut(): void {
    for (const { offer, answer } of this.#last.given) {
      const path = `/v1/assignments/${offer.assignmentId}/annotation`;
      call('POST', path, answer, { keepalive: true }).catch(() => undefined);
    }
  }

  async #advance(notice: Notice | null): Promise<void> {
    const [spare, ...rest] = this.#spares.filter(isWanted);
    this.#spares = rest;
    if (spare) return this.#show(spare, notice);
    this.#set({ notice, current: null, phase: 'starting' });
    this.#keep();
    await this.#next();
  }

  #show(offer: Offer, notice: Notice | null): void {
    this.#set({ phase: 'working', current: offer, sending: false, problem: null, notice, noMore: false });
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
        // With one task at a time, the next one comes once the answer to this one is there.
        if (offer && this.#last.has(offer.assignmentId)) {
          await this.#flush();
          continue;
        }
        // Meanwhile an answer may have been taken back.
        if (this.#state.current) return this.#spareOf(offer);
        if (offer) return this.#show(offer, this.#state.notice);
        // A tab that was closed meanwhile may have left one; without locks none is known to be closed.
        if (navigator.locks && (await this.#takeOver())) return;
        this.#set({ phase: 'waiting', current: null, sending: false, problem: null });
        this.#keep();
        waitS = WAIT_S;
      } catch (error) {
        if (signal.aborted || this.#state.current) return;
        const problem = asProblem(error);
        const refused = isRefusal(problem);
        this.#set({ phase: refused ? 'refused' : this.#state.phase, sending: false, problem });
        if (refused) return;
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #prefetch(): Promise<void> {
    if (this.#spares.length > 0 || this.#fetching || this.#over.signal.aborted) return;
    this.#fetching = true;
    try {
      this.#spareOf(await this.#ask(0));
    } catch {
      // Asked for again when it is wanted.
    } finally {
      this.#fetching = false;
    }
  }

  #spareOf(offer: Offer | undefined): void {
    if (!offer || this.#last.has(offer.assignmentId)) return;
    // Whoever holds as many as they may gets what they hold already; and what ran out comes again where nobody took it.
    const { current } = this.#state;
    if (current?.assignmentId === offer.assignmentId)
      this.#set({ current: { ...current, expiresAt: offer.expiresAt } });
    else this.#spares = [...this.#spares.filter(({ assignmentId }) => assignmentId !== offer.assignmentId), offer];
    this.#keep();
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
    const offers = [this.#state.current, ...this.#spares, ...this.#elsewhere].filter((offer) => offer !== null);
    this.#keepAs(offers);
  }

  #keepAs(offers: readonly Offer[]): boolean {
    const held = { owner: this.#owner, offers, given: this.#last.given, savedAtMs: serverNow() };
    return writeHeld(this.#tab, held);
  }

  #set(change: Partial<DeskState>): void {
    this.#state = { ...this.#state, ...change };
    for (const heard of this.#heard) heard();
  }
}
