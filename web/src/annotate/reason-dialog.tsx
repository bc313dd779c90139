import { Button, Group, Radio, Stack, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSay } from '../i18n';
import type { Words } from '../i18n/en';
import { Dialog } from '../ui/dialog';

const KINDS = {
  skip: {
    title: 'skip.title',
    hint: 'skip.hint',
    send: 'skip.send',
    reasons: {
      cannot_tell: 'skip.cannotTell',
      knowledge: 'skip.knowledge',
      language: 'skip.language',
      uncomfortable: 'skip.uncomfortable',
      other: 'skip.other',
    },
  },
  report: {
    title: 'report.title',
    hint: 'report.hint',
    send: 'report.send',
    reasons: {
      broken: 'report.broken',
      wrong_form: 'report.wrongForm',
      private: 'report.private',
      harmful: 'report.harmful',
      instructions: 'report.instructions',
      other: 'skip.other',
    },
  },
} as const;

export type ReasonKind = keyof typeof KINDS;

interface ReasonDialogProps {
  readonly kind: ReasonKind;
  readonly onSend: (reason: string, note: string) => void;
  readonly onClose: () => void;
}

/** Why a task is skipped or reported: a reason from a list, and words if one likes. */
export function ReasonDialog({ kind, onSend, onClose }: ReasonDialogProps) {
  const say = useSay();
  const { title, hint, send, reasons } = KINDS[kind];
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason !== '') onSend(reason, note.trim());
  };
  return (
    <Dialog title={say(title)} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className="dim">{say(hint)}</p>
          <Radio.Group value={reason} onChange={setReason} aria-label={say(title)}>
            <Stack gap="xs">
              {(Object.entries(reasons) as [string, keyof Words][]).map(([value, words], at) => (
                <Radio key={value} value={value} label={say(words)} data-autofocus={at === 0 || undefined} />
              ))}
            </Stack>
          </Radio.Group>
          <Textarea
            label={say('skip.note')}
            dir="auto"
            maxLength={500}
            autosize
            minRows={2}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {say('common.cancel')}
            </Button>
            <Button type="submit" disabled={reason === ''}>
              {say(send)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
