import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Once } from '../api/once';
import { t } from '../i18n/office';
import { ReasonModal } from '../ui/reason-modal';
import { usdInput } from './usd-input';

interface DeductionDialogProps {
  readonly answer: { readonly id: string; readonly annotator: string };
  /** Of this answer, and kept until it is proposed. */
  readonly once: Once;
  readonly onClose: () => void;
}

/** Proposes to take back what an answer was paid; somebody else rules on it. */
export function DeductionDialog({ answer, once, onClose }: DeductionDialogProps) {
  const queries = useQueryClient();
  const [amountUsd, setAmountUsd] = useState('');
  const propose = useMutation({
    mutationFn: (reason: string) =>
      once((headers) =>
        unwrap(
          api.POST('/v1/annotations/{id}/deduction', {
            params: { path: { id: answer.id } },
            headers,
            body: { reason, ...(amountUsd.trim() === '' ? {} : { amountUsd: amountUsd.trim() }) },
          }),
        ),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['adjustments'] });
      onClose();
    },
  });
  return (
    <ReasonModal
      title={t('Propose a deduction from {annotator}', { annotator: answer.annotator })}
      hint={t(
        'They see your reason and have 7 days to say why not. Then somebody else than you rules, on the page Pay; until then nothing is taken.',
      )}
      confirm={t('Propose it')}
      danger
      pending={propose.isPending}
      error={propose.error}
      onConfirm={(reason) => propose.mutate(reason)}
      onClose={onClose}
    >
      <TextInput
        label={t('Amount ($, optional)')}
        description={t('By default all it was paid.')}
        {...usdInput(false)}
        value={amountUsd}
        onChange={(event) => setAmountUsd(event.currentTarget.value)}
      />
    </ReasonModal>
  );
}
