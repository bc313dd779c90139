import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { call } from '../api/client';
import { FormCard } from '../ui/form-card';
import { type Account, NewAccount } from './new-account';

/** The first start on an empty database: making the owner. */
export function SetupPage() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const create = async ({ name, email, password, organisation }: Account) => {
    await call('POST', '/v1/setup', { name, email, password, organisation });
    await queries.resetQueries();
    await navigate({ to: '/campaigns' });
  };
  return (
    <FormCard title="Welcome to Quorate" lead="Nobody owns this server yet. Make the owner's account to begin.">
      <NewAccount
        fields={['name', 'email', 'password', 'organisation']}
        action="Make the owner's account"
        create={create}
      />
      <p className="dim">
        <Link to="/sign-in" search={{ by: 'key' }}>
          Use an API key
        </Link>
      </p>
    </FormCard>
  );
}
