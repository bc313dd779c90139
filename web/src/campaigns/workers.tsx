import { Badge, Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { count, dateText, percent } from '../ui/text';

const STANDING_COLORS = { active: 'green', recalibrating: 'yellow', suspended: 'red' } as const;

interface Worker {
  readonly id: string;
  readonly name: string;
  readonly standing: keyof typeof STANDING_COLORS;
}

/** Who answers: speed, agreement with the decisions, gold record, standing. */
export function Workers({ campaignId, manages, ended }: { campaignId: string; manages: boolean; ended: boolean }) {
  const [chosen, setChosen] = useState<Worker | null>(null);
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'annotators'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/annotators', { params: { path: { id: campaignId } } })),
    refetchInterval: ended ? false : 5000,
  });
  return (
    <section className="card" aria-labelledby="workers-title">
      <h2 id="workers-title">Annotators</h2>
      <p className="dim">
        Of the newest {count(data?.answers ?? 0)} answers. Agreement is with the decisions; gold accuracy has its 95%
        interval.
      </p>
      <FaultNotice error={error} />
      {data && data.items.length === 0 && <p>Nobody has answered yet.</p>}
      {data && data.items.length > 0 && (
        <DataTable
          caption="Annotators of this campaign"
          rows={data.items}
          keyOf={({ id }) => id}
          columns={[
            {
              title: 'Name',
              cell: ({ name, kind, simulated }) => (
                <>
                  <span className="label-text">{name}</span>{' '}
                  {(simulated || kind !== 'person') && <span className="dim">{simulated ? 'simulated' : kind}</span>}
                </>
              ),
            },
            {
              title: 'Standing',
              cell: ({ standing, standingReason }) => (
                <Badge variant="light" color={STANDING_COLORS[standing]} title={standingReason ?? undefined}>
                  {standing}
                </Badge>
              ),
            },
            { title: 'Answers', number: true, cell: ({ answers }) => count(answers) },
            { title: 'Median time', number: true, cell: ({ medianSeconds }) => `${medianSeconds.toFixed(1)} s` },
            {
              title: 'Agreement',
              number: true,
              cell: ({ agreement }) => (agreement === null ? '–' : percent(agreement)),
            },
            {
              title: 'Gold accuracy',
              number: true,
              cell: ({ gold }) =>
                gold === null ? (
                  '–'
                ) : (
                  <>
                    {gold.correct} of {gold.total}{' '}
                    <span className="dim">
                      ({Math.round(100 * gold.low)}–{Math.round(100 * gold.high)}%)
                    </span>
                  </>
                ),
            },
            { title: 'Flagged', number: true, cell: ({ flagged }) => percent(flagged) },
            { title: 'Last answer', cell: ({ lastAnswerAt }) => dateText(lastAnswerAt) },
            ...(manages
              ? [
                  {
                    title: 'Act',
                    cell: ({ id, name, standing }: Worker) => (
                      <Button size="compact-xs" variant="default" onClick={() => setChosen({ id, name, standing })}>
                        {standing === 'suspended' ? 'Reinstate' : 'Suspend'}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {chosen && <StandingDialog worker={chosen} campaignId={campaignId} onClose={() => setChosen(null)} />}
    </section>
  );
}

interface StandingDialogProps {
  readonly worker: Worker;
  readonly campaignId: string;
  readonly onClose: () => void;
}

function StandingDialog({ worker, campaignId, onClose }: StandingDialogProps) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const suspends = worker.standing !== 'suspended';
  const change = useMutation({
    mutationFn: () => {
      const request = { params: { path: { id: worker.id } }, body: { reason } };
      const path = suspends ? '/v1/annotators/{id}/suspend' : '/v1/annotators/{id}/reinstate';
      return unwrap(api.POST(path, request));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['campaign', campaignId, 'annotators'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Modal
      opened
      centered
      onClose={onClose}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={`${suspends ? 'Suspend' : 'Reinstate'} ${worker.name}`}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className="dim">
            {suspends
              ? 'They get no more tasks of any campaign. What they have answered stays; they see your reason.'
              : 'They get tasks again.'}
          </p>
          <Textarea
            label="Reason"
            required
            maxLength={1000}
            autosize
            minRows={2}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <FaultNotice error={change.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={suspends ? 'red' : 'indigo'} loading={change.isPending}>
              {suspends ? 'Suspend' : 'Reinstate'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
