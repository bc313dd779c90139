import { useBlocker } from '@tanstack/react-router';
import { t } from '../i18n/office';
import { ConfirmDialog } from './confirm-dialog';

/** Asks before what was filled in is lost, by another page or by closing this one. */
export function LeaveGuard({ when }: { when: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => when && current.pathname !== next.pathname,
    enableBeforeUnload: when,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <ConfirmDialog
      title={t('Leave this page?')}
      text={t('What you have filled in is not kept.')}
      confirm={t('Leave')}
      pending={false}
      error={null}
      onConfirm={blocker.proceed}
      onClose={blocker.reset}
    />
  );
}
