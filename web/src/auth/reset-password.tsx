import { useNavigate, useSearch } from '@tanstack/react-router';
import { call } from '../api/client';
import { useSay } from '../i18n';
import { FormCard } from '../ui/form-card';
import { NewAccount } from './new-account';

/** Where the link of a password reset leads. */
export function ResetPasswordPage() {
  const { token } = useSearch({ strict: false });
  const say = useSay();
  const navigate = useNavigate();
  return (
    <FormCard title={say('reset.title')}>
      <NewAccount
        fields={['password']}
        action={say('reset.save')}
        create={async ({ password }) => {
          await call('POST', '/v1/auth/reset-password', { newPassword: password, token });
          await navigate({ to: '/sign-in' });
        }}
      />
    </FormCard>
  );
}
