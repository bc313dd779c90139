import { useInfiniteQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { Ok } from '../api/types';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { dateText } from '../ui/text';

type Act = Ok<'/v1/payouts/{id}/acts', 'get'>['items'][number];

const DID: Readonly<Record<Act['act'], string>> = {
  begun: 'began the run',
  approved: 'approved it',
  cancelled: 'cancelled it',
  reported: 'took in a report',
  resolved: 'said what became of a payment',
};

const whoText = ({ name, keyName }: Act): string =>
  keyName === null || keyName === name ? name : `${name}, by the key ${keyName}`;

/** Who did what to a run, from its beginning on. */
export function PayoutActs({ runId }: { runId: string }) {
  const pages = useInfiniteQuery({
    queryKey: ['payout', runId, 'acts'],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/v1/payouts/{id}/acts', {
          params: { path: { id: runId }, query: { limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const acts = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className="card" aria-labelledby="acts-title">
      <h2 id="acts-title">Who did what</h2>
      <FaultNotice error={pages.error} />
      {acts.length > 0 && (
        <DataTable
          caption="Who did what to this run"
          rows={acts}
          keyOf={({ id }) => id}
          columns={[
            { title: 'When', whole: true, cell: ({ at }) => dateText(at) },
            { title: 'Who', cell: (act) => <span className="label-text">{whoText(act)}</span> },
            { title: 'What', cell: ({ act }) => DID[act] },
            { title: 'Note', cell: ({ note }) => <span className="label-text">{note ?? '–'}</span> },
          ]}
        />
      )}
      <MoreButton pages={pages} />
    </section>
  );
}
