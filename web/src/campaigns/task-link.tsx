import { Link } from '@tanstack/react-router';

const SHOWN = 40;

/** Leads to a task, by the key of its item. */
export function TaskLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/tasks/$id" params={{ id }} className="label-text whole">
      {name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name}
    </Link>
  );
}
