import { Modal } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';

interface DialogProps {
  readonly title: string;
  /** What the button in its corner is called. */
  readonly close?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A question over the page, as long as it is there. */
export function Dialog({ title, close = 'Close', onClose, children }: DialogProps) {
  useFocusBack();
  return (
    <Modal
      opened
      centered
      onClose={onClose}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': close }}
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
