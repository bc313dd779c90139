import type { Ok } from '../api/types';
import { DataTable } from '../ui/data-table';
import { count, counted, usd, words } from '../ui/text';

export type CostAnswer = Ok<'/v1/cost', 'get'>;

const platformWords = (name: string) => (name === 'llm_judge' ? 'LLM judge' : words(name));

/** The same work on every platform, from when on hosting it oneself is cheaper, and what the price lists say. */
export function PlatformCosts({ cost }: { cost: CostAnswer }) {
  const { estimates, breakEven, listPrices, measured, measuredElsewhere } = cost;
  const from = new Map(breakEven.platforms.map(({ platform, tasksAMonth }) => [platform, tasksAMonth]));
  return (
    <>
      <DataTable
        caption="Cost by platform"
        rows={estimates}
        keyOf={({ platform }) => platform}
        columns={[
          { title: 'Platform', cell: ({ platform }) => platformWords(platform) },
          { title: 'Work', number: true, cell: ({ baseCost }) => usd(baseCost) },
          { title: 'Fee', number: true, cell: ({ platformFee }) => usd(platformFee) },
          { title: 'Review', number: true, cell: ({ reviewCost }) => usd(reviewCost) },
          { title: 'Total', number: true, cell: ({ totalCost }) => usd(totalCost) },
          { title: 'Self-hosting pays from', cell: ({ platform }) => sinceWhen(platform, from.get(platform)) },
        ]}
      />
      <p className="dim">
        By the formula: an answer&apos;s price and each platform&apos;s share on top.{' '}
        {measured
          ? `Price and time are those of the campaign's ${counted(measured.answers, 'newest answer')}. `
          : 'Price and time are the usual ones of tier and type, where nothing else is said. '}
        {measuredElsewhere.map(
          ({ platform, answers, priceUsd, feeUsd, secondsEach }) =>
            `${platformWords(platform)}: $${priceUsd} by the campaign's ${counted(answers, 'newest answer')}, ` +
            `$${feeUsd} of it the fee${secondsEach === null ? '' : `, ${secondsEach.toFixed(1)} s`}. `,
        )}
        Self-hosting pays where what is saved a month is more than its ${breakEven.hostingUsd}.
      </p>
      {listPrices && (
        <>
          <h3>
            List prices of {count(listPrices.annotations)} preference annotations, {listPrices.recorded}
          </h3>
          <DataTable
            caption="List prices beside the formula"
            rows={listPrices.rows}
            keyOf={({ platform }) => platform}
            columns={[
              { title: 'Platform', cell: ({ platform }) => platformWords(platform) },
              { title: 'List', number: true, cell: ({ listUsd }) => usd(listUsd) },
              {
                title: 'Formula',
                number: true,
                cell: ({ formulaUsd }) => (formulaUsd === null ? 'none' : usd(formulaUsd)),
              },
              { title: 'They differ', cell: ({ listUsd, formulaUsd }) => difference(listUsd, formulaUsd) },
              {
                title: 'Agreement to expect',
                number: true,
                cell: ({ agreement: [least = 0, most = 0] }) => `${least.toFixed(2)} to ${most.toFixed(2)}`,
              },
            ]}
          />
          <p className="dim">
            Lists are data of their month, for the tier that was chosen; the formula is what estimates.
          </p>
        </>
      )}
    </>
  );
}

function sinceWhen(platform: string, tasks: number | null | undefined): string {
  if (platform === 'self_hosted') return '';
  return tasks == null ? 'never' : `${counted(tasks, 'task')} a month`;
}

function difference(listUsd: number, formulaUsd: number | null): string {
  if (formulaUsd === null || formulaUsd === listUsd) return '';
  const share = Math.abs(listUsd / formulaUsd - 1);
  return `list ${(100 * share).toFixed(0)}% ${listUsd > formulaUsd ? 'higher' : 'lower'}`;
}
