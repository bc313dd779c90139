import type { TaskView } from '../api/types';
import { labelText } from '../ui/label-text';
import { count, dollars, percent, words } from '../ui/text';

/** The parts of a score, with the words for them. */
export const SCORE_PARTS = [
  ['uncertainty', 'Uncertainty'],
  ['novelty', 'Novelty'],
  ['distance', 'Distance'],
  ['score', 'Score'],
] as const;

type Selection = Readonly<Record<string, unknown>>;

/** One part of a score; undefined where it played no part. */
export function scorePart(selection: Selection, part: string): string | undefined {
  const value = selection[part];
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : undefined;
}

/** Why a strategy chose an item, as it was known at that moment; empty where no strategy did. */
export function whyChosen(selection: Selection | null): string {
  if (typeof selection?.strategy !== 'string') return '';
  const { strategy, rank, candidates, model } = selection;
  if (strategy === 'evaluation') return 'at random, to measure the model';
  const parts = SCORE_PARTS.flatMap(([part, name]) => {
    const value = scorePart(selection, part);
    return value === undefined ? [] : [`${name.toLowerCase()} ${value}`];
  });
  return [
    `by ${words(strategy)}`,
    ...(typeof rank === 'number' ? [`number ${rank + 1} of the batch`] : []),
    ...(typeof candidates === 'number' ? [`of ${candidates} candidates`] : []),
    ...parts,
    ...(typeof model === 'string' ? [`model ${model}`] : []),
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
export function storyOf({ story, createdAt }: TaskView): StoryEntry[] {
  const why = whyChosen(story?.selection ?? null);
  const entries: StoryEntry[] = [{ key: 'chosen', at: createdAt, title: 'Chosen from the pool', detail: why }];
  if (!story) return entries;
  for (const { id, annotator, leasedAt, closedAt, state, note, routing } of story.assignments) {
    entries.push({ key: `lease ${id}`, at: leasedAt, title: `Given to ${annotator}`, detail: routing.why });
    if (closedAt !== null && state !== 'submitted') {
      const detail = note ?? '';
      entries.push({ key: `closed ${id}`, at: closedAt, title: `${annotator}: ${words(state)}`, detail });
    }
  }
  for (const each of story.annotations) {
    const parts = [
      ...(each.timeSpentS === null ? [] : [`${each.timeSpentS.toFixed(1)} s`]),
      each.score === null ? 'not assessed yet' : `assessed ${percent(each.score)}`,
      ...(each.flags.length > 0 ? [`flags: ${each.flags.map(words).join(', ')}`] : []),
      `${dollars(each.priceMicros)} ${words(each.payState)}`,
      ...(each.counted ? [] : ['came late: kept, not counted']),
    ];
    entries.push({
      key: `answer ${each.id}`,
      at: each.submittedAt,
      title: `${each.annotator} answered ${labelText(each.label)}`,
      detail: parts.join(' · '),
      evidence: each.evidence,
    });
  }
  for (const [at, event] of story.events.entries()) {
    entries.push({ key: `event ${at}`, at: event.at, title: words(event.kind), detail: event.detail });
  }
  for (const { number, at, cause, reason, answers, evidence } of story.reopenings) {
    const title = `Opened again for ${count(answers)} more ${answers === 1 ? 'answer' : 'answers'}`;
    entries.push({ key: `reopening ${number}`, at, title, detail: `${words(cause)}: ${reason}`, evidence });
  }
  for (const ruling of story.rulings) {
    const title = `Ruled: ${labelText(ruling.label)}`;
    entries.push({ key: `ruling ${ruling.id}`, at: ruling.createdAt, title, detail: ruling.note ?? '' });
  }
  for (const each of story.revisions) {
    entries.push({
      key: `decision ${each.id}`,
      at: each.decidedAt,
      title: `Revision ${each.revision}: ${words(each.state)}${each.label === null ? '' : `, ${labelText(each.label)}`}`,
      detail: `confidence ${percent(each.confidence)} by ${words(each.method)}, cost ${dollars(each.costMicros)}`,
      evidence: each.evidence,
    });
  }
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
