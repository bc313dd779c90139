import { Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { ReasonModal } from '../ui/reason-modal';
import { counted, dollars } from '../ui/text';

interface QuarantineDialogProps {
  readonly campaignId: string;
  readonly worker: { readonly id: string; readonly name: string };
  readonly onClose: () => void;
}

interface Paged {
  readonly nextCursor: string | null;
}

/** All pages, one after the other. */
async function allPages<Page extends Paged>(read: (cursor: { cursor?: string }) => Promise<Page>): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | null | undefined; cursor !== null; cursor = pages.at(-1)?.nextCursor ?? null) {
    pages.push(await read(cursor === undefined ? {} : { cursor }));
  }
  return pages;
}

/** Takes an annotator's answers out of what was decided in a campaign: first what that changes and costs, then the act. */
export function QuarantineDialog({ campaignId, worker, onClose }: QuarantineDialogProps) {
  const queries = useQueryClient();
  const [reopen, setReopen] = useState(true);
  const params = { path: { id: worker.id } };
  const preview = useQuery({
    queryKey: ['campaign', campaignId, 'quarantine', worker.id],
    queryFn: () =>
      allPages((page) =>
        unwrap(api.GET('/v1/annotators/{id}/quarantine', { params: { ...params, query: { campaignId, ...page } } })),
      ),
  });
  const act = useMutation({
    mutationFn: (reason: string) =>
      allPages((page) =>
        unwrap(
          api.POST('/v1/annotators/{id}/quarantine', {
            params: { ...params, query: { campaignId, ...page } },
            body: { reason, reopen },
          }),
        ),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['campaign', campaignId] });
      onClose();
    },
  });
  const sum = (of: 'examined' | 'flips' | 'unanswered' | 'belowConfidence' | 'reopenMicros') =>
    preview.data?.reduce((total, page) => total + page[of], 0) ?? 0;
  return (
    <ReasonModal
      title={t('Take out the answers of {name}', { name: worker.name })}
      hint={t(
        'Decisions of this campaign are made again without them. The old revisions stay in the record, and what was paid is paid. Suspend the annotator beside it, or they go on answering.',
      )}
      confirm={t('Take them out')}
      danger
      pending={act.isPending}
      ready={preview.data !== undefined}
      error={act.error ?? preview.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    >
      <p role="status">
        {preview.data
          ? t(
              '{value} a part in decisions: without them {value2} another, {value3} no answer left, and {value4} too uncertain.',
              {
                value: counted(sum('examined'), 'answer has', 'answers have'),
                value2: counted(sum('flips'), 'label is', 'labels are'),
                value3: counted(sum('unanswered'), 'task has', 'tasks have'),
                value4: counted(sum('belowConfidence'), 'decision is', 'decisions are'),
              },
            )
          : !preview.error && t('Looking…')}
      </p>
      <Switch
        label={t('Open the affected tasks again, each for one more answer')}
        description={preview.data ? t('Reserves at most {value}.', { value: dollars(sum('reopenMicros')) }) : undefined}
        checked={reopen}
        onChange={(event) => setReopen(event.currentTarget.checked)}
      />
    </ReasonModal>
  );
}
