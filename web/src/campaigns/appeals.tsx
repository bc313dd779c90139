import { Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { labelText } from '../ui/label-text';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { RowButton } from '../ui/row-button';
import { dateText } from '../ui/text';
import { WaitingCount } from '../ui/waiting-count';
import { campaignColumn } from './campaign-link';
import { TaskLink } from './task-link';

const SHOWN = 50;

interface Chosen {
  readonly id: string;
  readonly verdict: 'upheld' | 'rejected';
  /** Whether it is about work, whose task is asked again. */
  readonly isWork: boolean;
}

interface AppealsProps {
  /** Those of all campaigns without it, also where there are none. */
  readonly campaignId?: string;
  readonly ended?: boolean;
}

/** Answers whose annotators say that they were judged wrongly, and the rulings on them. */
export function Appeals({ campaignId, ended = false }: AppealsProps) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const ofOne = campaignId === undefined ? {} : { campaignId };
  const queryKey = campaignId === undefined ? ['rulings', 'appeals'] : ['campaign', campaignId, 'appeals'];
  const { data, error } = useQuery({
    queryKey,
    queryFn: () => unwrap(api.GET('/v1/appeals', { params: { query: { ...ofOne, state: 'open', limit: SHOWN } } })),
    refetchInterval: ended ? false : 10_000,
  });
  const appeals = data?.items ?? [];
  if (appeals.length === 0 && !error && campaignId !== undefined) return null;
  return (
    <section className="card" aria-labelledby="appeals-title">
      <h2 id="appeals-title">
        {t('Contested answers')} <WaitingCount pages={{ items: appeals, hasNextPage: appeals.length === SHOWN }} />
      </h2>
      <p className="dim">
        {t(
          "Annotators say why an answer of theirs is right. Where it was judged by a known answer, upholding corrects that answer and everybody's verdicts on it; of other tasks, once decided, the task can be asked again; while it is open, rule on its own page.",
        )}
      </p>
      <FaultNotice error={error} />
      {data && appeals.length === 0 && <p>{t('Nothing waits.')}</p>}
      {appeals.length > 0 && (
        <DataTable
          caption={t('Contested answers')}
          rows={appeals}
          keyOf={({ id }) => id}
          columns={[
            { title: t('Task'), cell: ({ taskId, key }) => <TaskLink id={taskId} name={key} /> },
            ...(campaignId === undefined ? [campaignColumn()] : []),
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
      {chosen && (
        <Ruling
          {...chosen}
          stale={campaignId === undefined ? queryKey : ['campaign', campaignId]}
          onClose={() => setChosen(null)}
        />
      )}
    </section>
  );
}

interface RulingProps extends Chosen {
  /** What shows something else once it is ruled. */
  readonly stale: readonly string[];
  readonly onClose: () => void;
}

function Ruling({ id, verdict, isWork, stale, onClose }: RulingProps) {
  const queries = useQueryClient();
  const rule = useMutation({
    mutationFn: (note: string) =>
      unwrap(api.POST('/v1/appeals/{id}/resolve', { params: { path: { id } }, body: { verdict, note } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: stale });
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
