import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { FaultNotice } from '../ui/page-error';

export type StandingAct = 'suspend' | 'reinstate' | 'recalibrate';

const WORDS: Readonly<Record<StandingAct, { readonly title: string; readonly hint: string }>> = {
  suspend: {
    title: 'Suspend',
    hint: 'They get no more tasks of any campaign. What they have answered stays; they see your reason.',
  },
  reinstate: { title: 'Reinstate', hint: 'They get tasks again.' },
  recalibrate: {
    title: 'Recalibrate',
    hint: 'They answer calibration tasks alone until these say whether they go on. They see your reason.',
  },
};

interface StandingDialogProps {
  readonly worker: { readonly id: string; readonly name: string };
  readonly act: StandingAct;
  readonly campaignId: string;
  readonly onClose: () => void;
}

/** Asks for the reason of a change of somebody's standing, and makes it. */
export function StandingDialog({ worker, act, campaignId, onClose }: StandingDialogProps) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const { title, hint } = WORDS[act];
  const change = useMutation({
    mutationFn: () =>
      unwrap(api.POST(`/v1/annotators/{id}/${act}`, { params: { path: { id: worker.id } }, body: { reason } })),
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
      title={`${title} ${worker.name}`}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className="dim">{hint}</p>
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
            <Button type="submit" color={act === 'suspend' ? 'red' : 'indigo'} loading={change.isPending}>
              {title}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
