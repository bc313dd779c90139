import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { call } from '../api/client';
import { useSay } from '../i18n';
import { FormCard } from '../ui/form-card';
import { type Account, NewAccount } from './new-account';
import { signOut } from './session';

/** Where an invitation's link leads: name and password, and in. */
export function InvitationPage() {
  const { token = '' } = useParams({ strict: false });
  const queries = useQueryClient();
  const say = useSay();
  const navigate = useNavigate();
  const accept = async ({ name, password }: Account) => {
    await signOut();
    await call('POST', `/v1/invitations/${encodeURIComponent(token)}/accept`, { name, password });
    await queries.resetQueries();
    await navigate({ to: '/' });
  };
  return (
    <FormCard title={say('invited.title')} lead={say('invited.lead')}>
      <NewAccount fields={['name', 'password']} action={say('invited.accept')} create={accept} />
    </FormCard>
  );
}
