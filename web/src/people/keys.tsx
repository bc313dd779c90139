import { Button, Checkbox, NativeSelect, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { useOnce } from '../api/once';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { NameField } from '../ui/name-field';
import { options } from '../ui/options';
import { FaultNotice } from '../ui/page-error';
import { PagedTable } from '../ui/paged-table';
import { RowButton } from '../ui/row-button';
import { dateText, words } from '../ui/text';
import { type KeyRole, SCOPES, type Scope, scopeName, scopesOf } from './scopes';

/** Annotators' keys are made with their annotator. */
const ROLES = ['requester', 'reviewer', 'viewer', 'owner'] as const satisfies readonly KeyRole[];

interface Key {
  readonly id: string;
  readonly name: string;
}

/** Keys for programs: who has one, a new one, and the end of one. */
export function Keys() {
  const [ending, setEnding] = useState<Key | null>(null);
  const pages = usePages(['keys'], (page) =>
    unwrap(api.GET('/v1/keys', { params: { query: { limit: 100, ...page } } })),
  );
  return (
    <section className="card" aria-labelledby="keys-title">
      <h2 id="keys-title">{t('API keys')}</h2>
      <p className="dim">
        {t("For programs, and for the command line on other machines. Annotators' keys are not listed.")}
      </p>
      <NewKey />
      <PagedTable
        pages={pages}
        empty={null}
        caption={t('API keys')}
        columns={[
          { title: t('Name'), cell: ({ name }) => <span className="label-text">{name}</span> },
          { title: t('Role'), cell: ({ role }) => words(role) },
          {
            title: t('Limited to'),
            cell: ({ scopes }) => (scopes === null ? t('all of its role') : scopes.map(scopeName).join(', ')),
          },
          { title: t('Since'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
          {
            title: t('Act'),
            cell: ({ id, name, revokedAt }) =>
              revokedAt === null ? (
                <RowButton of={t('the key {name}', { name })} onClick={() => setEnding({ id, name })}>
                  {t('End')}
                </RowButton>
              ) : (
                <span className="dim whole">{t('ended {revokedAt}', { revokedAt: dateText(revokedAt) })}</span>
              ),
          },
        ]}
      />
      {ending && <EndDialog ending={ending} onClose={() => setEnding(null)} />}
    </section>
  );
}

function NewKey() {
  const queries = useQueryClient();
  const once = useOnce();
  const [name, setName] = useState('');
  const [role, setRole] = useState<KeyRole>('requester');
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const limits = scopes.length === 0 ? {} : { scopes: [...scopes] };
  const make = useMutation({
    mutationFn: () =>
      once((headers) =>
        unwrap<{ name: string; apiKey: string }>(
          api.POST('/v1/keys', { headers, body: { name: name.trim(), role, ...limits } }) as never,
        ),
      ),
    onSuccess: async () => {
      setName('');
      setScopes([]);
      await queries.invalidateQueries({ queryKey: ['keys'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" mb="sm">
        <div className="fields">
          <NameField label={t('What the key is for')} value={name} onName={setName} />
          <NativeSelect
            label={t('Its role')}
            data={options(ROLES)}
            value={role}
            onChange={(event) => {
              setRole(event.currentTarget.value as KeyRole);
              setScopes([]);
            }}
          />
          <Button type="submit" loading={make.isPending}>
            {t('Make the key')}
          </Button>
        </div>
        <fieldset className="question-row">
          <legend>{t('Limited to (nothing chosen: all of its role)')}</legend>
          <div className="fields fields-level">
            {scopesOf(role).map((scope) => (
              <Checkbox
                key={scope}
                label={t(SCOPES[scope].title)}
                checked={scopes.includes(scope)}
                onChange={({ currentTarget: { checked } }) =>
                  setScopes((before) => (checked ? [...before, scope] : before.filter((each) => each !== scope)))
                }
              />
            ))}
          </div>
        </fieldset>
        <FaultNotice error={make.error} />
        {make.data && (
          <output>
            {t('The key {name}, shown this once:', { name: make.data.name })}{' '}
            <code className="pre">{make.data.apiKey}</code>
          </output>
        )}
      </Stack>
    </form>
  );
}

function EndDialog({ ending, onClose }: { ending: Key; onClose: () => void }) {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/keys/{id}/revoke', { params: { path: { id: ending.id } }, body: {} })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['keys'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t('End the key {name}', { name: ending.name })}
      text={t('Whatever uses it stops working within a second. It cannot be brought back.')}
      confirm={t('End it')}
      pending={end.isPending}
      error={end.error}
      onConfirm={() => end.mutate()}
      onClose={onClose}
    />
  );
}
