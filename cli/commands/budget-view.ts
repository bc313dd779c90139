import { z } from 'zod';
import { facts } from '../output.ts';

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
  warnings: z.array(z.object({ percent: z.number(), capUsd: z.string(), at: z.string() })),
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
    ...budget.warnings.map(({ percent, capUsd, at }) => [`${percent}% spent`, `of $${capUsd}, since ${at}`] as const),
  ]);
}
