import { z } from 'zod';
import { facts } from '../output.ts';

const organisationCap = z.object({ capUsd: z.string(), drawnUsd: z.string() }).nullable();
const warnings = z.array(z.object({ text: z.string(), at: z.string() }));

/** What we show of `GET /v1/budget`. */
export const organisationView = z.object({ cap: organisationCap, warnings });

/** What we show of `GET /v1/campaigns/{id}/budget`. */
export const budgetView = z.object({
  capUsd: z.string(),
  reservedUsd: z.string(),
  spentUsd: z.string(),
  freeUsd: z.string(),
  owedUsd: z.string(),
  exposure: z.object({ committedUsd: z.string(), wholePoolUsd: z.string(), atMostUsd: z.string() }),
  daily: z.object({ capUsd: z.string(), usedUsd: z.string() }).nullable(),
  limits: z.array(z.object({ scope: z.string(), name: z.string(), capUsd: z.string(), drawnUsd: z.string() })),
  organisation: organisationCap,
  warnings,
  waiting: z.string().nullish(),
});

/** A budget for people. */
export function budgetLines(budget: z.output<typeof budgetView>): string[] {
  const { exposure, daily } = budget;
  return facts([
    ['Cap', `$${budget.capUsd}`],
    ['Spent', `$${budget.spentUsd}`],
    ['Reserved', `$${budget.reservedUsd}`],
    ['Free', `$${budget.freeUsd}`],
    ['Owed for late answers', budget.owedUsd === '0.00' ? null : `$${budget.owedUsd}`],
    ['Committed at most', `$${exposure.committedUsd} if nothing more is chosen`],
    ['Worst case', `$${exposure.atMostUsd} ($${exposure.wholePoolUsd} if the whole pool were chosen)`],
    ['A day', daily && `$${daily.usedUsd} of $${daily.capUsd} today (UTC)`],
    ...budget.limits.map(
      ({ scope, name, capUsd, drawnUsd }) =>
        [scope === 'hedge' ? 'Hedges' : `Workforce ${name}`, `$${drawnUsd} of $${capUsd}`] as const,
    ),
    ['All campaigns together', organisationText(budget.organisation)],
    ['Waiting', budget.waiting],
    ...warningFacts(budget.warnings),
  ]);
}

/** The cap of all campaigns together, for people. */
export function organisationLines({ cap, warnings }: z.output<typeof organisationView>): string[] {
  return facts([['All campaigns together', organisationText(cap) ?? 'no cap'], ...warningFacts(warnings)]);
}

const organisationText = (cap: z.output<typeof organisationCap>) => cap && `$${cap.drawnUsd} of $${cap.capUsd}`;

const warningFacts = (given: z.output<typeof warnings>) =>
  given.map(({ text, at }) => [`Warned ${at.slice(0, 10)}`, text] as const);
