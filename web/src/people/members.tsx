import { Button, NativeSelect } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { dateText } from '../ui/text';

/** Annotators stay annotators: their answers and pay are a record of their own. */
const ROLES = ['owner', 'requester', 'reviewer', 'viewer'] as const;
type Role = (typeof ROLES)[number];

interface Member {
  readonly id: string;
  readonly name: string;
}

/** Everybody who signs in: their roles can be changed, and they can be removed. */
export function Members() {
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState<Member | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ['members'],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/v1/members', {
          params: { query: { limit: 100, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const change = useMutation({
    mutationFn: ({ id, role }: { id: string; role: Role }) =>
      unwrap(api.PATCH('/v1/members/{id}', { params: { path: { id } }, body: { role } })),
    // What was refused is shown as it is, too. One's own role may have changed.
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['members'] }),
        queries.invalidateQueries({ queryKey: ['session'] }),
      ]),
  });
  const members = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className="card" aria-labelledby="members-title">
      <h2 id="members-title">Members</h2>
      <p className="dim">Everybody who signs in here. A change takes effect within seconds.</p>
      <FaultNotice error={pages.error ?? change.error} />
      {pages.isSuccess && members.length === 0 && (
        <p>Nobody signs in by e-mail yet; who uses an API key is not a member.</p>
      )}
      {members.length > 0 && (
        <DataTable
          caption="Members of this organisation"
          rows={members}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Name', cell: ({ name }) => <span className="label-text">{name}</span> },
            { title: 'E-mail', cell: ({ email }) => <span className="label-text">{email}</span> },
            {
              title: 'Role',
              cell: ({ id, name, role }) =>
                role === 'annotator' ? (
                  'annotator'
                ) : (
                  <NativeSelect
                    size="xs"
                    aria-label={`Role of ${name}`}
                    data={[...ROLES]}
                    value={role}
                    disabled={change.isPending}
                    onChange={(event) => change.mutate({ id, role: event.currentTarget.value as Role })}
                  />
                ),
            },
            { title: 'Since', whole: true, cell: ({ createdAt }) => dateText(createdAt) },
            {
              title: 'Act',
              cell: ({ id, name }) => (
                <Button size="compact-xs" variant="default" onClick={() => setLeaving({ id, name })}>
                  Remove<span className="visually-hidden"> {name}</span>
                </Button>
              ),
            },
          ]}
        />
      )}
      <MoreButton pages={pages} />
      {leaving && <RemoveDialog member={leaving} onClose={() => setLeaving(null)} />}
    </section>
  );
}

function RemoveDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/v1/members/{id}', { params: { path: { id: member.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['members'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Remove ${member.name}`}
      text="Their account and sessions end. What they answered, decided and earned stays. To come back they need a new invitation."
      confirm="Remove"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
