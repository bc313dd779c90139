import { Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { labelText } from '../ui/label-text';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { RowButton } from '../ui/row-button';
import { dateText } from '../ui/text';

const SHOWN = 50;

interface Chosen {
  readonly id: string;
  readonly verdict: 'upheld' | 'rejected';
  /** Whether it is about work, whose task is asked again. */
  readonly isWork: boolean;
}

/** Answers whose annotators say that they were judged wrongly, and the rulings on them. */
export function Appeals({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'appeals'],
    queryFn: () => unwrap(api.GET('/v1/appeals', { params: { query: { campaignId, state: 'open', limit: SHOWN } } })),
    refetchInterval: ended ? false : 10_000,
  });
  const appeals = data?.items ?? [];
  if (appeals.length === 0 && !error) return null;
  return (
    <section className="card" aria-labelledby="appeals-title">
      <h2 id="appeals-title">{t('Contested answers')}</h2>
      <p className="dim">
        {t(
          "Annotators say why an answer of theirs is right. Where it was judged by a known answer, upholding corrects that answer and everybody's verdicts on it; of other tasks, once decided, the task can be asked again; while it is open, rule on its own page.",
        )}
      </p>
      <FaultNotice error={error} />
      {appeals.length > 0 && (
        <DataTable
          caption={t('Contested answers')}
          rows={appeals}
          keyOf={({ id }) => id}
          columns={[
            {
              title: t('Task'),
              cell: ({ taskId, key }) => (
                <Link to="/tasks/$id" params={{ id: taskId }} className="label-text whole">
                  {key.length > 40 ? `${key.slice(0, 40)}…` : key}
                </Link>
              ),
            },
            { title: t('Annotator'), cell: ({ annotator }) => <span className="label-text">{annotator}</span> },
            { title: t('Their answer'), cell: ({ label }) => <span className="label-text">{labelText(label)}</span> },
            { title: t('Known answer'), cell: ({ gold }) => <span className="label-text">{labelText(gold)}</span> },
            { title: t('Why it is right'), cell: ({ reason }) => <span className="label-text">{reason}</span> },
            { title: t('Said'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
            {
              title: t('Rule'),
              cell: ({ id, kind, annotator }) => (
                <Group gap={6} wrap="nowrap">
                  {kind !== 'repeat' && (
                    <RowButton
                      of={annotator}
                      onClick={() => setChosen({ id, verdict: 'upheld', isWork: kind === 'work' })}
                    >
                      {kind === 'work' ? t('Ask it again') : t('Uphold')}
                    </RowButton>
                  )}
                  <RowButton
                    of={annotator}
                    onClick={() => setChosen({ id, verdict: 'rejected', isWork: kind === 'work' })}
                  >
                    {t('Reject')}
                  </RowButton>
                </Group>
              ),
            },
          ]}
        />
      )}
      {data?.nextCursor && <p className="dim">{t('The oldest {shown} are shown.', { shown: SHOWN })}</p>}
      {chosen && <Ruling {...chosen} campaignId={campaignId} onClose={() => setChosen(null)} />}
    </section>
  );
}

function Ruling({ id, verdict, isWork, campaignId, onClose }: Chosen & { campaignId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const rule = useMutation({
    mutationFn: (note: string) =>
      unwrap(api.POST('/v1/appeals/{id}/resolve', { params: { path: { id } }, body: { verdict, note } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['campaign', campaignId] });
      onClose();
    },
  });
  const upholds = verdict === 'upheld';
  if (upholds && isWork) {
    return (
      <ReasonModal
        title={t('Ask the task again')}
        hint={t('It gets as many answers more as a task of this campaign, within the budget, and is decided anew.')}
        label={t('Why')}
        confirm={t('Ask it again')}
        pending={rule.isPending}
        error={rule.error}
        onConfirm={(note) => rule.mutate(note)}
        onClose={onClose}
      />
    );
  }
  return (
    <ReasonModal
      title={upholds ? t('Uphold the appeal') : t('Reject the appeal')}
      hint={
        upholds ? t('Their answer becomes the known answer, and all verdicts on it follow.') : t('The verdict stays.')
      }
      label={t('Why')}
      confirm={upholds ? t('Uphold') : t('Reject')}
      pending={rule.isPending}
      error={rule.error}
      onConfirm={(note) => rule.mutate(note)}
      onClose={onClose}
    />
  );
}
