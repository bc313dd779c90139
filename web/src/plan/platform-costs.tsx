import type { Ok } from '../api/types';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { count, counted, dollarsOf, usd, words } from '../ui/text';
import { figureName } from './cost-figures';

export type CostAnswer = Ok<'/v1/cost', 'get'>;

/** The same work on every platform, from when on hosting it oneself is cheaper, and what the price lists say. */
export function PlatformCosts({ cost }: { cost: CostAnswer }) {
  const { estimates, breakEven, listPrices, measured, measuredElsewhere } = cost;
  const from = new Map(breakEven.platforms.map(({ platform, tasksAMonth }) => [platform, tasksAMonth]));
  return (
    <>
      <DataTable
        caption={t('Cost by platform')}
        rows={estimates}
        keyOf={({ platform }) => platform}
        columns={[
          { title: t('Platform'), cell: ({ platform }) => words(platform) },
          { title: t('Work'), number: true, cell: ({ baseCost }) => usd(baseCost) },
          { title: t('Fee'), number: true, cell: ({ platformFee }) => usd(platformFee) },
          { title: t('Review'), number: true, cell: ({ reviewCost }) => usd(reviewCost) },
          { title: t('Total'), number: true, cell: ({ totalCost }) => usd(totalCost) },
          { title: t('Self-hosting pays from'), cell: ({ platform }) => sinceWhen(platform, from.get(platform)) },
        ]}
      />
      <p className="dim">
        {t(
          "By the formula: an answer's price and each platform's share on top. {measured}{measuredElsewhere}Self-hosting pays where what is saved a month is more than its {hostingUsd}.",
          {
            measured: measured
              ? t("Price and time are those of the campaign's {answers}. ", {
                  answers: counted(measured.answers, 'newest answer'),
                })
              : t('Price and time are the usual ones of tier and type, where nothing else is said. '),
            measuredElsewhere: measuredElsewhere
              .map(({ platform, answers, priceUsd, feeUsd, secondsEach }) =>
                t("{platform}: {price} by the campaign's {answers}, {fee} of it the fee{seconds}. ", {
                  platform: words(platform),
                  price: dollarsOf(priceUsd),
                  answers: counted(answers, 'newest answer'),
                  fee: dollarsOf(feeUsd),
                  seconds: secondsEach === null ? '' : t(', {seconds} s', { seconds: secondsEach.toFixed(1) }),
                }),
              )
              .join(''),
            hostingUsd: dollarsOf(breakEven.hostingUsd),
          },
        )}
      </p>
      {cost.unusual.length > 0 && (
        <p className="dim">
          {t('Set otherwise than usual: {figures}.', {
            figures: cost.unusual
              .map(({ name, value, usual }) =>
                t('{name} {value}, usually {usual}', { name: figureName(name), value, usual }),
              )
              .join('; '),
          })}
        </p>
      )}
      {listPrices && (
        <>
          <h3>
            {t('List prices of {annotations} preference annotations, {recorded}', {
              annotations: count(listPrices.annotations),
              recorded: listPrices.recorded,
            })}
          </h3>
          <DataTable
            caption={t('List prices beside the formula')}
            rows={listPrices.rows}
            keyOf={({ platform }) => platform}
            columns={[
              { title: t('Platform'), cell: ({ platform }) => words(platform) },
              { title: t('List'), number: true, cell: ({ listUsd }) => usd(listUsd) },
              {
                title: t('Formula'),
                number: true,
                cell: ({ formulaUsd }) => (formulaUsd === null ? t('none') : usd(formulaUsd)),
              },
              { title: t('They differ'), cell: ({ listUsd, formulaUsd }) => difference(listUsd, formulaUsd) },
              {
                title: t('Agreement to expect'),
                number: true,
                cell: ({ agreement: [least = 0, most = 0] }) =>
                  t('{least} to {most}', { least: least.toFixed(2), most: most.toFixed(2) }),
              },
            ]}
          />
          <p className="dim">
            {t('Lists are data of their month, for the tier that was chosen; the formula is what estimates.')}
          </p>
        </>
      )}
    </>
  );
}

function sinceWhen(platform: string, tasks: number | null | undefined): string {
  if (platform === 'self_hosted') return '';
  return tasks == null ? t('never') : t('{tasks} a month', { tasks: counted(tasks, 'task') });
}

function difference(listUsd: number, formulaUsd: number | null): string {
  if (formulaUsd === null || formulaUsd === listUsd) return '';
  const share = Math.abs(listUsd / formulaUsd - 1);
  const values = { share: (100 * share).toFixed(0) };
  return listUsd > formulaUsd ? t('list {share}% higher', values) : t('list {share}% lower', values);
}
