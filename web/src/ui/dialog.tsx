import { Modal } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useSay } from '../i18n';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A question over the page, as long as it is there. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const say = useSay();
  useFocusBack();
  return (
    <Modal
      opened
      centered
      onClose={onClose}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': say('common.close') }}
      title={title}
    >
      {children}
    </Modal>
  );
}

/** Gives the focus back to what had it before; where that is gone, to the page's content, so that Tab goes on there. */
function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement && opener !== document.body) opener.focus({ preventScroll: true });
      if (document.activeElement === document.body) {
        document.getElementById('content')?.focus({ preventScroll: true });
      }
    },
    [opener],
  );
}
