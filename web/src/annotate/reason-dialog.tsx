import { Button, Group, Radio, Stack, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSay } from '../i18n';
import { Dialog } from '../ui/dialog';

/** The codes that are sent; `reason.…` has their words. */
const REASONS = {
  skip: ['cannot_tell', 'knowledge', 'language', 'uncomfortable', 'other'],
  report: ['broken', 'wrong_form', 'private', 'harmful', 'instructions', 'other'],
} as const;

export type ReasonKind = keyof typeof REASONS;

interface ReasonDialogProps {
  readonly kind: ReasonKind;
  readonly onSend: (reason: string, note: string) => void;
  readonly onClose: () => void;
}

/** Why a task is skipped or reported: a reason from a list, and words if one likes. */
export function ReasonDialog({ kind, onSend, onClose }: ReasonDialogProps) {
  const say = useSay();
  const title = say(`${kind}.title`);
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason !== '') onSend(reason, note.trim());
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className="dim">{say(`${kind}.hint`)}</p>
          <Radio.Group value={reason} onChange={setReason} aria-label={title}>
            <Stack gap="xs">
              {REASONS[kind].map((value, at) => (
                <Radio
                  key={value}
                  value={value}
                  label={say(`reason.${value}`)}
                  data-autofocus={at === 0 || undefined}
                />
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
              {say(`${kind}.send`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
