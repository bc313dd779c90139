import type { TaskView } from '../api/types';
import type { Say } from '../i18n';
import { known, type Text, t } from '../i18n/office';
import { labelText } from '../ui/label-text';
import { counted, dollars, percent, words } from '../ui/text';
import { reasonText } from './reason-text';

/** The parts of a score, with the words for them. */
export const SCORE_PARTS = [
  ['uncertainty', 'Uncertainty'],
  ['novelty', 'Novelty'],
  ['distance', 'Distance'],
  ['score', 'Score'],
] as const;

/** What chose in place of a strategy, and why. */
const INSTEAD: ReadonlyMap<unknown, Text> = new Map<unknown, Text>([
  ['diverse_start', 'in its place a diverse start'],
  ['chance', 'in its place chance'],
  ['no_model', 'there was no model'],
  ['sure_of_all', 'the model was sure of all'],
  ['all_alike', 'all items were alike'],
]);

type Selection = Readonly<Record<string, unknown>>;

/** One part of a score; undefined where it played no part. */
export function scorePart(selection: Selection, part: string): string | undefined {
  const value = selection[part];
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : undefined;
}

/** Why a strategy chose an item, as it was known at that moment; empty where no strategy did. */
export function whyChosen(selection: Selection | null): string {
  if (typeof selection?.strategy !== 'string') return '';
  const { strategy, rank, candidates, model, by, because } = selection;
  if (strategy === 'evaluation') return t('at random, to measure the model');
  const parts = SCORE_PARTS.flatMap(([part, name]) => {
    const value = scorePart(selection, part);
    return value === undefined ? [] : [`${t(name).toLowerCase()} ${value}`];
  });
  return [
    t('by {strategy}', { strategy: words(strategy) }),
    ...[by, because].flatMap((each) => {
      const text = INSTEAD.get(each);
      return text === undefined ? [] : [t(text)];
    }),
    ...(typeof rank === 'number' ? [t('number {rank} of the batch', { rank: rank + 1 })] : []),
    ...(typeof candidates === 'number' ? [t('of {candidates} candidates', { candidates })] : []),
    ...parts,
    ...(typeof model === 'string' ? [t('model {model}', { model })] : []),
  ].join(' · ');
}

export interface StoryEntry {
  readonly key: string;
  readonly at: string;
  readonly title: string;
  readonly detail: string;
  /** Further numbers, as JSON, for those who look closer. */
  readonly evidence?: unknown;
}

/** Everything that happened to a task, in the order of time. */
export function storyOf({ story, createdAt }: TaskView, say: Say): StoryEntry[] {
  const why = whyChosen(story?.selection ?? null);
  const entries: StoryEntry[] = [{ key: 'chosen', at: createdAt, title: t('Chosen from the pool'), detail: why }];
  if (!story) return entries;
  for (const { id, annotator, leasedAt, closedAt, state, note, routing } of story.assignments) {
    entries.push({
      key: `lease ${id}`,
      at: leasedAt,
      title: t('Given to {annotator}', { annotator }),
      detail: routing.why,
    });
    if (closedAt !== null && state !== 'submitted') {
      const detail = reasonText(note ?? '', say);
      entries.push({ key: `closed ${id}`, at: closedAt, title: `${annotator}: ${words(state)}`, detail });
    }
  }
  for (const each of story.annotations) {
    const parts = [
      ...(each.timeSpentS === null ? [] : [t('{value} s', { value: each.timeSpentS.toFixed(1) })]),
      each.score === null ? t('not assessed yet') : t('assessed {score}', { score: percent(each.score) }),
      ...(each.confidence === null ? [] : [t('sure of it: {confidence}', { confidence: percent(each.confidence) })]),
      ...(each.flags.length > 0 ? [t('flags: {words}', { words: each.flags.map(words).join(', ') })] : []),
      `${dollars(each.priceMicros)} ${words(each.payState)}`,
      ...(each.counted ? [] : [t('came late: kept, not counted')]),
      ...(each.comment === null ? [] : [each.comment]),
    ];
    entries.push({
      key: `answer ${each.id}`,
      at: each.submittedAt,
      title: t('{annotator} answered {label}', { annotator: each.annotator, label: labelText(each.label) }),
      detail: parts.join(' · '),
      evidence: each.evidence,
    });
  }
  for (const [at, event] of story.events.entries()) {
    // Told with the ruling itself, below.
    if (event.kind === 'ruled') continue;
    entries.push({ key: `event ${at}`, at: event.at, title: words(event.kind), detail: known(event.detail) });
  }
  for (const { number, at, cause, reason, answers, evidence } of story.reopenings) {
    const title = t('Opened again for {answers}', { answers: counted(answers, 'more answer') });
    entries.push({ key: `reopening ${number}`, at, title, detail: `${words(cause)}: ${reason}`, evidence });
  }
  for (const ruling of story.rulings) {
    const title = t('{name} ruled {label}', { name: ruling.ruledByName, label: labelText(ruling.label) });
    entries.push({ key: `ruling ${ruling.id}`, at: ruling.createdAt, title, detail: ruling.note ?? '' });
  }
  for (const each of story.revisions) {
    const head = { revision: each.revision, state: words(each.state), label: labelText(each.label) };
    entries.push({
      key: `decision ${each.id}`,
      at: each.decidedAt,
      title:
        each.label === null
          ? t('Revision {revision}: {state}', head)
          : t('Revision {revision}: {state}, {label}', head),
      detail: t('confidence {confidence} by {method}, cost {costMicros}', {
        confidence: percent(each.confidence),
        method: words(each.method),
        costMicros: dollars(each.costMicros),
      }),
      evidence: each.evidence,
    });
  }
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
