import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client';
import { LEAST_PASSWORD, MOST_PASSWORD } from '../auth/new-account';
import { t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';

/** Another password for whoever knows the present one; it signs everybody else out who had come by the old one. */
export function OwnPassword({ email }: { email: string }) {
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const change = useMutation({
    mutationFn: () => {
      const body = { currentPassword, newPassword, revokeOtherSessions: true };
      return call('POST', '/v1/auth/change-password', body);
    },
    onSuccess: () => {
      setCurrent('');
      setNew('');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <section className="card" aria-labelledby="password-title">
      <h2 id="password-title">{t('Change the password')}</h2>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {/* For password managers. */}
          <input type="email" autoComplete="username" value={email} readOnly hidden />
          <PasswordInput
            label={t('Present password')}
            autoComplete="current-password"
            required
            value={currentPassword}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('New password')}
            description={t('At least {count} characters.', { count: LEAST_PASSWORD })}
            autoComplete="new-password"
            required
            minLength={LEAST_PASSWORD}
            maxLength={MOST_PASSWORD}
            value={newPassword}
            onChange={(event) => setNew(event.currentTarget.value)}
          />
          <FaultNotice error={change.error} />
          <p role="status">{change.isSuccess && t('The password is changed, and every other device is signed out.')}</p>
          <div>
            <Button type="submit" size="xs" loading={change.isPending}>
              {t('Change the password')}
            </Button>
          </div>
        </Stack>
      </form>
    </section>
  );
}
