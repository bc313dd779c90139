import { z } from 'zod';
import { facts, percent, table } from '../output.ts';

const agreement = z.object({ same: z.number(), of: z.number() });

const share = z.object({ share: z.number(), low: z.number(), high: z.number(), n: z.number() }).nullable();
const bias = z.object({ excess: z.number(), low: z.number(), high: z.number(), n: z.number() }).nullable();

const card = z.object({
  judge: z.string(),
  costUsd: z.string(),
  agreesWithPeople: share,
  ordersDisagree: share,
  biases: z.object({ length: bias, ownStyle: bias, ownWording: bias, markdown: bias, hedging: bias, ties: bias }),
  findings: z.array(z.string()),
  unknown: z.array(z.string()),
});

/** What we show of `GET /v1/campaigns/{id}/judges`. */
export const judgesView = z.object({
  items: z.array(
    z.object({
      judge: z.string(),
      annotatorId: z.string(),
      trust: z.string(),
      cause: z.string().nullable(),
      replacedBy: z.string().nullable(),
      agrees: agreement,
      people: agreement,
    }),
  ),
  cards: z.array(card),
  decidedAlone: z.number(),
  aloneUsd: z.string(),
  decidedWithPeople: z.number(),
  withPeopleUsd: z.string(),
  reopened: z.number(),
});

/** What leans on a judge, and what asking people costs. */
export const previewView = z.object({
  judge: z.string(),
  replacedBy: z.string().nullable(),
  tasks: z.number(),
  answers: z.number(),
  costUsd: z.string(),
  reserveUsd: z.string(),
  freeUsd: z.string(),
});

/** What was opened again. */
export const reopenedView = z.object({
  reopened: z.number(),
  overBudget: z.number(),
  left: z.number(),
  reservedUsd: z.string(),
});

const points = (value: number) => `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
const ofShare = (each: z.output<typeof share>) =>
  each && `${percent(each.share)} (${percent(each.low)} to ${percent(each.high)} of ${each.n})`;
const ofBias = (each: z.output<typeof bias>) =>
  each && `${points(each.excess)} points (${points(each.low)} to ${points(each.high)} of ${each.n})`;

/** A judge's card: reliability and biases beside people, with intervals. */
function cardLines({
  judge,
  costUsd,
  agreesWithPeople,
  ordersDisagree,
  biases,
  findings,
  unknown,
}: z.output<typeof card>): string[] {
  return [
    '',
    ...facts([
      ['Card of', judge],
      ['Cost', `$${costUsd}`],
      ['Agrees with people', ofShare(agreesWithPeople)],
      ['Order decides', ofShare(ordersDisagree)],
      ['Longer answers', ofBias(biases.length)],
      ['Own family', ofBias(biases.ownStyle)],
      ['Own wording', ofBias(biases.ownWording)],
      ['Markdown', ofBias(biases.markdown)],
      ['Hedged answers', ofBias(biases.hedging)],
      ['Ties', ofBias(biases.ties)],
      ...findings.map((finding) => ['Finding', finding] as const),
      ...unknown.map((each) => ['Not known', each] as const),
    ]),
  ];
}

/** A campaign's judges for people. */
export function judgesLines(view: z.output<typeof judgesView>): string[] {
  const rows = view.items.map(({ judge, annotatorId, trust, cause, replacedBy, agrees, people }) => {
    const why = [cause, replacedBy && `by ${replacedBy}`].filter(Boolean).join(' ');
    return [judge, annotatorId, trust, why, `${agrees.same} of ${agrees.of}`, `${people.same} of ${people.of}`];
  });
  const judges = table(['JUDGE', 'ID', 'TRUST', 'WHY', 'AGREES WITH PEOPLE', 'PEOPLE AGREE'], rows);
  return [
    ...(judges.length === 0 ? ['No judge has been measured in this campaign.'] : judges),
    ...facts([
      ['Decided alone', `${view.decidedAlone} tasks for $${view.aloneUsd}`],
      ['With people', `${view.decidedWithPeople} tasks for $${view.withPeopleUsd}`],
      ['Opened again', view.reopened],
    ]),
    ...view.cards.flatMap(cardLines),
  ];
}

/** What asking people again would cost, for people. */
export function previewLines(view: z.output<typeof previewView>): string[] {
  return facts([
    ['Judge', view.judge],
    ['Replaced by', view.replacedBy],
    ['Lean on it', `${view.tasks} decided tasks`],
    ['New answers', `${view.answers} each, of people`],
    ['Cost', `$${view.costUsd} ($${view.reserveUsd} are reserved; $${view.freeUsd} are free)`],
  ]);
}

/** What came of asking again, for people. */
export function reopenedLines(view: z.output<typeof reopenedView>): string[] {
  return facts([
    ['Opened again', `${view.reopened} tasks, $${view.reservedUsd} reserved`],
    ['Over the budget', view.overBudget === 0 ? null : `${view.overBudget} tasks`],
    ['Left', view.left === 0 ? null : `${view.left} tasks still lean on it`],
  ]);
}
