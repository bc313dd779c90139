import { Button } from '@mantine/core';

/** A button in a row of a table: who or what it is about is read out with it. */
export function RowButton({ of, onClick, children }: { of: string; onClick: () => void; children: string }) {
  return (
    <Button size="compact-xs" variant="default" onClick={onClick}>
      {children} <span className="visually-hidden">{of}</span>
    </Button>
  );
}
