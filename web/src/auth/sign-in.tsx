import { Alert, Anchor, Button, Checkbox, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, call, forgetKey, Problem, storeKey, unwrap } from '../api/client';
import { useOffice } from '../i18n';
import { type Text, t } from '../i18n/office';
import { FormCard } from '../ui/form-card';
import { FaultNotice } from '../ui/page-error';
import { ByProvider, useSetup } from './by-provider';
import { sessionQuery } from './session';

type Way = 'password' | 'key';

/** Sign-in by e-mail and password, or by an API key. */
export function SignInPage() {
  useOffice();
  const { by, to = '/', error } = useSearch({ strict: false });
  const [way, setWay] = useState<Way>(by ?? 'password');
  const { data: setup } = useSetup();
  if (setup?.needsOwner && way === 'password') return <Navigate to="/setup" />;
  return (
    <FormCard title={t('Sign in')}>
      {setup?.singleSignOn && (
        <Stack gap="sm" mb="md">
          {error !== undefined && (
            <Alert color="red" variant="light" role="alert">
              {t(
                /sign_?up|link|email|user/i.test(error)
                  ? 'The sign-in service knows you, but nobody here has invited this address, or it is not verified there. Ask for an invitation; if you have one, open its link.'
                  : 'Signing in there did not work; try again.',
              )}
            </Alert>
          )}
          <ByProvider provider={setup.singleSignOn} to={to} />
        </Stack>
      )}
      {way === 'password' ? <ByPassword mails={setup?.mails ?? true} /> : <ByKey />}
      <Anchor
        component="button"
        type="button"
        size="sm"
        mt="md"
        onClick={() => setWay(way === 'key' ? 'password' : 'key')}
      >
        {t(way === 'key' ? 'Use e-mail and password' : 'Use an API key')}
      </Anchor>
    </FormCard>
  );
}

/** Reads the session anew and goes to where the person wanted to be. */
function useEnter(refusal: Text) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { to = '/' } = useSearch({ strict: false });
  return async () => {
    await queries.resetQueries();
    const session = await queries.fetchQuery(sessionQuery);
    if (session === null) throw new Problem(401, 'unauthorized', t(refusal));
    await navigate({ href: to });
  };
}

function ByPassword({ mails }: { mails: boolean }) {
  const enter = useEnter('The browser did not keep the session. Allow cookies for this site, and sign in again.');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [resetSent, setResetSent] = useState(false);
  const signIn = useMutation({
    mutationFn: async () => {
      // A key would stand before the session.
      forgetKey();
      await call('POST', '/v1/auth/sign-in/email', { email, password });
      await enter();
    },
  });
  const forgot = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/auth/request-password-reset', { body: { email } })),
    onSuccess: () => setResetSent(true),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={t('E-mail')}
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('Password')}
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <FaultNotice error={signIn.error ?? forgot.error} />
        {resetSent && (
          <output>
            {t(
              mails
                ? 'If there is an account with this address, a link is on its way.'
                : 'If there is an account with this address, a link was made for it. This server sends no mail: ask whoever runs it for the link, which is in its log.',
            )}
          </output>
        )}
        <Button type="submit" loading={signIn.isPending}>
          {t('Sign in')}
        </Button>
        <Anchor component="button" type="button" size="sm" disabled={email === ''} onClick={() => forgot.mutate()}>
          {t('Forgot your password?')}
        </Anchor>
      </Stack>
    </form>
  );
}

function ByKey() {
  const enter = useEnter('This API key is unknown or was revoked.');
  const [key, setKey] = useState('');
  const [stay, setStay] = useState(false);
  const signIn = useMutation({
    mutationFn: async () => {
      storeKey(key.trim(), stay);
      try {
        await enter();
      } catch (error) {
        forgetKey();
        throw error;
      }
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <PasswordInput
          label={t('API key')}
          description={t(
            'Annotators get a key from whoever invited them; the owner’s is in the file that `quorate up` names.',
          )}
          autoComplete="off"
          required
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <Checkbox
          label={t('Stay signed in on this device')}
          checked={stay}
          onChange={(event) => setStay(event.currentTarget.checked)}
        />
        <FaultNotice error={signIn.error} />
        <Button type="submit" loading={signIn.isPending}>
          {t('Sign in')}
        </Button>
      </Stack>
    </form>
  );
}
