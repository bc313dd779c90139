import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  /** What the button in its corner is called. */
  readonly close?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A question over the page, as long as it is there. */
export function Dialog({ title, close = 'Close', onClose, children }: DialogProps) {
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
