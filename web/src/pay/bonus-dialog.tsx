import { TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Once } from '../api/once';
import { t } from '../i18n/office';
import { ReasonModal } from '../ui/reason-modal';
import { dollars } from '../ui/text';
import { usdInput } from './usd-input';

interface BonusDialogProps {
  readonly campaignId: string;
  readonly worker: { readonly id: string; readonly name: string };
  /** Of this worker, and kept until it is given: who closes the dialog after a lost answer may open it again. */
  readonly once: Once;
  /** Hears what was given, in words. */
  readonly onGiven: (words: string) => void;
  readonly onClose: () => void;
}

/** Something on top for an annotator, from what the campaign's budget has free. */
export function BonusDialog({ campaignId, worker, once, onGiven, onClose }: BonusDialogProps) {
  const [amountUsd, setAmountUsd] = useState('');
  const give = useMutation({
    mutationFn: (reason: string) =>
      once((headers) =>
        unwrap(
          api.POST('/v1/campaigns/{id}/bonuses', {
            params: { path: { id: campaignId } },
            headers,
            body: { annotatorId: worker.id, amountUsd: amountUsd.trim(), reason },
          }),
        ),
      ),
    onSuccess: () => {
      onGiven(
        t('{name} was given a bonus of {value}.', { name: worker.name, value: dollars(1e6 * Number(amountUsd)) }),
      );
      onClose();
    },
  });
  return (
    <ReasonModal
      title={t('A bonus for {name}', { name: worker.name })}
      hint={t(
        "It comes from what this campaign's budget has free, as does what a vendor charges on top for its worker. They see your reason.",
      )}
      confirm={t('Give the bonus')}
      pending={give.isPending}
      error={give.error}
      onConfirm={(reason) => give.mutate(reason)}
      onClose={onClose}
    >
      <TextInput
        label={t('Amount ($)')}
        {...usdInput()}
        value={amountUsd}
        onChange={(event) => setAmountUsd(event.currentTarget.value)}
      />
    </ReasonModal>
  );
}
