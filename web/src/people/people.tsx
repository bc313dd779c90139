import { Button, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, call, unwrap } from '../api/client';
import { useOnce } from '../api/once';
import { usePages } from '../api/pages';
import { sessionQuery } from '../auth/session';
import { nameColumn, standingColumn } from '../campaigns/standing';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { NameField } from '../ui/name-field';
import { options } from '../ui/options';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { PagedTable } from '../ui/paged-table';
import { count, dateText, percent, words } from '../ui/text';
import { Invitations } from './invitations';
import { Keys } from './keys';
import { Members } from './members';
import { Organisations } from './organisations';
import { PersonActs } from './person-acts';
import { USUAL, WorkFields, workOf } from './work-fields';

const ROLES = ['annotator', 'reviewer', 'requester', 'viewer'] as const;

/** Everybody who answers, and how to bring in more. */
export function PeoplePage() {
  useOffice();
  const { data: session } = useQuery(sessionQuery);
  const [withdrawn, setWithdrawn] = useState<string | null>(null);
  const pages = usePages(['annotators'], (page) =>
    unwrap(api.GET('/v1/annotators', { params: { query: { limit: 100, ...page } } })),
  );
  return (
    <div className="page">
      <PageTitle of={t('People')} />
      <div className="page-head">
        <h1>{t('People')}</h1>
      </div>
      <div className="grid-2">
        {session?.role === 'owner' && <Invite withdrawn={withdrawn} />}
        <AddWithKey />
      </div>
      {session?.role === 'owner' && (
        <>
          <Members />
          <Invitations onWithdrawn={setWithdrawn} />
          <Keys />
          {session.isFirst && <Organisations />}
        </>
      )}
      <section className="card">
        <h2>{t('Annotators')}</h2>
        <PagedTable
          pages={pages}
          empty={<p>{t('There are no annotators yet.')}</p>}
          caption={t('Annotators')}
          columns={[
            nameColumn(),
            { title: t('Tier'), cell: ({ tier }) => words(tier) },
            { title: t('Workforce'), cell: ({ workforce }) => workforce },
            { title: t('Languages'), cell: ({ languages }) => languages.join(', ') || '–' },
            {
              title: t('Specializations'),
              cell: ({ specializations }) => <span dir="auto">{specializations.join(', ') || '–'}</span>,
            },
            standingColumn(),
            {
              title: t('Quality'),
              number: true,
              cell: ({ qualityScore, goldTotal }) => (goldTotal === 0 ? '–' : percent(qualityScore)),
            },
            {
              title: t('Gold'),
              number: true,
              cell: ({ goldCorrect, goldTotal }) =>
                t('{goldCorrect} of {goldTotal}', { goldCorrect: count(goldCorrect), goldTotal: count(goldTotal) }),
            },
            { title: t('Since'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
            { title: t('Act'), cell: (person) => <PersonActs person={person} /> },
          ]}
        />
      </section>
    </div>
  );
}

interface Invited {
  readonly id: string;
  readonly email: string;
  readonly link: string;
  readonly mailed: boolean;
}

/** What is shown of the last invitation goes once that is withdrawn. */
function Invite({ withdrawn }: { withdrawn: string | null }) {
  const queries = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string>('annotator');
  const [work, setWork] = useState(USUAL);
  const once = useOnce();
  const invite = useMutation({
    mutationFn: () => {
      const body = { email, role, ...(role === 'annotator' ? workOf(work) : {}) };
      return once((headers) => call('POST', '/v1/invitations', body, { headers }) as Promise<Invited>);
    },
    onSuccess: () => {
      setEmail('');
      return queries.invalidateQueries({ queryKey: ['invitations'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <section className="card" aria-labelledby="invite-title">
      <h2 id="invite-title">{t('Invite somebody')}</h2>
      <p className="dim">{t('They get a link, choose a password and are in.')}</p>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label={t('E-mail')}
            type="email"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('Role')}
            data={options(ROLES)}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value)}
          />
          {role === 'annotator' && <WorkFields work={work} onWork={setWork} />}
          <FaultNotice error={invite.error} />
          <Button type="submit" loading={invite.isPending}>
            {t('Make the invitation')}
          </Button>
          {invite.data && invite.data.id !== withdrawn && (
            <output>
              {invite.data.mailed
                ? t('{email} is invited, and this link was mailed to them:', { email: invite.data.email })
                : t('{email} is invited. Send them this link:', { email: invite.data.email })}
              <code className="pre">{invite.data.link}</code>
            </output>
          )}
        </Stack>
      </form>
    </section>
  );
}

function AddWithKey() {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [work, setWork] = useState(USUAL);
  const once = useOnce();
  const add = useMutation({
    mutationFn: () =>
      once((headers) =>
        unwrap<{ name: string; apiKey: string }>(
          api.POST('/v1/annotators', { headers, body: { name: name.trim(), ...workOf(work) } }) as never,
        ),
      ),
    onSuccess: () => {
      setName('');
      return queries.invalidateQueries({ queryKey: ['annotators'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <section className="card" aria-labelledby="add-title">
      <h2 id="add-title">{t('Add an annotator with an API key')}</h2>
      <p className="dim">{t('For programs, and for people without an e-mail address. The key is shown once.')}</p>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <NameField label={t('Name')} value={name} onName={setName} />
          <WorkFields work={work} onWork={setWork} />
          <FaultNotice error={add.error} />
          <Button type="submit" loading={add.isPending}>
            {t('Add')}
          </Button>
          {add.data && (
            <output>
              {t('The key of {name}:', { name: add.data.name })} <code className="pre">{add.data.apiKey}</code>
            </output>
          )}
        </Stack>
      </form>
    </section>
  );
}
