import { Group, NativeSelect } from '@mantine/core';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { type Text, t } from '../i18n/office';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { options } from '../ui/options';
import { PagedTable } from '../ui/paged-table';
import { RowButton } from '../ui/row-button';
import { dateText, words } from '../ui/text';

/** Annotators stay annotators: their answers and pay are a record of their own. */
const ROLES = ['owner', 'requester', 'reviewer', 'viewer'] as const;
type Role = (typeof ROLES)[number];

const DOES: Readonly<Record<Role, Text>> = {
  owner: 'An owner may do everything: people, keys and payouts, too.',
  requester: 'A requester makes and runs campaigns, and spends their budgets.',
  reviewer: 'A reviewer rules on tasks and appeals, and changes nothing else.',
  viewer: 'A viewer looks, and changes nothing.',
};

const MAKES = {
  owner: 'Make {name} an owner',
  requester: 'Make {name} a requester',
  reviewer: 'Make {name} a reviewer',
  viewer: 'Make {name} a viewer',
} as const satisfies Record<Role, Text>;

interface Member {
  readonly id: string;
  readonly name: string;
}

interface Ended {
  readonly annotatorKeysEnded: number;
  readonly withoutKey: readonly Member[];
}

/** An owner who is none any more takes the keys they made and their open invitations along. */
const lookAgain = (queries: QueryClient) =>
  Promise.all(['members', 'keys', 'invitations'].map((what) => queries.invalidateQueries({ queryKey: [what] })));

/** Everybody who signs in: their roles can be changed, and they can be removed. */
export function Members() {
  const [leaving, setLeaving] = useState<Member | null>(null);
  const [ended, setEnded] = useState<Ended | null>(null);
  const pages = usePages(['members'], (page) =>
    unwrap(api.GET('/v1/members', { params: { query: { limit: 100, ...page } } })),
  );
  return (
    <section className="card" aria-labelledby="members-title">
      <h2 id="members-title">{t('Members')}</h2>
      <p className="dim">{t('Everybody who signs in here. A change takes effect within seconds.')}</p>
      <PagedTable
        pages={pages}
        empty={<p>{t('Nobody signs in by e-mail yet; who uses an API key is not a member.')}</p>}
        caption={t('Members of this organisation')}
        columns={[
          { title: t('Name'), cell: ({ name }) => <span className="label-text">{name}</span> },
          { title: t('E-mail'), cell: ({ email }) => <span className="label-text">{email}</span> },
          {
            title: t('Role'),
            cell: ({ id, name, role }) =>
              role === 'annotator' ? (
                words('annotator')
              ) : (
                <RoleSelect member={{ id, name }} role={role} onDone={setEnded} />
              ),
          },
          { title: t('Since'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
          {
            title: t('Act'),
            cell: ({ id, name }) => (
              <RowButton of={name} onClick={() => setLeaving({ id, name })}>
                {t('Remove')}
              </RowButton>
            ),
          },
        ]}
      />
      <p role="status">
        {ended &&
          ended.annotatorKeysEnded > 0 &&
          t('These annotators have no API key any more; give them another one: {names}', {
            names: ended.withoutKey.map(({ name }) => name).join(', '),
          })}
        {ended && ended.annotatorKeysEnded > ended.withoutKey.length && ' …'}
      </p>
      {leaving && <RemoveDialog member={leaving} onDone={setEnded} onClose={() => setLeaving(null)} />}
    </section>
  );
}

interface RoleSelectProps {
  readonly member: Member;
  readonly role: Role;
  readonly onDone: (ended: Ended) => void;
}

/** Another role is chosen first, and given by a button: arrow keys go through a list of choices. */
function RoleSelect({ member: { id, name }, role, onDone }: RoleSelectProps) {
  const queries = useQueryClient();
  // Null until another one is chosen.
  const [chosen, setChosen] = useState<Role | null>(null);
  const [asks, setAsks] = useState(false);
  const apply = useMutation({
    mutationFn: (next: Role) =>
      unwrap(api.PATCH('/v1/members/{id}', { params: { path: { id } }, body: { role: next } })),
    onSuccess: async (ended) => {
      onDone(ended);
      await lookAgain(queries);
      setAsks(false);
      setChosen(null);
      // One's own role may have changed.
      await queries.invalidateQueries({ queryKey: ['session'] });
    },
  });
  return (
    <Group gap={6} wrap="nowrap">
      <NativeSelect
        size="xs"
        miw={120}
        aria-label={t('Role of {name}', { name })}
        data={options(ROLES)}
        value={chosen ?? role}
        onChange={(event) => setChosen(event.currentTarget.value as Role)}
      />
      {chosen !== null && chosen !== role && (
        <RowButton of={t('the role of {name}', { name })} onClick={() => setAsks(true)}>
          {t('Apply')}
        </RowButton>
      )}
      {chosen !== null && asks && (
        <ConfirmDialog
          title={t(MAKES[chosen], { name })}
          text={t('The role is {role} now. {does}', { role: words(role), does: t(DOES[chosen]) })}
          confirm={t('Change the role')}
          pending={apply.isPending}
          error={apply.error}
          onConfirm={() => apply.mutate(chosen)}
          onClose={() => {
            apply.reset();
            setAsks(false);
            setChosen(null);
          }}
        />
      )}
    </Group>
  );
}

interface RemoveDialogProps {
  readonly member: Member;
  readonly onDone: (ended: Ended) => void;
  readonly onClose: () => void;
}

function RemoveDialog({ member, onDone, onClose }: RemoveDialogProps) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/v1/members/{id}', { params: { path: { id: member.id } } })),
    onSuccess: async (ended) => {
      onDone(ended);
      await lookAgain(queries);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t('Remove {name}', { name: member.name })}
      text={t(
        'Their account, sessions and API keys end, and the keys they gave to annotators. What they answered, decided and earned stays. To come back they need a new invitation.',
      )}
      confirm={t('Remove')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
