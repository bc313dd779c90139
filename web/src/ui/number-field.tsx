import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useState } from 'react';

interface NumberFieldProps extends Omit<NumberInputProps, 'value' | 'onChange' | 'defaultValue'> {
  /** Null while nothing, or no number yet, is in the field. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}

/** A field for a number, which can be empty: then no number that was in it before goes on counting unseen. */
export function NumberField({ value, onChange, ...rest }: NumberFieldProps) {
  const [typed, setTyped] = useState<number | string>(value ?? '');
  // What is typed stays as it is while it says the value: "0.0" on the way to "0.05".
  const shown = numberIn(typed) === value ? typed : (value ?? '');
  return (
    <NumberInput
      {...rest}
      value={shown}
      onChange={(next) => {
        setTyped(next);
        onChange(numberIn(next));
      }}
    />
  );
}

function numberIn(typed: number | string): number | null {
  const value = typeof typed === 'number' ? typed : Number(typed);
  return typed === '' || !Number.isFinite(value) ? null : value;
}
