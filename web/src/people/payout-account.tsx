import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, Problem, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { useI18n } from '../i18n';
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

const NONE: Account = { holder: '', account: '', bic: null, region: null };

/** Null where nothing was said yet; `hidden` from a key, which says it once and is never shown it. */
async function readAccount(): Promise<Account | 'hidden' | null> {
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
  const { say } = useI18n();
  // Here, because what is saved begins the form anew.
  const [saved, setSaved] = useState(false);
  const { data, error } = useQuery({ queryKey: ['me', 'payout-account'], queryFn: readAccount });
  const known = data === 'hidden' ? null : data;
  const hint = data === 'hidden' ? 'pay.accountByKey' : data === null ? 'pay.accountMissing' : 'pay.accountHint';
  return (
    <section className="card" aria-labelledby="account-title">
      <h2 id="account-title">{say('pay.account')}</h2>
      <p className="dim">{say(hint)}</p>
      <FaultNotice error={error} />
      {known !== undefined && (
        <AccountForm key={JSON.stringify(known)} start={known ?? NONE} saved={saved} onSaved={setSaved} />
      )}
      {known && <Changes />}
    </section>
  );
}

/** Where one's pay was to go, so that a change one did not make is seen; nothing before there is one. */
function Changes() {
  const { say, language } = useI18n();
  const pages = usePages(['me', 'payout-account', 'changes'], (page) =>
    unwrap(api.GET('/v1/me/payout-account/changes', { params: { query: { limit: 20, ...page } } })),
  );
  if (pages.items.length === 0) return <FaultNotice error={pages.error} />;
  return (
    <details>
      <summary>{say('pay.changes')}</summary>
      <DataTable
        caption={say('pay.changes')}
        rows={pages.items}
        keyOf={({ id }) => id}
        columns={[
          { title: say('pay.changedAt'), whole: true, cell: ({ at }) => dateText(at, language) },
          { title: say('pay.holder'), cell: ({ holder }) => <bdi>{holder}</bdi> },
          { title: say('pay.number'), cell: ({ account }) => <bdi>{account}</bdi> },
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
  const { say } = useI18n();
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
            label={say('pay.holder')}
            dir="auto"
            required
            pattern="\s*\p{L}[\p{L}\p{M} .'’,\-]{0,69}\s*"
            title={say('pay.holderRule')}
            description={say('pay.holderRule')}
            autoComplete="name"
            value={account.holder}
            onChange={(event) => set({ holder: event.currentTarget.value })}
          />
          <TextInput
            label={say('pay.number')}
            required
            minLength={4}
            maxLength={50}
            dir="ltr"
            autoComplete="off"
            value={account.account}
            onChange={(event) => set({ account: event.currentTarget.value })}
          />
          <TextInput
            label={say('pay.bic')}
            pattern="[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?"
            title={say('pay.bicRule')}
            maxLength={11}
            dir="ltr"
            value={account.bic ?? ''}
            onChange={(event) => set({ bic: upper(event.currentTarget.value) })}
          />
          <TextInput
            label={say('pay.region')}
            pattern="[A-Z]{2}"
            title={say('pay.regionRule')}
            maxLength={2}
            dir="ltr"
            value={account.region ?? ''}
            onChange={(event) => set({ region: upper(event.currentTarget.value) })}
          />
        </div>
        <FaultNotice error={save.error} />
        <p role="status">{saved && say('pay.saved')}</p>
        <div>
          <Button type="submit" size="xs" loading={save.isPending}>
            {say('pay.save')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
