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
    const path = `/v1/invitations/${encodeURIComponent(token)}/accept`;
    const made = (await call('POST', path, { name, password })) as
      | { email?: string; user?: { email?: string } }
      | undefined;
    const email = made?.email ?? made?.user?.email;
    if (email !== undefined) await call('POST', '/v1/auth/sign-in/email', { email, password });
    queries.clear();
    await navigate({ to: '/' });
  };
  return (
    <FormCard title="You are invited" lead="Choose how you are called here, and a password.">
      <NewAccount fields={['name', 'password']} action="Accept the invitation" create={accept} />
    </FormCard>
  );
}
