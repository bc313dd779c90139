import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { dateText, words } from '../ui/text';

const RULINGS = {
  seen: { title: 'Nothing to do', hint: 'It is closed, and nothing else happens.' },
  send_again: {
    title: 'Look and send again',
    hint: 'The order is looked for at the vendor by its key; what of it is not there is bought. Its answers come in as usual.',
  },
  not_bought: {
    title: 'It was not bought',
    hint: 'You have looked for its key there, and found nothing. The order is closed; its tasks have gone on by their escalation.',
  },
  accept: {
    title: 'Pay it',
    hint: 'The answer is no label and counts nowhere, but its worker is paid; what it costs is booked.',
  },
  reject: {
    title: 'Reject it there',
    hint: 'Its worker is not paid for it, and is told your reason: in 7 days, or as the campaign is set, and in time before the vendor pays by itself. Until then it can be ruled to be paid.',
  },
  leave_out: {
    title: 'Leave it out',
    hint: 'The answer counts no more; the task is opened again for one other answer, within the budget.',
  },
} as const;

interface Incident {
  readonly id: string;
  readonly rulings: readonly (keyof typeof RULINGS)[];
  readonly kind: string;
  readonly createdAt: string;
}

interface Chosen {
  readonly id: string;
  readonly ruling: keyof typeof RULINGS;
}

/** What a person has to look at, with the evidence and what can be done about it; nothing where there is nothing. */
export function Incidents({ campaignId, manages, ended }: { campaignId: string; manages: boolean; ended: boolean }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const pages = usePages(
    ['campaign', campaignId, 'vendor-incidents'],
    (page) =>
      unwrap(
        api.GET('/v1/campaigns/{id}/vendor-incidents', {
          params: { path: { id: campaignId }, query: { limit: 20, ...page } },
        }),
      ),
    ended ? false : 10_000,
  );
  if (pages.items.length === 0 && !pages.error) return null;
  return (
    <>
      <h3>{t('A person has to look at these')}</h3>
      <FaultNotice error={pages.error} />
      <DataTable
        caption={t('Incidents at vendors')}
        rows={pages.items}
        keyOf={({ id }) => id}
        columns={[
          { title: t('When'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
          { title: t('Vendor'), cell: ({ vendor }) => words(vendor) },
          { title: t('What'), cell: ({ kind }) => words(kind) },
          {
            title: t('Detail'),
            cell: ({ detail, evidence, rejectsAt }) => (
              <>
                <span className="label-text">{detail}</span>
                {rejectsAt !== null && (
                  <p>
                    {t('It is rejected there on {when}, unless it is ruled to be paid before.', {
                      when: dateText(rejectsAt),
                    })}
                  </p>
                )}
                <details>
                  <summary>{t('Evidence')}</summary>
                  <code className="label-text">{JSON.stringify(evidence)}</code>
                </details>
              </>
            ),
          },
          ...(manages
            ? [
                {
                  title: t('Rule'),
                  cell: ({ id, rulings, kind, createdAt }: Incident) =>
                    rulings.length === 0 ? (
                      t('The review of its bonus closes it.')
                    ) : (
                      <Group gap={6}>
                        {rulings.map((ruling) => (
                          <Button
                            key={ruling}
                            size="compact-xs"
                            variant="default"
                            aria-label={`${t(RULINGS[ruling].title)}: ${words(kind)}, ${dateText(createdAt)}`}
                            onClick={() => setChosen({ id, ruling })}
                          >
                            {t(RULINGS[ruling].title)}
                          </Button>
                        ))}
                      </Group>
                    ),
                },
              ]
            : []),
        ]}
      />
      <MoreButton pages={pages} />
      {chosen && <Ruling {...chosen} campaignId={campaignId} onClose={() => setChosen(null)} />}
    </>
  );
}

function Ruling({
  id: incidentId,
  ruling,
  campaignId: id,
  onClose,
}: Chosen & { campaignId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const resolve = useMutation({
    mutationFn: (note: string) =>
      unwrap(
        api.POST('/v1/campaigns/{id}/vendor-incidents/{incidentId}/resolve', {
          params: { path: { id, incidentId } },
          body: { ruling, note },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['campaign', id] });
      onClose();
    },
  });
  const { title, hint } = RULINGS[ruling];
  return (
    <ReasonModal
      title={t(title)}
      hint={t(hint)}
      label={t('How you know')}
      confirm={t(title)}
      pending={resolve.isPending}
      error={resolve.error}
      onConfirm={(note) => resolve.mutate(note)}
      onClose={onClose}
    />
  );
}
