import { Link } from '@tanstack/react-router';
import { t } from '../i18n/office';

const SHOWN = 40;

/** Leads to a task, by the key of its item. */
export function TaskLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/tasks/$id" params={{ id }} className="label-text whole">
      {name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name}
    </Link>
  );
}

/** A column that leads to a task, by the key of its item. */
export const taskColumn = () => ({
  title: t('Task'),
  cell: ({ id, key }: { id: string; key: string }) => <TaskLink id={id} name={key} />,
});

/** A column that leads to where a task is ruled on. */
export const ruleColumn = () => ({
  title: t('Rule'),
  cell: ({ id }: { id: string }) => (
    <Link to="/tasks/$id" params={{ id }}>
      {t('See the answers and decide')}
    </Link>
  ),
});
