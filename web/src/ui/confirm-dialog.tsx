import { Button, Group, Stack } from '@mantine/core';
import { t } from '../i18n/office';
import { Dialog } from './dialog';
import { FaultNotice } from './page-error';

interface ConfirmDialogProps {
  readonly title: string;
  /** What it does, and what it does not. */
  readonly text: string;
  readonly confirm: string;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  /** A harder way to do it, that alone is red. */
  readonly other?: { readonly confirm: string; readonly onConfirm: () => void };
  readonly onClose: () => void;
}

/** Asks once more before what cannot be taken back; what is safe has the focus. */
export function ConfirmDialog({ title, text, confirm, pending, error, onConfirm, other, onClose }: ConfirmDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <Stack gap="sm">
        <p>{text}</p>
        <FaultNotice error={error} />
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {t('Cancel')}
          </Button>
          <Button {...(other ? {} : { color: 'red.9' })} loading={pending} onClick={onConfirm}>
            {confirm}
          </Button>
          {other && (
            <Button color="red.9" loading={pending} onClick={other.onConfirm}>
              {other.confirm}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}
