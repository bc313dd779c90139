import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, Problem, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { useI18n } from '../i18n';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { dateText } from '../ui/text';

interface Account {
  readonly holder: string;
  readonly account: string;
  readonly bic: string | null;
  readonly region: string | null;
}

const HINTS = {
  byKey:
    'You came in by a key. With it you say once where your pay goes; it is not shown again, and an owner changes it later.',
  missing: 'You have not said yet where your pay goes. Until you do, it waits.',
  known: 'It is used from the next payout on.',
} as const;

interface Known extends Account {
  readonly regionAsked: string | null;
}

const NONE: Account = { holder: '', account: '', bic: null, region: null };

/** Null where nothing was said yet; `hidden` from a key, which says it once and is never shown it. */
async function readAccount(): Promise<Known | 'hidden' | null> {
  try {
    return await unwrap(api.GET('/v1/me/payout-account'));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 404) return null;
    if (error.status === 403) return 'hidden';
    throw error;
  }
}

/** Where one's pay goes. */
export function PayoutAccount() {
  // Here, because what is saved begins the form anew.
  const [saved, setSaved] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const { data, error } = useQuery({ queryKey: ['me', 'payout-account'], queryFn: readAccount });
  const known = data === 'hidden' ? null : data;
  const hint = data === 'hidden' ? HINTS.byKey : data === null ? HINTS.missing : HINTS.known;
  return (
    <section className="card" aria-labelledby="account-title">
      <h2 id="account-title" ref={heading} tabIndex={-1}>
        {t('Where your pay goes')}
      </h2>
      {data !== undefined && <p className="dim">{t(hint)}</p>}
      <FaultNotice error={error} />
      {known !== undefined && (
        <AccountForm
          key={JSON.stringify(known)}
          start={known ? formOf(known) : NONE}
          saved={saved}
          onSaved={(isSaved) => {
            setSaved(isSaved);
            if (isSaved) heading.current?.focus({ preventScroll: true });
          }}
        />
      )}
      {known?.regionAsked != null && (
        <p role="status">
          {t('An owner has to confirm that you work in {region}; until then the least pay of an hour is as before.', {
            region: known.regionAsked,
          })}
        </p>
      )}
      {known && <Changes />}
    </section>
  );
}

const formOf = ({ holder, account, bic, region, regionAsked }: Known): Account => {
  return { holder, account, bic, region: regionAsked ?? region };
};

/** Where one's pay was to go, so that a change one did not make is seen; nothing before there is one. */
function Changes() {
  const { language } = useI18n();
  const pages = usePages(['me', 'payout-account', 'changes'], (page) =>
    unwrap(api.GET('/v1/me/payout-account/changes', { params: { query: { limit: 20, ...page } } })),
  );
  if (pages.items.length === 0) return <FaultNotice error={pages.error} />;
  return (
    <details>
      <summary>{t('All that you said of it so far')}</summary>
      <DataTable
        caption={t('All that you said of it so far')}
        rows={pages.items}
        keyOf={({ id }) => id}
        columns={[
          { title: t('Said on'), whole: true, cell: ({ at }) => dateText(at, language) },
          { title: t('Account holder'), cell: ({ holder }) => <bdi>{holder}</bdi> },
          { title: t('IBAN or account number'), cell: ({ account }) => <bdi>{account}</bdi> },
        ]}
      />
      <MoreButton pages={pages} />
    </details>
  );
}

interface AccountFormProps {
  readonly start: Account;
  readonly saved: boolean;
  readonly onSaved: (saved: boolean) => void;
}

function AccountForm({ start, saved, onSaved }: AccountFormProps) {
  const queries = useQueryClient();
  const [account, setAccount] = useState(start);
  const set = (change: Partial<Account>) => {
    onSaved(false);
    setAccount((before) => ({ ...before, ...change }));
  };
  const save = useMutation({
    mutationFn: () => unwrap(api.PUT('/v1/me/payout-account', { body: account })),
    onMutate: () => onSaved(false),
    onSuccess: async () => {
      onSaved(true);
      await queries.invalidateQueries({ queryKey: ['me', 'payout-account'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const upper = (value: string) => (value.trim() === '' ? null : value.trim().toUpperCase());
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <div className="fields">
          <TextInput
            label={t('Account holder')}
            dir="auto"
            required
            pattern="\s*\p{L}[\p{L}\p{M} .'’,\-]{0,69}\s*"
            title={t("Letters, spaces and . ' , - alone, at most 70.")}
            description={t("Letters, spaces and . ' , - alone, at most 70.")}
            autoComplete="name"
            value={account.holder}
            onChange={(event) => set({ holder: event.currentTarget.value })}
          />
          <TextInput
            label={t('IBAN or account number')}
            required
            minLength={4}
            maxLength={50}
            dir="ltr"
            autoComplete="off"
            value={account.account}
            onChange={(event) => set({ account: event.currentTarget.value })}
          />
          <TextInput
            label={t('BIC (optional)')}
            pattern="[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?"
            title={t('8 or 11 letters and digits')}
            maxLength={11}
            dir="ltr"
            value={account.bic ?? ''}
            onChange={(event) => set({ bic: upper(event.currentTarget.value) })}
          />
          <TextInput
            label={t('Your country, two letters (optional)')}
            pattern="[A-Z]{2}"
            title={t('Two letters, such as KE')}
            maxLength={2}
            dir="ltr"
            value={account.region ?? ''}
            onChange={(event) => set({ region: upper(event.currentTarget.value) })}
          />
        </div>
        <FaultNotice error={save.error} />
        <p role="status">{saved && t('Saved.')}</p>
        <div>
          <Button type="submit" size="xs" loading={save.isPending}>
            {t('Save')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
