import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { call, storedKey } from '../api/client';
import { FormCard } from '../ui/form-card';
import { type Account, NewAccount } from './new-account';

/** The first start on an empty database: making the owner. */
export function SetupPage() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { token } = useSearch({ strict: false });
  const create = async ({ name, email, password, organisation }: Account) => {
    await call('POST', '/v1/setup', { name, email, password, organisation, token });
    await queries.resetQueries();
    await navigate({ to: '/campaigns' });
  };
  const byKey = (
    <p className="dim form-other">
      <Link to="/sign-in" search={{ by: 'key' }}>
        Use an API key
      </Link>
    </p>
  );
  if (token === undefined && storedKey() === undefined) {
    return (
      <FormCard title="Welcome to Quorate" lead="Nobody owns this server yet.">
        <p>
          Open the link that the server printed when it started: it ends in <code>/setup?token=…</code> and leads to
          making the owner. It is printed by <code>quorate up</code> and in the output of <code>quorate serve api</code>
          .
        </p>
        {byKey}
      </FormCard>
    );
  }
  return (
    <FormCard title="Welcome to Quorate" lead="Nobody owns this server yet. Make the owner's account to begin.">
      <NewAccount
        fields={['name', 'email', 'password', 'organisation']}
        action="Make the owner's account"
        create={create}
      />
      {byKey}
    </FormCard>
  );
}
