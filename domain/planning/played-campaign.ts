import { REFIT_GROWTH } from '../aggregation/crowd/learnt-crowd.ts';
import { CROWD_RULE, chooseByCrowd } from '../aggregation/crowd/live-decision.ts';
import { aggregateTask } from '../aggregation/decide.ts';
import type { DueDecision, Heard, TaskOutcome, Unheard } from '../annotation-task.ts';
import type { CampaignMemory } from '../campaign.ts';
import { leastMicros } from '../money.ts';
import { assess } from '../quality/assess.ts';
import { applyStanding, newStanding, qualityScore, type StandingState } from '../quality/standing.ts';
import { furtherAnswersAreIdle } from '../redundancy/idle-answers.ts';
import { type Rng, seededRng } from '../rng.ts';
import { DEFAULT_GOLD_FLOOR, goldRatioFor, wantsGold } from '../routing.ts';
import { type EscalationStep, highestPriceMicros, raisedMicros } from '../task-policy.ts';
import { classification } from '../tasks/classification.ts';
import type { CampaignAssumptions, CrowdAssumptions } from './assumptions.ts';
import { BUSY, type Roster } from './calendar.ts';
import { drawTruth, drawWrong } from './classes.ts';
import { type CrowdAnswer, choiceKeys, type Learning } from './knowledge.ts';
import type { Option } from './options.ts';
import { type Answering, JUDGE, meanSeconds } from './people.ts';
import { createSlotQueue } from './slot-queue.ts';

/** What a campaign's workflows are told. */
export type PlayedMessage =
  | { readonly kind: 'start' | 'settled'; readonly taskId: string }
  | { readonly kind: 'answered'; readonly taskId: string; readonly annotationId: string };

/** What an annotator was given: a slot of a task, or a gold. */
export interface PlayedLease {
  readonly annotator: number;
  readonly truth: number;
  readonly lure: number;
  readonly ease: number;
  readonly priceMicros: bigint;
  readonly slot?: { readonly of: Slot; readonly fence: number };
}

interface Item {
  readonly id: string;
  readonly truth: number;
  /** The wrong choice that many fall for. */
  readonly lure: number;
  readonly ease: number;
}

interface Task extends Item {
  readonly slots: Slot[];
  /** Who has ever held one of them. */
  readonly met: Set<number>;
  /** Those that count. */
  readonly answers: Answer[];
  /** How many people have given, late ones among them. */
  given: number;
  state: 'open' | TaskOutcome;
  label: string | undefined;
  priority: number;
  priceMicros: bigint;
  escalations: number;
  reservedMicros: bigint;
  /** Its answers did not decide it, and what comes of that was not asked for yet. */
  undecided: boolean;
}

interface Slot {
  readonly task: Task;
  state: 'open' | 'leased' | 'filled' | 'closed';
  /** Raised by each lease: an answer under an older one comes late. */
  fence: number;
}

interface Given extends CrowdAnswer {
  readonly annotationId: string;
  /** What it was assessed with. */
  score?: number;
}

interface Answer extends Given {
  readonly seconds: number;
  readonly priceMicros: bigint;
}

interface Annotator {
  answered: number;
  /** By golds, by the rules of real ones. */
  standing: StandingState;
}

/** A task that is not played: whoever comes next answers it at once. */
interface Unplayed {
  readonly truth: number;
  readonly answers: readonly Given[];
}

/** Of tasks that are not played, so many are answered: enough to know those who answer, and what they are right in. */
const SAMPLED_BEYOND = 300;
/** After so many assignments more it is decided who is not good enough: ten golds, and of some twenty more. */
const TURNS_BEYOND = 150;
/** Whoever is not at work in so many hours is taken to do as much as others. */
const HOURS_BEYOND = 60 * 24;
const PRIORITY = { usual: 1, highest: 4 } as const;

export type PlayedCampaign = ReturnType<typeof openPlayedCampaign>;

/**
 * The database of a campaign that is only played, in memory: its pool, slots, leases, answers, decisions and money, with
 * the messages that its outbox would hold. What its workflows ask for answers as their activities do: asked again, nothing
 * happens twice. Answers are assessed and tasks decided by the code that does so for real ones. Truths and ease are drawn.
 */
export function openPlayedCampaign(
  given: {
    readonly option: Option;
    readonly campaign: CampaignAssumptions;
    readonly crowd: CrowdAssumptions;
    /** How many tasks are played. */
    readonly tasks: number;
    readonly learning: Learning;
    readonly answering: Answering;
    readonly newRoster: () => Roster;
  },
  rng: Rng,
) {
  const { option, campaign, crowd, learning, answering, newRoster } = given;
  const { policy, redundancyPolicy, leastGainPerUsd = 0, quality } = option;
  const limits = { minGolds: quality.goldMinSeen, minAccuracy: quality.goldMinAccuracy };
  const worth = { ...policy, redundancyPolicy, leastGainPerUsd, priceMicros: campaign.priceMicros.toString() };
  const { goldRatio, goldFloor = DEFAULT_GOLD_FLOOR.golds, goldItems = Number.POSITIVE_INFINITY } = campaign;
  const floor = { ...DEFAULT_GOLD_FLOOR, golds: goldFloor };
  const keys = choiceKeys(crowd.choices);
  const itemOf = (id: string, truth: number, dice: Rng): Item => {
    const lure = crowd.classes ? drawWrong(truth, crowd, dice) : (truth + 1) % crowd.choices;
    return { id, truth, lure, ease: crowd.easeSd * dice.normal() };
  };
  const tasks = Array.from({ length: given.tasks }, (_, at): Task => {
    const { priceMicros } = campaign;
    const opened = {
      state: 'open' as const,
      label: undefined,
      undecided: false,
      given: 0,
      escalations: 0,
      reservedMicros: 0n,
    };
    const lists = { slots: [], met: new Set<number>(), answers: [] };
    return {
      ...itemOf(`t${at}`, drawTruth(crowd, rng), rng),
      ...lists,
      ...opened,
      priceMicros,
      priority: PRIORITY.usual,
    };
  });
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const goldDice = seededRng(rng.int(2 ** 32));
  const golds: Item[] = [];
  const goldAnswers: CrowdAnswer[] = [];
  const annotators = Array.from({ length: campaign.annotators }, newAnnotator);
  const queue = createSlotQueue<Slot>(({ task }) => task.priority);
  const messages: PlayedMessage[] = [];
  const rounds = new Map<number, string[]>();
  const money = { reservedMicros: 0n, peopleMicros: 0n, judgeMicros: 0n };
  const counts = { begun: 0, answers: 0, judged: 0, late: 0, golds: 0, settled: 0 };
  const later = new Set(tasks.slice(Math.floor(tasks.length / 2)));
  const beyond = {
    tasks: campaign.tasks - given.tasks,
    isBegun: false,
    hour: 0,
    sample: [] as Unplayed[],
    answers: 0,
    golds: 0,
  };
  const rosterBeyond = newRoster();
  const turns = Array.from({ length: campaign.annotators }, () => ({ looked: 0, unlooked: 0 }));
  const beyondDice = beyond.tasks > 0 ? seededRng(rng.int(2 ** 32)) : rng;
  let chosen = 0;
  /** Answers that count, golds among them. */
  let counted = 0;
  let isOver = false;

  function taskOf(taskId: string): Task {
    const task = byId.get(taskId);
    if (!task) throw new Error(`There is no task ${taskId}.`);
    return task;
  }

  function addSlots(task: Task, toRedundancy: number): void {
    while (task.slots.length < toRedundancy) {
      const slot: Slot = { task, state: 'open', fence: 0 };
      task.slots.push(slot);
      queue.add(slot);
    }
  }

  function closeSlots(task: Task): void {
    for (const slot of task.slots) {
      if (slot.state === 'open') queue.remove(slot);
      if (slot.state !== 'filled') slot.state = 'closed';
    }
  }

  function leaseOf(slot: Slot, annotator: number, priceMicros: bigint): PlayedLease {
    queue.remove(slot);
    slot.state = 'leased';
    slot.fence += 1;
    const { truth, lure, ease, met } = slot.task;
    const people = met.size - (met.has(JUDGE) ? 1 : 0);
    if (annotator !== JUDGE && people === 0) counts.begun += 1;
    met.add(annotator);
    return { annotator, truth, lure, ease, priceMicros, slot: { of: slot, fence: slot.fence } };
  }

  function goldAt(place: number): Item {
    // Whatever is true of how many tasks, golds are given class by class.
    const another = () => itemOf(`g${golds.length}`, goldDice.int(crowd.choices), goldDice);
    while (golds.length <= place) golds.push(another());
    return golds[place] ?? another();
  }

  function gradeGold(annotator: number, choice: number, truth: number): void {
    const own = annotators[annotator];
    if (!own) return;
    const annotationId = `g${own.standing.goldTotal}`;
    goldAnswers.push({ taskId: annotationId, annotator, choice, known: truth });
    const event = { type: 'goldAnswered', annotationId, correct: choice === truth, atMs: 0, limits } as const;
    own.standing = applyStanding(own.standing, event).state;
    counted += 1;
  }

  /** Whether somebody is given work, by their golds; who is to be judged by further ones needs some. */
  function mayWork({ standing: { standing, goldTotal } }: Annotator): boolean {
    return standing === 'active' || (standing === 'recalibrating' && goldTotal < goldItems);
  }

  /** Whether the next that somebody is given is a gold. */
  function meetsGold({ answered, standing }: Annotator, u: number): boolean {
    const { goldTotal: goldsSeen } = standing;
    const share = goldRatioFor(goldRatio, standing.standing === 'recalibrating');
    const draw = { goldRatio: share, answered, goldsSeen, floor, qualityScore: qualityScore(standing), u };
    return wantsGold(draw) && goldsSeen < goldItems;
  }

  /**
   * So many answers more to tasks that are not played, by those at work in the hours that follow; of them only golds are looked
   * at, which decide who goes on, and for each annotator until it is decided. How many nobody has given in so long a time.
   */
  function goOn(answers: number): number {
    let left = answers;
    const isUndecided = (own: Annotator, at: number) => mayWork(own) && (turns[at]?.looked ?? 0) < TURNS_BEYOND;
    const anHour = Math.ceil((3600 * BUSY) / meanSeconds(crowd));
    while (left > 0 && beyond.hour < HOURS_BEYOND && annotators.some(isUndecided)) {
      const present = rosterBeyond(beyond.hour++);
      for (let turn = 0; turn < anHour && left > 0; turn++) {
        for (const at of present) {
          const [own, done] = [annotators[at], turns[at]];
          if (left === 0 || !own || !done || !mayWork(own)) continue;
          if (done.looked >= TURNS_BEYOND) {
            done.unlooked += 1;
            left -= 1;
            continue;
          }
          if (meetsGold(own, beyondDice.next())) {
            const gold = goldAt(own.standing.goldTotal);
            gradeGold(at, answering(at, gold, beyondDice), gold.truth);
            beyond.golds += 1;
          } else left -= 1;
          own.answered += 1;
          done.looked += 1;
        }
      }
    }
    return left;
  }

  /** Before the later half begins: the first half of what is not played, and some tasks out of the middle of it. */
  function playBeyond(): void {
    beyond.isBegun = true;
    const answers = Math.round((beyond.tasks / 2) * policy.redundancy);
    beyond.answers = answers - goOn(answers);
    const people = beyondDice.shuffle([...annotators.keys()].filter((at) => mayWork(annotators[at] ?? newAnnotator())));
    let next = 0;
    const most = policy.onDisagreement === 'extend' ? policy.maxRedundancy : policy.redundancy;
    const answered = (item: Item, annotator: number) => {
      const choice = answering(annotator, item, beyondDice);
      return { annotationId: `${item.id}-${annotator}`, taskId: item.id, annotator, choice };
    };
    for (let at = 0; at < Math.min(beyond.tasks, SAMPLED_BEYOND); at++) {
      const item = itemOf(`b${at}`, drawTruth(crowd, beyondDice), beyondDice);
      const answers = option.judge ? [answered(item, JUDGE)] : [];
      const mostHere = Math.min(most, people.length + answers.length);
      while (answers.length < mostHere) {
        answers.push(answered(item, people[next++ % people.length] ?? JUDGE));
        if (answers.length >= policy.redundancy && stands(judged(answers), policy.minConfidence)) break;
      }
      if (answers.length > 0) beyond.sample.push({ truth: item.truth, answers });
    }
    counted += beyond.sample.reduce((sum, { answers: { length } }) => sum + length, 0);
  }

  function pay({ annotator, priceMicros, seconds }: Pick<Answer, 'annotator' | 'priceMicros' | 'seconds'>): void {
    if (annotator === JUDGE) money.judgeMicros += priceMicros;
    else money.peopleMicros += earned(priceMicros, seconds);
  }

  function earned(mostMicros: bigint, seconds: number): bigint {
    const { hourlyMicros } = campaign;
    if (hourlyMicros === undefined) return mostMicros;
    const byTime = (hourlyMicros * BigInt(Math.round(1000 * seconds))) / 3_600_000n;
    return leastMicros(byTime, mostMicros);
  }

  /** The label of a task by its answers so far, as decisions are made in campaigns that know so much of their crowd. */
  function judged(answers: readonly Given[]) {
    const known = learning.known ?? (redundancyPolicy === 'adaptive' ? learning.strangers : undefined);
    if (answers.length === 0) return undefined;
    if (known) {
      const votes = answers.map(({ annotationId, annotator, choice, score: weight = 1 }) => {
        return { annotationId, key: keys[choice] ?? '', row: known.rowOf(annotator, choice), weight };
      });
      return chooseByCrowd(known.model, votes, CROWD_RULE);
    }
    // Until then an answer weighs what its annotator's golds say.
    const votes = answers.map(({ annotationId, annotator, choice, score = 1 }) => {
      const weight = score * qualityScore((annotators[annotator] ?? newAnnotator()).standing);
      return { annotationId, label: keys[choice] ?? '', weight };
    });
    const { label, ...result } = aggregateTask(classification, { labels: keys }, votes);
    return { ...result, key: String(label) };
  }

  function settle(task: Task, state: TaskOutcome, label: string | undefined): void {
    closeSlots(task);
    task.state = state;
    task.label = label;
    for (const answer of task.answers) pay(answer);
    money.reservedMicros -= task.reservedMicros;
    task.reservedMicros = 0n;
    counts.settled += 1;
    messages.push({ kind: 'settled', taskId: task.id });
  }

  /** Whether a task is not asked for another answer. */
  function stands(result: ReturnType<typeof judged>, minConfidence: number): boolean {
    return !!result && (result.confidence >= minConfidence || furtherAnswersAreIdle(worth, result));
  }

  function decideTask(asked: { taskId: string; minConfidence: number; acceptAny: boolean }) {
    const task = taskOf(asked.taskId);
    const result = judged(task.answers);
    const confidence = result?.confidence ?? 0;
    if (!isOpen(task)) return { settled: true, confidence };
    const settled = !!result && (asked.acceptAny || stands(result, asked.minConfidence));
    if (settled) settle(task, 'decided', result.key);
    task.undecided = !settled;
    return { settled, confidence };
  }

  const isRight = ({ label, truth }: Task) => label === keys[truth];

  function learn(growth: number): void {
    const given = () => [...tasks, ...beyond.sample].flatMap(({ answers }) => answers);
    learning.look(counted, growth, () => [...given(), ...goldAnswers]);
  }

  return {
    messages,
    money: money as Readonly<typeof money>,
    /** Answers: of people to tasks, of judges, those that came late, and golds; and how many tasks have settled. */
    counts: counts as Readonly<typeof counts>,
    isOver: () => isOver,
    hasEnded: (taskId: string) => !isOpen(taskOf(taskId)),
    /** Whether a task's workflow has ended, or has asked for all that follows from the answers there are. */
    isAtRest(taskId: string): boolean {
      const task = taskOf(taskId);
      return !isOpen(task) || (!task.undecided && task.answers.every(({ score }) => score !== undefined));
    },
    /** Whether there is no task left that no annotator has begun; a judge's answer is no beginning. */
    allBegun: () => counts.begun === tasks.length,
    /** Tasks whose label is the right one. */
    right: () => countOf(tasks, isRight),
    unresolved: () => countOf(tasks, ({ state }) => state === 'unresolved'),
    /** Answers by annotator, golds apart. */
    workBy: () => annotators.map(({ answered, standing: { goldTotal } }) => answered - goldTotal),
    /** Of the later half of the tasks: how many there are, whose label is right, and the answers of people to them. */
    later() {
      const own = [...later];
      const answers = own.reduce((sum, { given }) => sum + given, 0);
      return { tasks: own.length, right: countOf(own, isRight), answers };
    },

    /**
     * What becomes of the tasks that are not played, to which people give so many answers: the golds that are met beside them, by
     * annotator the answers for which none were looked for and how often they have a turn in all (any number of times, where golds
     * do not stop them), and of the tasks that were sampled how many are right.
     */
    beyond(answers: number) {
      const left = goOn(Math.max(0, answers - beyond.answers));
      const each = left / Math.max(1, countOf(annotators, mayWork));
      const unlooked = annotators.map((own, at) => (turns[at]?.unlooked ?? 0) + (mayWork(own) ? each : 0));
      const gone = annotators.map((own, at) => (mayWork(own) ? Number.POSITIVE_INFINITY : (turns[at]?.looked ?? 0)));
      const right = countOf(beyond.sample, (task) => judged(task.answers)?.key === keys[task.truth]);
      return { golds: beyond.golds, unlooked, turns: gone, tasks: beyond.sample.length, right };
    },

    // What its workflows ask for.

    selectBatch(asked: { round: number; count: number }): { taskIds: string[]; blocked: CampaignMemory['blocked'] } {
      const before = rounds.get(asked.round);
      if (before) return { taskIds: before, blocked: null };
      const batch = tasks.slice(chosen, chosen + asked.count);
      if (batch.length === 0) return { taskIds: [], blocked: 'pool_empty' };
      chosen += batch.length;
      for (const task of batch) {
        task.reservedMicros = BigInt(policy.maxRedundancy) * highestPriceMicros(task.priceMicros, policy.escalation);
        money.reservedMicros += task.reservedMicros;
        addSlots(task, policy.redundancy);
        messages.push({ kind: 'start', taskId: task.id });
      }
      const taskIds = batch.map(({ id }) => id);
      rounds.set(asked.round, taskIds);
      return { taskIds, blocked: null };
    },

    assessAnswers(asked: { taskId: string; annotationIds: readonly string[]; due?: DueDecision }) {
      const { taskId, annotationIds, due } = asked;
      const given = taskOf(taskId).answers.filter(({ annotationId }) => annotationIds.includes(annotationId));
      for (const answer of given) {
        const { goldTotal: goldSeen, goldCorrect } = (annotators[answer.annotator] ?? newAnnotator()).standing;
        answer.score ??= assess({ timeSpentS: answer.seconds, goldSeen, goldCorrect }, quality).score;
      }
      const countedIds = given.map(({ annotationId }) => annotationId);
      if (!due || countedIds.length < due.missing) return { countedIds };
      return { countedIds, tried: decideTask({ taskId, ...due }) };
    },

    decideTask,

    closeTask(asked: { taskId: string; outcome: 'unresolved' | 'cancelled'; heard?: Heard }): Unheard | undefined {
      const task = taskOf(asked.taskId);
      if (!isOpen(task)) return undefined;
      const unheard = besides(task, asked.heard);
      if (!unheard) settle(task, asked.outcome, undefined);
      return unheard;
    },

    addSlots(asked: { taskId: string; toRedundancy: number }): { refused?: string } {
      const task = taskOf(asked.taskId);
      if (!isOpen(task)) return { refused: 'The task takes no more answers.' };
      task.undecided = false;
      addSlots(task, asked.toRedundancy);
      return {};
    },

    escalateTask(asked: { taskId: string; step: EscalationStep; number: number; heard?: Heard }): {
      refused?: string;
      unheard?: Unheard;
    } {
      const { step, number } = asked;
      const task = taskOf(asked.taskId);
      if (!isOpen(task)) return { refused: 'The task is not open any more.' };
      const unheard = besides(task, asked.heard);
      if (unheard) return { unheard };
      task.undecided = false;
      if (task.escalations > number) return {};
      task.escalations = number + 1;
      switch (step.step) {
        case 'raise_priority':
          if (task.priority >= PRIORITY.highest) return { refused: 'The priority is the highest already.' };
          task.priority += 1;
          queue.reorder();
          return {};
        case 'raise_pay':
          task.priceMicros = raisedMicros(task.priceMicros, step.by);
          return {};
        case 'adjudicate':
          // An expert rules at once, and rightly.
          settle(task, 'adjudicated', keys[task.truth]);
          return {};
        case 'widen_tier':
        case 'next_workforce':
        case 'give_up':
          return { refused: 'All annotators of a plan are asked already.' };
      }
    },

    fitModel(): void {
      // Where any label is accepted, how sure one is decides nothing, and all are judged anew in the end.
      if (policy.onDisagreement !== 'accept') learn(REFIT_GROWTH);
    },

    /** Judges the decided tasks once more, by what is known of the crowd in the end. */
    reviseDecisions(): { judged: number; revised: number } {
      learn(1);
      const decided = learning.known ? tasks.filter(({ state }) => state === 'decided') : [];
      const otherwise = decided.filter((task) => {
        const before = task.label;
        task.label = judged(task.answers)?.key;
        return task.label !== before;
      });
      return { judged: decided.length, revised: otherwise.length };
    },

    endCampaign(): void {
      isOver = true;
    },

    findEnded: ({ taskIds }: { taskIds: readonly string[] }) => taskIds.filter((id) => !isOpen(taskOf(id))),

    // What its annotators do.

    /** Gives an annotator the first open slot of a task they have not met, or a gold in its place; else nothing. */
    lease(annotator: number, u: () => number): PlayedLease | undefined {
      const own = annotators[annotator];
      const slot = queue.first(({ task }) => !task.met.has(annotator));
      if (!own || !slot) return undefined;
      if (beyond.tasks > 0 && !beyond.isBegun && later.has(slot.task)) playBeyond();
      if (!mayWork(own)) return undefined;
      const { priceMicros } = slot.task;
      if (meetsGold(own, u())) return { annotator, priceMicros, ...goldAt(own.standing.goldTotal) };
      return leaseOf(slot, annotator, priceMicros);
    },

    /** Gives the judge a slot of a task. */
    leaseForJudge(taskId: string, priceMicros: bigint): PlayedLease | undefined {
      const slot = queue.first(({ task }) => task.id === taskId);
      return slot && leaseOf(slot, JUDGE, priceMicros);
    },

    /** A lease has run out: its slot goes to the queue's end. */
    expire({ slot }: PlayedLease): void {
      if (slot?.of.state !== 'leased' || slot.of.fence !== slot.fence) return;
      slot.of.state = 'open';
      queue.add(slot.of);
    },

    /**
     * Takes an answer. It counts if its lease is the slot's newest, or nobody has taken the slot since; else it is honest
     * work that came late, and paid.
     */
    submit(lease: PlayedLease, { answer: choice, seconds }: { answer: number; seconds: number }): void {
      const { annotator, truth, priceMicros, slot } = lease;
      const own = annotators[annotator];
      if (own) own.answered += 1;
      if (!slot) {
        gradeGold(annotator, choice, truth);
        counts.golds += 1;
        pay({ ...lease, seconds });
        return;
      }
      const { of, fence } = slot;
      if (annotator === JUDGE) counts.judged += 1;
      else {
        counts.answers += 1;
        of.task.given += 1;
      }
      if (of.state !== 'open' && (of.state !== 'leased' || of.fence !== fence)) {
        counts.late += 1;
        pay({ ...lease, seconds });
        return;
      }
      if (of.state === 'open') queue.remove(of);
      of.state = 'filled';
      counted += 1;
      const { id: taskId, answers } = of.task;
      const annotationId = `${taskId}-${answers.length}`;
      answers.push({ annotationId, taskId, annotator, choice, seconds, priceMicros });
      messages.push({ kind: 'answered', taskId, annotationId });
    },
  };
}

/** Answers that its workflow has not heard of; nothing that is played pauses. */
function besides({ answers }: Task, heard: Heard | undefined): Unheard | undefined {
  const ids = answers.map(({ annotationId }) => annotationId).filter((id) => !heard?.annotationIds.includes(id));
  return heard && ids.length > 0 ? { annotationIds: ids, clock: [] } : undefined;
}

function countOf<T>(tasks: readonly T[], which: (task: T) => boolean): number {
  return tasks.reduce((sum, task) => sum + (which(task) ? 1 : 0), 0);
}

function isOpen({ state }: Task): boolean {
  return state === 'open';
}

function newAnnotator(): Annotator {
  return { answered: 0, standing: newStanding(0) };
}
