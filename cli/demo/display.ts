import { formatUsd } from '../../domain/money.ts';
import type { CampaignView } from './views.ts';

const PLAIN_EVERY_MS = 5000;

/** Shows a campaign as it moves: one line that is redrawn on a terminal, a line every few seconds elsewhere. */
export function createDisplay(out: NodeJS.WriteStream) {
  let shown = '';
  let printed = '';
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return {
    show(campaign: CampaignView, atMs: number): void {
      const line = progressLine(campaign);
      if (out.isTTY) {
        out.write(`\r\u001b[2K${line.slice(0, Math.max(20, out.columns - 1))}`);
      } else if (line !== shown && atMs - shownAtMs >= PLAIN_EVERY_MS) {
        out.write(`${line}\n`);
        printed = line;
        shownAtMs = atMs;
      }
      shown = line;
    },
    end(): void {
      if (out.isTTY) out.write('\n');
      else if (printed !== shown) out.write(`${shown}\n`);
    },
  };
}

/** Round, tasks, spend and held-out accuracy in one line. */
export function progressLine(campaign: CampaignView): string {
  const { counts, budget } = campaign;
  const usd = (micros: number) => `$${formatUsd(BigInt(micros))}`;
  const fit = campaign.rounds.findLast((round) => round.heldOut !== null)?.heldOut;
  const accuracy = fit ? `${(100 * fit.accuracy).toFixed(1)}%` : 'not measured yet';
  return (
    `round ${campaign.round} | tasks ${counts.tasksDecided} decided, ${counts.tasksOpen} open` +
    ` | answers ${counts.annotations} | spent ${usd(budget.spentMicros)} of ${usd(budget.capMicros)}` +
    ` (${usd(budget.reservedMicros)} reserved) | held-out accuracy ${accuracy} | ${campaign.state}`
  );
}
