import { type Rng, seededRng } from '../rng.ts';
import { createAgenda } from './agenda.ts';
import type { CampaignAssumptions, CrowdAssumptions } from './assumptions.ts';
import { BUSY, HOUR_MS, type Roster } from './calendar.ts';
import { type Answering, JUDGE, secondsOf } from './people.ts';
import type { PlayedCampaign, PlayedLease } from './played-campaign.ts';

/** How long an annotator holds a task, as in campaigns that say nothing else. */
const LEASE_MS = 30 * 60 * 1000;
/** Of the tasks an annotator begins, those they leave lying: the lease runs out, and somebody else is asked. */
export const LAPSES = 0.02;
const JUDGE_MS = 2000;

type Event =
  | { readonly is: 'done'; readonly lease: PlayedLease; readonly given?: { answer: number; seconds: number } }
  | { readonly is: 'expired'; readonly lease: PlayedLease };

export interface PlayedCrowd {
  /** When the next of its events is; before that, whoever is at work and has nothing to do looks for work. */
  nextAtMs(): number;
  /** Carries out the next event. */
  happen(): void;
  /** Time passes without one. */
  waitUntil(atMs: number): void;
  nowMs(): number;
  /** When the last task was begun; infinite before that. */
  lastBegunMs(): number;
  /** A task's slots were opened: a judge, where there is one, answers first. */
  started(taskId: string): void;
}

/**
 * The annotators of a campaign that is only played: they come at their hours, take what the queue gives them, need their
 * time and answer as their skill and the task's ease will have it. Each has random numbers of their own, so that what
 * one does changes nothing for the others.
 */
export function createPlayedCrowd(
  database: PlayedCampaign,
  given: {
    readonly campaign: CampaignAssumptions;
    readonly crowd: CrowdAssumptions;
    readonly answering: Answering;
    readonly newRoster: () => Roster;
    readonly judges: boolean;
    readonly lapses?: number;
  },
  rng: Rng,
): PlayedCrowd {
  const { campaign, crowd, answering, newRoster, judges, lapses = LAPSES } = given;
  const { leaseMs = LEASE_MS } = campaign;
  const roster = newRoster();
  const dice = Array.from({ length: campaign.annotators }, () => seededRng(rng.int(2 ** 32)));
  const judge = campaign.judge && {
    dice: seededRng(rng.int(2 ** 32)),
    priceMicros: campaign.judge.priceMicros,
  };
  const agenda = createAgenda<Event>();
  const busy = new Set<number>();
  let atWork: readonly number[] = [];
  let hour = 0;
  let nowMs = 0;
  let lastBegunMs = Number.POSITIVE_INFINITY;

  function callIn(): void {
    for (const annotator of atWork) {
      const own = dice[annotator];
      if (!own || busy.has(annotator)) continue;
      const lease = database.lease(annotator, own.next);
      if (!lease) continue;
      busy.add(annotator);
      if (database.allBegun()) lastBegunMs = Math.min(lastBegunMs, nowMs);
      const seconds = secondsOf(crowd, own);
      const answer = answering(annotator, lease, own);
      const lapsed = own.next() < lapses;
      const lastsMs = (1000 * seconds) / BUSY;
      agenda.note(nowMs + lastsMs, { is: 'done', lease, ...(lapsed ? {} : { given: { answer, seconds } }) });
      if (lapsed || lastsMs > leaseMs) agenda.note(nowMs + leaseMs, { is: 'expired', lease });
    }
  }

  return {
    nextAtMs() {
      if (hour > 0) callIn();
      return Math.min(agenda.next()?.atMs ?? Number.POSITIVE_INFINITY, hour * HOUR_MS);
    },

    happen() {
      const next = agenda.next();
      if (!next || hour * HOUR_MS <= next.atMs) {
        nowMs = hour * HOUR_MS;
        atWork = roster(hour++);
        return;
      }
      agenda.take();
      nowMs = next.atMs;
      const { what } = next;
      if (what.is === 'expired') database.expire(what.lease);
      else {
        busy.delete(what.lease.annotator);
        if (what.given) database.submit(what.lease, what.given);
      }
    },

    waitUntil(atMs) {
      nowMs = Math.max(nowMs, atMs);
    },

    nowMs: () => nowMs,
    lastBegunMs: () => lastBegunMs,

    started(taskId) {
      const lease = judges && judge ? database.leaseForJudge(taskId, judge.priceMicros) : undefined;
      if (!lease || !judge) return;
      const answer = answering(JUDGE, lease, judge.dice);
      agenda.note(nowMs + JUDGE_MS, { is: 'done', lease, given: { answer, seconds: JUDGE_MS / 1000 } });
    },
  };
}
