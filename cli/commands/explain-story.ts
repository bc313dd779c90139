import { z } from 'zod';
import { confidenceWithout, recomputes } from '../../domain/aggregation/decide.ts';
import { formatUsd } from '../../domain/money.ts';
import { oneLine } from '../output.ts';
import type { Decision, TaskView } from './task-view.ts';

const evidence = z.object({
  votes: z.array(z.object({ annotationId: z.string(), weight: z.number() })).default([]),
  result: z.object({ distribution: z.record(z.string(), z.number()).default({}) }).optional(),
});

const withRevisions = z.looseObject({
  story: z.looseObject({ revisions: z.array(z.looseObject({ evidence: z.unknown() })) }),
});

type Story = NonNullable<TaskView['story']>;

const MAX_SHOWN = 300;

/**
 * The server's document with `recomputed` beside each decision: whether its record, decided again, leads to it to the byte.
 * `differing` counts those where it does not.
 */
export function recomputedStory(document: unknown, { story }: TaskView): { document: unknown; differing: number } {
  if (!story) return { document, differing: 0 };
  const whole = withRevisions.parse(document);
  const revisions = whole.story.revisions.map((each) => ({ ...each, recomputed: recomputes(each.evidence) }));
  const differing = revisions.filter(({ recomputed }) => !recomputed).length;
  return { document: { ...whole, story: { ...whole.story, revisions } }, differing };
}

/** The story of a task for people, in the order it happened. */
export function storyLines(task: TaskView): string[] {
  const { story } = task;
  const head = [
    `Task ${task.id} (item ${oneLine(task.key)}, ${task.kind}): ${task.state}`,
    ...(task.decision ? [outcome(task.decision)] : ['No decision yet.']),
  ];
  if (!story) return [...head, 'The whole story is shown to keys of requesters.'];
  const shown = [`Shows   ${short(story.payload)}`, ...(isNothing(story.gold) ? [] : [`Known   ${short(story.gold)}`])];
  const moments = [created(task, story), ...leases(story), ...answers(story), ...others(story), ...decisions(story)];
  // Sorting is stable: what happened in one millisecond stays in the order of cause and effect.
  const told = moments.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return [...head, '', ...shown, '', ...told.flatMap(({ at, lines }) => timed(at, lines)), '', ...money(story)];
}

interface Moment {
  readonly at: string;
  readonly lines: readonly string[];
}

const created = (task: TaskView, { selection }: Story): Moment => ({
  at: task.createdAt,
  lines: [
    `chosen in round ${task.round}: ${plural(task.redundancy, 'answer')} wanted from ${task.tier} or above (${task.workforce}), ` +
      `$${task.priceUsd} each, policy ${task.policyVersion}, instructions ${task.instructionsVersion}`,
    ...(selection?.strategy === undefined ? [] : [whyChosen(selection)]),
  ],
});

/** What chose in place of a strategy, and why. */
const CHOSE: Readonly<Record<string, string>> = { diverse_start: 'a diverse start', chance: 'chance' };
const REASONS: Readonly<Record<string, string>> = {
  no_model: 'there was no model',
  sure_of_all: 'the model was sure of all',
  all_alike: 'all items were alike',
};

/** The strategy with the parts of its score that played a part. */
function whyChosen(selection: NonNullable<Story['selection']>): string {
  const { strategy, rank, candidates, by, because } = selection;
  const instead = by === undefined ? '' : `, in its place ${CHOSE[by] ?? by} (${REASONS[because ?? ''] ?? because})`;
  const place = rank === undefined ? '' : `, as number ${rank + 1} of the batch`;
  const from = candidates === undefined ? '' : `, from ${candidates} candidates`;
  const parts = (['uncertainty', 'novelty', 'distance', 'score'] as const).flatMap((part) => {
    const value = selection[part];
    return value === null || value === undefined ? [] : [`${part} ${Number(value.toPrecision(3))}`];
  });
  return `why: ${strategy}${instead}${place}${from}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

const GIVEN_BACK: Readonly<Record<string, string>> = {
  expired: 'let the lease run out',
  late: 'let the lease run out',
  released: 'gave the task back',
  skipped: 'skipped the task',
  revoked: 'lost the lease, as the task no longer needed it',
};

function leases({ assignments }: Story): Moment[] {
  return assignments.flatMap(({ annotator, state, leasedAt, expiresAt, closedAt, note, routing }) => {
    const why = routing === undefined ? [] : [`  why ${annotator}: ${routing.why}`];
    const leased = { at: leasedAt, lines: [`${annotator} leased a slot until ${clock(expiresAt)}`, ...why] };
    const how = GIVEN_BACK[state];
    if (how === undefined || closedAt === null) return [leased];
    // A late answer closes its lease a second time; the first end was the expiry.
    const at = state === 'late' ? expiresAt : closedAt;
    return [leased, { at, lines: [`${annotator} ${how}${note === null ? '' : `: ${note}`}`] }];
  });
}

function answers({ annotations }: Story): Moment[] {
  return annotations.map((each) => {
    const judged = [
      each.score === null ? 'not assessed yet' : `score ${round(each.score)}`,
      ...each.flags,
      ...(each.confidence === null ? [] : [`own confidence ${round(each.confidence)}`]),
    ];
    const after = each.timeSpentS === null ? '' : ` after ${round(each.timeSpentS)} s`;
    const late = each.counted ? '' : ', too late to count';
    return {
      at: each.submittedAt,
      lines: [
        `${each.annotator} answered ${short(each.label)}${after}${late}`,
        `  ${judged.join(', ')}; $${each.priceUsd} ${each.payState.replaceAll('_', ' ')}`,
      ],
    };
  });
}

function others({ events, reopenings, rulings }: Story): Moment[] {
  return [
    ...reopenings.map(({ at, cause, reason, answers }) => ({
      at,
      lines: [`opened again (${cause}) for ${plural(answers, 'answer')} more: ${reason}`],
    })),
    // What was ruled is told below.
    ...events
      .filter(({ kind }) => kind !== 'ruled')
      .map(({ at, kind, detail }) => ({ at, lines: [`${kind.replaceAll('_', ' ')}: ${detail}`] })),
    ...rulings.map(({ createdAt, label, ruledBy, ruledByName, note }) => ({
      at: createdAt,
      lines: [`${ruledByName ?? ruledBy} ruled ${short(label)}${note === null ? '' : `: ${note}`}`],
    })),
  ];
}

function decisions({ revisions, annotations }: Story): Moment[] {
  const by = new Map(annotations.map((each) => [each.id, each]));
  return revisions.toReversed().map((revision) => {
    const { votes, result } = evidence.catch({ votes: [] }).parse(revision.evidence);
    const total = votes.reduce((sum, vote) => sum + vote.weight, 0);
    const without = confidenceWithout(revision.evidence);
    const weights = votes.map(({ annotationId, weight }) => {
      const answer = by.get(annotationId);
      const part = total > 0 ? ` (${Math.round((100 * weight) / total)}%)` : '';
      const left = without.get(annotationId);
      // By the crowd's model the weight says how much of an answer it is; what it decided, what is left without it.
      const worth =
        left === undefined ? `weighs ${round(weight)}${part}` : `without it ${Math.round(100 * left)}% sure`;
      return `  ${answer?.annotator ?? annotationId}: ${short(answer?.label)} ${worth}`;
    });
    const shares = Object.entries(result?.distribution ?? {}).map(([label, part]) => `${label} ${round(part)}`);
    return {
      at: revision.decidedAt,
      lines: [
        `revision ${revision.revision}: ${outcome(revision)}`,
        ...weights,
        ...(shares.length > 0 ? [`  together: ${shares.join(', ')}`] : []),
        recomputes(revision.evidence)
          ? '  decided again from its record: the same to the byte'
          : '  decided again from its record: NOT the same; run quorate doctor',
      ],
    };
  });
}

function outcome({ state, label, confidence, method, costUsd }: Decision): string {
  const what = isNothing(label) ? state : `${state} as ${short(label)}, confidence ${round(confidence)}`;
  return `${what}, by ${method}, for $${costUsd}`;
}

function money({ ledger }: Story): string[] {
  const sum = (kind: string) =>
    ledger.filter((row) => row.kind === kind).reduce((total, row) => total + BigInt(row.amountMicros), 0n);
  if (ledger.length === 0) return ['Money   nothing booked'];
  const parts = [`$${formatUsd(sum('reserve'))} reserved`, `$${formatUsd(sum('spend') + sum('fee'))} spent`];
  return [`Money   ${parts.join(', ')}, $${formatUsd(sum('release'))} released`];
}

function timed(at: string, lines: readonly string[]): string[] {
  const stamp = clock(at);
  return lines.map((line, number) => `${number === 0 ? stamp : ' '.repeat(stamp.length)}  ${oneLine(line)}`);
}

const clock = (at: string) => at.replace('T', ' ').replace('Z', '');
const round = (value: number) => String(Math.round(value * 1000) / 1000);
const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
const isNothing = (value: unknown) => value === null || value === undefined;

function short(value: unknown): string {
  const text = oneLine(JSON.stringify(value) ?? 'nothing');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
