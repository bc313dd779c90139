import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { call } from '../api/client';
import { FormCard } from '../ui/form-card';
import { type Account, NewAccount } from './new-account';
import { signOut } from './session';

/** Where an invitation's link leads: name and password, and in. */
export function InvitationPage() {
  const { token = '' } = useParams({ strict: false });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const accept = async ({ name, password }: Account) => {
    await signOut();
    await call('POST', `/v1/invitations/${encodeURIComponent(token)}/accept`, { name, password });
    await queries.resetQueries();
    await navigate({ to: '/' });
  };
  return (
    <FormCard title="You are invited" lead="Choose how you are called here, and a password.">
      <NewAccount fields={['name', 'password']} action="Accept the invitation" create={accept} />
    </FormCard>
  );
}
