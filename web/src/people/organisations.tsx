import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, call, unwrap } from '../api/client';
import { useOnce } from '../api/once';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { NameField } from '../ui/name-field';
import { FaultNotice } from '../ui/page-error';
import { PagedTable } from '../ui/paged-table';
import { dateText } from '../ui/text';

/** The organisations of this server, and a further one: for owners of the first. */
export function Organisations() {
  const pages = usePages(['organisations'], (page) =>
    unwrap(api.GET('/v1/organisations', { params: { query: { limit: 100, ...page } } })),
  );
  return (
    <section className="card" aria-labelledby="organisations-title">
      <h2 id="organisations-title">{t('Organisations')}</h2>
      <p className="dim">
        {t('Each has its own people, campaigns and money, and sees nothing of the others. Only this one makes more.')}
      </p>
      <NewOrganisation />
      <PagedTable
        pages={pages}
        empty={null}
        caption={t('Organisations of this server')}
        columns={[
          { title: t('Name'), cell: ({ name }) => <span className="label-text">{name}</span> },
          { title: t('Since'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
        ]}
      />
    </section>
  );
}

function NewOrganisation() {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const once = useOnce();
  const make = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), email };
      return once(
        (headers) =>
          call('POST', '/v1/organisations', body, { headers }) as Promise<{
            name: string;
            invitation: { link: string };
          }>,
      );
    },
    onSuccess: async () => {
      setName('');
      setEmail('');
      await queries.invalidateQueries({ queryKey: ['organisations'] });
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
          <NameField label={t('Name of the organisation')} dir="auto" value={name} onName={setName} />
          <TextInput
            label={t('Mail address of its owner')}
            type="email"
            dir="ltr"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Button type="submit" loading={make.isPending}>
            {t('Make the organisation')}
          </Button>
        </div>
        <FaultNotice error={make.error} />
        {make.data && (
          <output>
            {t('Send this link to the owner of {name}:', { name: make.data.name })}{' '}
            <code className="pre">{make.data.invitation.link}</code>
          </output>
        )}
      </Stack>
    </form>
  );
}
