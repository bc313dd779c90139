import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import type { Ok } from '../api/types';
import { type Text, t } from '../i18n/office';
import { PagedTable } from '../ui/paged-table';
import { dateText } from '../ui/text';

type Act = Ok<'/v1/payouts/{id}/acts', 'get'>['items'][number];

const DID: Readonly<Record<Act['act'], Text>> = {
  begun: 'began the run',
  approved: 'approved it',
  cancelled: 'cancelled it',
  reported: 'took in a report',
  resolved: 'said what became of a payment',
};

const whoText = ({ name, keyName }: Act): string =>
  keyName === null || keyName === name ? name : t('{name}, by the key {keyName}', { name, keyName });

/** Who did what to a run, from its beginning on. */
export function PayoutActs({ runId }: { runId: string }) {
  const pages = usePages(['payout', runId, 'acts'], (page) =>
    unwrap(api.GET('/v1/payouts/{id}/acts', { params: { path: { id: runId }, query: { limit: 50, ...page } } })),
  );
  return (
    <section className="card" aria-labelledby="acts-title">
      <h2 id="acts-title">{t('Who did what')}</h2>
      <PagedTable
        pages={pages}
        empty={null}
        caption={t('Who did what to this run')}
        columns={[
          { title: t('When'), whole: true, cell: ({ at }) => dateText(at) },
          { title: t('Who'), cell: (act) => <span className="label-text">{whoText(act)}</span> },
          { title: t('What'), cell: ({ act }) => t(DID[act]) },
          { title: t('Note'), cell: ({ note }) => <span className="label-text">{note ?? '–'}</span> },
        ]}
      />
    </section>
  );
}
