import { Link } from '@tanstack/react-router';
import { t } from '../i18n/office';

/** After a link to a campaign: one to the task that it is about, where there is one. */
export function ItsTask({ taskId }: { taskId: string | null }) {
  if (taskId === null) return null;
  return (
    <>
      {', '}
      <Link to="/tasks/$id" params={{ id: taskId }}>
        {t('the task')}
      </Link>
    </>
  );
}
