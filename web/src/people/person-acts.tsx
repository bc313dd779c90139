import { Button, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { useOnce } from '../api/once';
import type { Ok } from '../api/types';
import { STANDING_ACTS } from '../campaigns/standing';
import { type StandingAct, StandingDialog } from '../campaigns/standing-dialog';
import { type Text, t } from '../i18n/office';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Dialog } from '../ui/dialog';
import { NameField } from '../ui/name-field';
import { FaultNotice } from '../ui/page-error';
import { RowMenu } from '../ui/row-menu';
import { changedWork, type Work, WorkFields } from './work-fields';

type Person = Ok<'/v1/annotators', 'get'>['items'][number];

/** What can be done about one annotator: what they are asked, their standing, and a new key. */
export function PersonActs({ person }: { person: Person }) {
  const [open, setOpen] = useState<StandingAct | 'change' | 'key' | null>(null);
  const close = () => setOpen(null);
  const acts: readonly (readonly [StandingAct | 'change' | 'key', Text])[] = [
    ...(person.kind === 'person' ? [['change', 'Change'] as const] : []),
    ...STANDING_ACTS[person.standing],
    ...(person.kind === 'person' ? [['key', 'New key'] as const] : []),
  ];
  return (
    <>
      <RowMenu of={person.name} acts={acts.map(([act, title]) => ({ title: t(title), onAct: () => setOpen(act) }))} />
      {open === 'change' && <Change person={person} onClose={close} />}
      {open === 'key' && <NewKey person={person} onClose={close} />}
      {open !== null && open !== 'change' && open !== 'key' && (
        <StandingDialog worker={{ ...person, standingOf: null }} act={open} onClose={close} />
      )}
    </>
  );
}

interface PersonProps {
  readonly person: Person;
  readonly onClose: () => void;
}

function Change({ person, onClose }: PersonProps) {
  const queries = useQueryClient();
  const [before] = useState<Work>({
    ...{ tier: person.tier, workforce: person.workforce },
    languages: person.languages.join(', '),
    specializations: person.specializations.join(', '),
  });
  const [work, setWork] = useState(before);
  const [name, setName] = useState(person.name);
  const save = useMutation({
    mutationFn: () =>
      unwrap(
        api.PATCH('/v1/annotators/{id}', {
          params: { path: { id: person.id } },
          body: { ...changedWork(before, work), ...(name.trim() === person.name ? {} : { name: name.trim() }) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['annotators'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={t('Change {name}', { name: person.name })} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <NameField label={t('Name')} dir="auto" value={name} onName={setName} />
          <p className="dim">{t('It decides which tasks they are given from then on.')}</p>
          <WorkFields work={work} onWork={setWork} />
          <FaultNotice error={save.error} />
          <Button type="submit" loading={save.isPending}>
            {t('Save')}
          </Button>
        </Stack>
      </form>
    </Dialog>
  );
}

function NewKey({ person: { id, name }, onClose }: PersonProps) {
  const once = useOnce();
  const make = useMutation({
    mutationFn: () =>
      once((headers) =>
        unwrap<{ apiKey: string }>(
          api.POST('/v1/annotators/{id}/key', { params: { path: { id } }, headers, body: {} }) as never,
        ),
      ),
  });
  if (make.data) {
    return (
      <Dialog title={t('New key')} onClose={onClose}>
        <output>
          {t('The key of {name}:', { name })} <code className="pre">{make.data.apiKey}</code>
        </output>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      title={t('New key')}
      text={t('{name} gets a new API key, shown once; the one before ends. Whoever signs in needs none.', { name })}
      confirm={t('Make a new key')}
      pending={make.isPending}
      error={make.error}
      onConfirm={() => make.mutate()}
      onClose={onClose}
    />
  );
}
