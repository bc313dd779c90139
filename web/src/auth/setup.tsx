import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { call, storedKey } from '../api/client';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { FormCard } from '../ui/form-card';
import { type Account, NewAccount } from './new-account';

/** The first start on an empty database: making the owner. */
export function SetupPage() {
  useOffice();
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
        {t('Use an API key')}
      </Link>
    </p>
  );
  if (token === undefined && storedKey() === undefined) {
    return (
      <FormCard title={t('Welcome to Quorate')} lead={t('Nobody owns this server yet.')}>
        <p>
          {t(
            'Open the link that `quorate up` or `quorate serve api` printed: it ends in /setup?token=… and makes the owner.',
          )}
        </p>
        {byKey}
      </FormCard>
    );
  }
  return (
    <FormCard
      title={t('Welcome to Quorate')}
      lead={t("Nobody owns this server yet. Make the owner's account to begin.")}
    >
      <NewAccount
        fields={['name', 'email', 'password', 'organisation']}
        action={t("Make the owner's account")}
        create={create}
      />
      {byKey}
    </FormCard>
  );
}
