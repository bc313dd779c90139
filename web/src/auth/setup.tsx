import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { call, storedKey } from '../api/client';
import { useSay } from '../i18n';
import { FormCard } from '../ui/form-card';
import { type Account, NewAccount } from './new-account';

/** The first start on an empty database: making the owner. */
export function SetupPage() {
  const queries = useQueryClient();
  const say = useSay();
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
        {say('signIn.useKey')}
      </Link>
    </p>
  );
  if (token === undefined && storedKey() === undefined) {
    return (
      <FormCard title={say('setup.title')} lead={say('setup.nobody')}>
        <p>{say('setup.link')}</p>
        {byKey}
      </FormCard>
    );
  }
  return (
    <FormCard title={say('setup.title')} lead={say('setup.lead')}>
      <NewAccount fields={['name', 'email', 'password', 'organisation']} action={say('setup.make')} create={create} />
      {byKey}
    </FormCard>
  );
}
