import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { labelText } from '../ui/label-text';
import { PagedTable } from '../ui/paged-table';
import { ReasonModal } from '../ui/reason-modal';
import { RowButton } from '../ui/row-button';
import { count } from '../ui/text';
import { taskColumn } from './task-link';

/** Decided tasks that trusted annotators answered all alike: an expert may make them gold. */
export function GoldCandidates({ campaignId }: { campaignId: string }) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<string | null>(null);
  const queryKey = ['campaign', campaignId, 'gold-candidates'];
  const pages = usePages(queryKey, (page) =>
    unwrap(
      api.GET('/v1/campaigns/{id}/gold-candidates', {
        params: { path: { id: campaignId }, query: { limit: 10, ...page } },
      }),
    ),
  );
  const promote = useMutation({
    mutationFn: (note: string) =>
      unwrap(api.POST('/v1/tasks/{id}/promote', { params: { path: { id: chosen ?? '' } }, body: { note } })),
    onSuccess: async () => {
      setChosen(null);
      await queries.invalidateQueries({ queryKey });
    },
  });
  // The first page may have lost all of its own to what was asked of them.
  if (pages.items.length === 0 && !pages.error && !pages.hasNextPage) return null;
  return (
    <section className="card" aria-labelledby="candidates-title">
      <h2 id="candidates-title">{t('Could be gold')}</h2>
      <p className="dim">
        {t(
          'Trusted annotators answered these all alike. As gold they measure everybody who has not met them, from the next batch on.',
        )}
      </p>
      <PagedTable
        pages={pages}
        empty={null}
        caption={t('Tasks that could be gold')}
        columns={[
          taskColumn(),
          { title: t('Label'), cell: ({ label }) => <span className="label-text">{labelText(label)}</span> },
          { title: t('Answers'), number: true, cell: ({ answers }) => count(answers) },
          {
            title: t('Act'),
            cell: ({ id, key }) => (
              <RowButton of={key} onClick={() => setChosen(id)}>
                {t('Make it gold')}
              </RowButton>
            ),
          },
        ]}
      />
      {chosen !== null && (
        <ReasonModal
          title={t('Make the task gold')}
          hint={t('Its label becomes the known answer. Who has answered it does not get it again.')}
          label={t('Why it is certain')}
          confirm={t('Make it gold')}
          pending={promote.isPending}
          error={promote.error}
          onConfirm={(note) => promote.mutate(note)}
          onClose={() => setChosen(null)}
        />
      )}
    </section>
  );
}
