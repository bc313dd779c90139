import { useNavigate, useSearch } from '@tanstack/react-router';
import { call } from '../api/client';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { FormCard } from '../ui/form-card';
import { NewAccount } from './new-account';

/** Where the link of a password reset leads. */
export function ResetPasswordPage() {
  useOffice();
  const { token } = useSearch({ strict: false });
  const navigate = useNavigate();
  return (
    <FormCard title={t('Choose a new password')}>
      <NewAccount
        fields={['password']}
        action={t('Save the password')}
        create={async ({ password }) => {
          await call('POST', '/v1/auth/reset-password', { newPassword: password, token });
          await navigate({ to: '/sign-in' });
        }}
      />
    </FormCard>
  );
}
