import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { TaskType } from '../api/types';
import { type Text, t } from '../i18n/office';
import { ReasonModal } from '../ui/reason-modal';

export type StandingAct = 'suspend' | 'reinstate' | 'recalibrate';

const WORDS: Readonly<Record<StandingAct, { readonly title: Text; readonly hint: Text }>> = {
  suspend: {
    title: 'Suspend',
    hint: 'They get no more tasks of any campaign. What they have answered stays; they see your reason.',
  },
  reinstate: { title: 'Reinstate', hint: 'They get tasks again.' },
  recalibrate: {
    title: 'Recalibrate',
    hint: 'They get tasks only while golds are left for them, mixed with these; the golds, or a calibration session, say whether they go on. They see your reason.',
  },
};

interface StandingDialogProps {
  /** `standingOf`: the task type that the standing is of; null for the whole. */
  readonly worker: { readonly id: string; readonly name: string; readonly standingOf: TaskType | null };
  readonly act: StandingAct;
  readonly onClose: () => void;
}

/** Asks for the reason of a change of somebody's standing, and makes it. */
export function StandingDialog({ worker, act, onClose }: StandingDialogProps) {
  const queries = useQueryClient();
  const { title } = WORDS[act];
  const taskType = act === 'reinstate' ? worker.standingOf : null;
  const hint = taskType === null ? WORDS[act].hint : 'They get tasks of this type again.';
  const change = useMutation({
    mutationFn: (reason: string) => {
      const body = { reason, ...(taskType === null ? {} : { taskType }) };
      return unwrap(api.POST(`/v1/annotators/{id}/${act}`, { params: { path: { id: worker.id } }, body }));
    },
    onSuccess: async () => {
      // On a campaign's page, and on that of people.
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes('annotators') });
      onClose();
    },
  });
  return (
    <ReasonModal
      title={`${t(title)} ${worker.name}`}
      hint={t(hint)}
      confirm={t(title)}
      danger={act === 'suspend'}
      pending={change.isPending}
      error={change.error}
      onConfirm={(reason) => change.mutate(reason)}
      onClose={onClose}
    />
  );
}
