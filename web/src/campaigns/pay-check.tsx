import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { count, dateText, dollars } from '../ui/text';

const dollarsOf = (usd: string | null) => (usd === null ? '–' : dollars(1e6 * Number(usd)));

/** What a focused hour comes to, by region, beside the floor; nothing before it can be measured. */
export function PayCheck({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'pay'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/pay', { params: { path: { id: campaignId } } })),
    refetchInterval: ended ? false : 10_000,
  });
  const regions = data?.regions.filter(({ hourlyUsd }) => hourlyUsd !== null) ?? [];
  const notices = data?.notices ?? [];
  if (regions.length === 0 && notices.length === 0 && !error) return null;
  const below = regions.filter(({ meetsFloor }) => !meetsFloor);
  return (
    <section className="card" aria-labelledby="hour-title">
      <h2 id="hour-title">What an hour comes to</h2>
      <p className="dim">
        An answer pays {dollarsOf(data?.priceUsd ?? null)}. By the focused time of the answers so far; the floors are
        set on the page Pay.
      </p>
      <FaultNotice error={error} />
      {below.map(({ region, hourlyUsd, floorUsd, rightPriceUsd }) => (
        <p key={region} className="notice" role="note">
          <strong>Below the floor{region !== '' && ` in ${region}`}:</strong> an hour comes to {dollarsOf(hourlyUsd)},
          and must come to {dollarsOf(floorUsd)}.
          {rightPriceUsd !== null && ` An answer would have to pay ${dollarsOf(rightPriceUsd)}.`}
        </p>
      ))}
      {regions.length > 0 && (
        <DataTable
          caption="Pay for a focused hour, by region"
          rows={regions}
          keyOf={({ region }) => region}
          columns={[
            { title: 'Region', cell: ({ region }) => region || 'not known' },
            { title: 'Answers', number: true, cell: ({ answers }) => count(answers) },
            { title: 'Time for one', number: true, cell: ({ secondsEach }) => `${secondsEach.toFixed(1)} s` },
            { title: 'An hour', number: true, cell: ({ hourlyUsd }) => dollarsOf(hourlyUsd) },
            { title: 'Floor', number: true, cell: ({ floorUsd }) => dollarsOf(floorUsd) },
          ]}
        />
      )}
      {notices.length > 0 && (
        <details>
          <summary>When pay was first found below a floor</summary>
          <ul className="dim">
            {notices.map(({ at, region, priceUsd, text }) => (
              <li key={`${at} ${region} ${priceUsd}`}>
                {dateText(at)}: {text}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
