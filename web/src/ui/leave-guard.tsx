import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { t } from '../i18n/office';
import { ConfirmDialog } from './confirm-dialog';

/** Asks before what was filled in is lost, by another page or by closing this one. */
export function LeaveGuard({ when }: { when: boolean }) {
  // Not the router's own hook, which would be in what every desk loads.
  const { history } = useRouter();
  const [answer, setAnswer] = useState<((stays: boolean) => void) | null>(null);
  useEffect(() => {
    if (!when) return;
    return history.block({
      enableBeforeUnload: true,
      blockerFn: async ({ currentLocation, nextLocation }) =>
        currentLocation.pathname !== nextLocation.pathname &&
        new Promise<boolean>((resolve) => setAnswer(() => resolve)),
    });
  }, [history, when]);
  if (answer === null) return null;
  const say = (stays: boolean) => {
    setAnswer(null);
    answer(stays);
  };
  return (
    <ConfirmDialog
      title={t('Leave this page?')}
      text={t('What you have filled in is not kept.')}
      confirm={t('Leave')}
      pending={false}
      error={null}
      onConfirm={() => say(false)}
      onClose={() => say(true)}
    />
  );
}
