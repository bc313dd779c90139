import { Button, Group, Stack, Textarea } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { t } from '../i18n/office';
import { Dialog } from './dialog';
import { FaultNotice } from './page-error';

interface ReasonModalProps {
  readonly title: string;
  readonly hint: string;
  /** Of the field; by default "Reason". */
  readonly label?: string;
  readonly confirm: string;
  readonly danger?: boolean;
  readonly pending: boolean;
  /** Whether what it does is known already; by default it is. */
  readonly ready?: boolean;
  readonly error: unknown;
  readonly onConfirm: (reason: string) => void;
  readonly onClose: () => void;
  /** Further fields, before the reason. */
  readonly children?: ReactNode;
}

/** Asks why, and lets one go back: for what is kept with its reason. */
export function ReasonModal(props: ReasonModalProps) {
  const {
    title,
    hint,
    label = t('Reason'),
    confirm,
    danger,
    pending,
    ready = true,
    error,
    onConfirm,
    onClose,
    children,
  } = props;
  const [reason, setReason] = useState('');
  const [blank, setBlank] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() === '') return setBlank(true);
    onConfirm(reason.trim());
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className="dim">{hint}</p>
          {children}
          <Textarea
            label={label}
            dir="auto"
            required
            error={blank && t('Say why, in words.')}
            maxLength={1000}
            autosize
            minRows={2}
            data-autofocus
            value={reason}
            onChange={(event) => {
              setReason(event.currentTarget.value);
              setBlank(false);
            }}
          />
          <FaultNotice error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('Cancel')}
            </Button>
            <Button type="submit" color={danger ? 'red.9' : 'indigo'} loading={pending} disabled={!ready}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
