import type { AnnotationToAssess } from '../db/queries/annotations.ts';
import {
  ownAnswerTo,
  type RecentAnswer,
  recentAnswersOf,
  sampleAnswers,
  textsBefore,
} from '../db/queries/recent-answers.ts';
import { asShown, type ShownAnswer } from '../domain/quality/as-shown.ts';
import { contradiction, earlierAnswer, type SketchedAnswer } from '../domain/quality/contradiction.ts';
import { copiedText } from '../domain/quality/copied-text.ts';
import { learnTimes, withLearnedTimes } from '../domain/quality/learned-times.ts';
import { lowPeerAgreement } from '../domain/quality/low-peer-agreement.ts';
import { type Sketch, sketchOf } from '../domain/quality/near-duplicate.ts';
import { positionBias } from '../domain/quality/position-bias.ts';
import { type QualityRules, qualityRulesOf } from '../domain/quality/rules.ts';
import type { Signal } from '../domain/quality/signal.ts';
import { straightLining } from '../domain/quality/straight-lining.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { AnyTaskType } from '../domain/tasks/task-type.ts';
import type { Dependencies } from './dependencies.ts';

/** An annotator's answers are read again after so many of them; between, each answer joins those in memory. */
const READ_AGAIN = 10;
const WINDOWS_KEPT = 1000;
/** Letters of labels that are kept of one annotator: of long ones only the newest are. */
const WINDOW_LENGTH = 50_000;
const SAMPLES_KEPT = 100;
const SAMPLE_SIZE = 500;
const SAMPLE_MS = 30_000;
const TEXTS_COMPARED = 50;
/** Longer keys are told apart by their beginnings. */
const KEY_LENGTH = 200;

interface WindowAnswer extends SketchedAnswer<unknown> {
  readonly shown: ShownAnswer;
  readonly length: number;
}

interface Window {
  readonly answers: WindowAnswer[];
  readonly lowAgreement: Signal | undefined;
  uses: number;
}

interface Sample {
  readonly readAtMs: number;
  readonly answers: readonly { readonly annotatorId: string; readonly key: string }[];
  readonly seconds: readonly number[];
}

/** The rules that hold for an answer now, and what those that look at more than one answer found. */
export interface Patterns {
  readonly rules: QualityRules;
  readonly signals: readonly Signal[];
}

/** Looks at an answer beside its annotator's newest ones and the campaign's. */
export type PatternReader = (answer: AnnotationToAssess, settings: CampaignSettings) => Promise<Patterns>;

/**
 * Reads little: an annotator's newest answers once in ten of them, a sample of the campaign's at most every 30 s, and for
 * texts alone what others wrote. What several processes assess meets when each reads again.
 */
export function createPatternReader({ db, nowMs }: Pick<Dependencies, 'db' | 'nowMs'>): PatternReader {
  const windows = new Map<string, Window>();
  const samples = new Map<string, Promise<Sample>>();

  async function windowOf(answer: AnnotationToAssess, settings: CampaignSettings, rules: QualityRules) {
    const type = getTaskType(settings.type);
    const { annotatorId, campaignId } = answer;
    const key = `${annotatorId} ${campaignId}`;
    let window = windows.get(key);
    if (!window || window.uses >= READ_AGAIN) {
      const query = { annotatorId, campaignId, until: answer.submittedAt, limit: rules.recentAnswers };
      const recent = await recentAnswersOf(db, query);
      // What an item says does not change: nothing is sketched twice.
      const before = new Map(window?.answers.map(({ id, sketch }) => [id, sketch]));
      const answers = recent.map((each) => windowAnswer(type, each, before.get(each.id)));
      window = { answers, lowAgreement: agreementOf(type, settings, recent, rules), uses: 0 };
      keep(windows, key, window, WINDOWS_KEPT);
    }
    window.uses += 1;
    if (!window.answers.some(({ id }) => id === answer.id)) window.answers.push(windowAnswer(type, answer));
    shorten(window.answers, rules.recentAnswers);
    return window;
  }

  async function sampleOf(campaignId: string, type: AnyTaskType): Promise<Sample> {
    const known = await samples.get(campaignId);
    if (known && nowMs() - known.readAtMs < SAMPLE_MS) return known;
    const readAtMs = nowMs();
    const reading = sampleAnswers(db, { campaignId, limit: SAMPLE_SIZE }).then((rows) => ({
      readAtMs,
      answers: rows.map((row) => ({ annotatorId: row.annotatorId, key: shownOf(type, row).key })),
      seconds: rows.map((row) => row.timeSpentS).filter((each) => each !== null),
    }));
    keep(samples, campaignId, reading, SAMPLES_KEPT);
    reading.catch(() => samples.delete(campaignId));
    return reading;
  }

  async function copied(
    answer: AnnotationToAssess,
    type: AnyTaskType,
    own: Window['answers'],
    rules: QualityRules,
  ): Promise<Signal | undefined> {
    if (!rules.copiedText || type.name !== 'free_text' || typeof answer.label !== 'string') return undefined;
    const { taskId, annotatorId, submittedAt: before } = answer;
    const { payload, texts } = await textsBefore(db, { taskId, annotatorId, before, limit: TEXTS_COMPARED });
    // The same answer to the same item is no copy.
    const others = own.filter(({ id, itemHash }) => id !== answer.id && itemHash !== answer.itemHash);
    const given = {
      text: answer.label,
      source: textOf(type, payload),
      peers: texts,
      own: others.map(({ label }) => String(label)),
    };
    return copiedText(given, rules.copiedText);
  }

  return async (answer, settings) => {
    const fixed = qualityRulesOf(settings.quality);
    const type = getTaskType(settings.type);
    const { answers, lowAgreement } = await windowOf(answer, settings, fixed);
    const upTo = answers.slice(0, answers.findIndex(({ id }) => id === answer.id) + 1);
    const learned =
      fixed.learnedTimes && learnTimes((await sampleOf(answer.campaignId, type)).seconds, fixed.learnedTimes);
    const rules = withLearnedTimes(fixed, learned ?? undefined);
    const signals = [
      rules.straightLining && (await lining(answer, upTo, rules.straightLining)),
      rules.positionBias &&
        positionBias(
          upTo.flatMap(({ shown }) => shown.place ?? []),
          rules.positionBias,
        ),
      await copied(answer, type, upTo, rules),
      rules.contradiction && (await contradicts(answer, upTo, rules.contradiction)),
      lowAgreement,
    ];
    return { rules, signals: signals.filter((signal) => signal !== undefined && signal !== null) };

    /** Of an item that is shown again after days the first answer, however many came between; else one of the newest. */
    async function contradicts(
      { id, label, repeats, annotatorId }: AnnotationToAssess,
      own: Window['answers'],
      its: NonNullable<QualityRules['contradiction']>,
    ): Promise<Signal | undefined> {
      const answer = own.find((each) => each.id === id);
      if (type.name === 'free_text' || !answer) return undefined;
      const shown = repeats === null ? undefined : await ownAnswerTo(db, { taskId: repeats, annotatorId });
      const earlier = shown ?? earlierAnswer(answer, own, its);
      return contradiction(label, earlier, (a, b) => type.distance(a, b, settings.config), its);
    }

    async function lining(
      { annotatorId, campaignId }: AnnotationToAssess,
      own: Window['answers'],
      its: NonNullable<QualityRules['straightLining']>,
    ): Promise<Signal | undefined> {
      const keys = own.map(({ shown }) => shown.key);
      // Most answers end no run, and need no sample.
      const run = keys.slice(-its.minRun);
      if (run.length < its.minRun || run.some((key) => key !== run[0])) return undefined;
      const others = new Map<string, number>();
      for (const each of (await sampleOf(campaignId, type)).answers) {
        if (each.annotatorId !== annotatorId) others.set(each.key, (others.get(each.key) ?? 0) + 1);
      }
      return straightLining(keys, others, its);
    }
  };
}

/** What is needed of an answer later on; nothing of the others' answers. */
function windowAnswer(type: AnyTaskType, answer: Omit<RecentAnswer, 'peers'>, known?: Sketch): WindowAnswer {
  const { id, label, itemHash, payload } = answer;
  // Texts are never held against earlier ones: see `contradicts`.
  const none = payload === null || type.name === 'free_text';
  const sketch = none ? undefined : (known ?? sketchOf(textOf(type, payload)));
  return { id, label, itemHash, sketch, shown: shownOf(type, answer), length: type.canonical(label).length };
}

/** What an item says. */
function textOf(type: AnyTaskType, payload: unknown): string {
  const text = type.features(payload);
  return typeof text === 'string' ? text : text.join('\n');
}

function shorten(answers: WindowAnswer[], most: number): void {
  let length = answers.reduce((sum, each) => sum + each.length, 0);
  while (answers.length > most || (length > WINDOW_LENGTH && answers.length > 1)) {
    length -= answers.shift()?.length ?? 0;
  }
}

function shownOf(type: AnyTaskType, { label, presentation }: { label: unknown; presentation: unknown }): ShownAnswer {
  const shown = asShown(type.name, label, type.canonical(label), presentation);
  return { ...shown, key: shown.key.slice(0, KEY_LENGTH) };
}

function agreementOf(
  type: AnyTaskType,
  { config }: CampaignSettings,
  answers: readonly RecentAnswer[],
  { lowPeerAgreement: rules }: QualityRules,
): Signal | undefined {
  // Good texts differ as much as bad ones do: how far apart two of them are says nothing of either.
  if (!rules || type.name === 'free_text') return undefined;
  const tasks = answers.filter(({ peers }) => peers.length > 0).map(({ label, peers }) => ({ own: label, peers }));
  return lowPeerAgreement(tasks, (a, b) => 1 - type.distance(a, b, config), rules);
}

function keep<T>(kept: Map<string, T>, key: string, value: T, most: number): void {
  kept.delete(key);
  if (kept.size >= most) kept.delete([...kept.keys()][0] ?? '');
  kept.set(key, value);
}
