import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';
import { PagedTable } from '../ui/paged-table';
import { dateText, words } from '../ui/text';

/** Who was asked to join and has not come yet; each invitation can be withdrawn. */
export function Invitations({ onWithdrawn }: { onWithdrawn: (id: string) => void }) {
  const queries = useQueryClient();
  const pages = usePages(['invitations'], (page) =>
    unwrap(api.GET('/v1/invitations', { params: { query: { limit: 100, state: 'open', ...page } } })),
  );
  const withdraw = useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/v1/invitations/{id}/revoke', { params: { path: { id } } })),
    onSuccess: (_, id) => onWithdrawn(id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['invitations'] }),
  });
  return (
    <section className="card" aria-labelledby="invitations-title">
      <h2 id="invitations-title">{t('Open invitations')}</h2>
      <FaultNotice error={withdraw.error} />
      <PagedTable
        pages={pages}
        empty={<p>{t('Nobody is invited who has not come.')}</p>}
        caption={t('Open invitations')}
        columns={[
          { title: t('E-mail'), cell: ({ email }) => <span className="label-text">{email}</span> },
          {
            title: t('Role'),
            cell: ({ role, tier, workforce, languages, specializations }) =>
              [
                words(role),
                ...(tier === null ? [] : [words(tier), words(workforce ?? ''), ...languages, ...specializations]),
              ].join(', '),
          },
          { title: t('Good until'), whole: true, cell: ({ expiresAt }) => dateText(expiresAt) },
          {
            title: t('Act'),
            cell: ({ id, email }) => (
              <Button
                size="compact-xs"
                variant="default"
                disabled={withdraw.isPending}
                onClick={() => withdraw.mutate(id)}
              >
                {t('Withdraw')}
                <span className="visually-hidden"> {t('the invitation of {email}', { email })}</span>
              </Button>
            ),
          },
        ]}
      />
    </section>
  );
}
