import { Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { api, call, Problem, unwrap } from '../api/client';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { FormCard } from '../ui/form-card';
import { FaultNotice } from '../ui/page-error';
import { words } from '../ui/text';
import { ByProvider, useSetup } from './by-provider';
import { type Account, NewAccount } from './new-account';
import { sessionQuery, signOut } from './session';

/** Where an invitation's link leads: what it invites to, name and password, and in. */
export function InvitationPage() {
  useOffice();
  const { token = '' } = useParams({ strict: false });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery);
  const { data: setup } = useSetup();
  const read = () => unwrap(api.GET('/v1/invitations/{token}', { params: { path: { token } } }));
  const invited = useQuery({ queryKey: ['invitation', token], queryFn: read, retry: false });
  const isGone = invited.error instanceof Problem && invited.error.status === 404;
  const accept = async ({ name, password }: Account) => {
    // Nobody is signed out for an invitation that is not good any more.
    await read();
    await signOut();
    await call('POST', `/v1/invitations/${encodeURIComponent(token)}/accept`, { name, password });
    // But for the invitation, which is used now.
    await queries.resetQueries({ predicate: ({ queryKey: [what] }) => what !== 'invitation' });
    await navigate({ to: '/' });
  };
  return (
    <FormCard title={t('You are invited')}>
      {isGone ? (
        <>
          <p role="alert">{t('This invitation was used, taken back or has expired; ask for a new one.')}</p>
          <p>
            <Link to="/">{t('Sign in')}</Link>
          </p>
        </>
      ) : (
        <FaultNotice error={invited.error} />
      )}
      {invited.data && (
        <>
          <p>
            <bdi>{invited.data.organisation}</bdi> · {words(invited.data.role)} · <bdi>{invited.data.email}</bdi>
          </p>
          {session != null && (
            <p className="notice" role="note">
              {t('You are signed in here as {name}; accepting signs you out first.', {
                name: session.name ?? session.email ?? '–',
              })}
            </p>
          )}
          {setup?.singleSignOn && (
            <Stack gap="sm" my="md">
              <ByProvider provider={setup.singleSignOn} to="/" instead={session != null} />
            </Stack>
          )}
          <p className="dim">{t('Choose how you are called here, and a password.')}</p>
          <NewAccount fields={['name', 'password']} action={t('Accept the invitation')} create={accept} />
        </>
      )}
    </FormCard>
  );
}
