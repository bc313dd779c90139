import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, forgetKey, Problem, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';
import { signOut } from './session';

/** What a server says of itself to everybody. */
export const useSetup = () => useQuery({ queryKey: ['setup'], queryFn: () => unwrap(api.GET('/v1/setup')) });

interface ByProviderProps {
  readonly provider: { readonly providerId: string; readonly name: string };
  /** Where to come back to. */
  readonly to: string;
  /** Whether somebody is signed in here, who is signed out first. */
  readonly instead?: boolean;
}

/** Off to the organisation's own sign-in, and back. */
export function ByProvider({ provider: { providerId, name }, to, instead = false }: ByProviderProps) {
  const leave = useMutation({
    mutationFn: async () => {
      if (instead) await signOut();
      forgetKey();
      const body = { provider: providerId, callbackURL: to };
      const { url } = (await call('POST', '/v1/auth/sign-in/social', body)) as { url?: string };
      if (url === undefined) throw new Problem(502, 'unavailable', t('The sign-in service did not answer; try again.'));
      location.assign(url);
    },
  });
  return (
    <>
      <Button variant="default" loading={leave.isPending || leave.isSuccess} onClick={() => leave.mutate()}>
        {t('Sign in with {name}', { name })}
      </Button>
      <FaultNotice error={leave.error} />
      <p className="dim or">{t('or')}</p>
    </>
  );
}
