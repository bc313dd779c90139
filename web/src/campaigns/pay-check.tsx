import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { textOf } from '../forms/read';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { InEnglish } from '../ui/in-english';
import { FaultNotice } from '../ui/page-error';
import { count, dateText, dollarsOf, usd } from '../ui/text';

/** What is measured by the hour is not known to a hundredth of a cent. */
const hourOf = (amount: string | null) => (amount === null ? '–' : usd(Number(amount)));

/** What a focused hour comes to, by region, beside the floor; nothing before it can be measured. */
export function PayCheck({ campaign: { id: campaignId, settings }, ended }: { campaign: Campaign; ended: boolean }) {
  const rate = textOf(settings.hourlyUsd);
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'pay'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/pay', { params: { path: { id: campaignId } } })),
    refetchInterval: ended ? false : 10_000,
  });
  const regions = data?.regions.filter(({ hourlyUsd }) => hourlyUsd !== null) ?? [];
  const notices = data?.notices ?? [];
  if (regions.length === 0 && notices.length === 0 && !error) return null;
  const value = dollarsOf(data?.priceUsd ?? null);
  const below = regions.filter(({ meetsFloor }) => !meetsFloor);
  return (
    <section className="card" aria-labelledby="hour-title">
      <h2 id="hour-title">{t('What an hour comes to')}</h2>
      <p className="dim">
        {rate === undefined
          ? t('An answer pays {value}.', { value })
          : t('An answer pays its time at {rate} an hour, at most {value}.', { rate: dollarsOf(rate), value })}{' '}
        {t('By the focused time of the answers so far; the floors are set on the page Pay.')}
      </p>
      <FaultNotice error={error} />
      {below.map(({ region, hourlyUsd, floorUsd, rightPriceUsd }) => (
        <p key={region} className="notice" role="note">
          <strong>
            {t('Below the floor')}
            {region !== '' && t(' in {region}', { region })}:
          </strong>{' '}
          {t('an hour comes to {hourlyUsd}, and must come to {floorUsd}.', {
            hourlyUsd: hourOf(hourlyUsd),
            floorUsd: hourOf(floorUsd),
          })}
          {rightPriceUsd !== null &&
            t(' An answer would have to pay {rightPriceUsd}.', { rightPriceUsd: dollarsOf(rightPriceUsd) })}
        </p>
      ))}
      {regions.length > 0 && (
        <DataTable
          caption={t('Pay for a focused hour, by region')}
          rows={regions}
          keyOf={({ region }) => region}
          columns={[
            { title: t('Region'), cell: ({ region }) => region || t('not known') },
            { title: t('Answers'), number: true, cell: ({ answers }) => count(answers) },
            {
              title: t('Time for one'),
              number: true,
              cell: ({ secondsEach }) => t('{value} s', { value: secondsEach.toFixed(1) }),
            },
            { title: t('An hour'), number: true, cell: ({ hourlyUsd }) => hourOf(hourlyUsd) },
            { title: t('Floor'), number: true, cell: ({ floorUsd }) => hourOf(floorUsd) },
          ]}
        />
      )}
      {notices.length > 0 && (
        <details>
          <summary>{t('When pay was first found below a floor')}</summary>
          <ul className="dim">
            {notices.map(({ at, region, priceUsd, text }) => (
              <li key={`${at} ${region} ${priceUsd}`}>
                {dateText(at)}: <InEnglish text={text} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
