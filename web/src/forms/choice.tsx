import type { ReactNode } from 'react';
import { hasSingleKeys } from './keys';

interface ChoiceProps {
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
  /** The key that does the same. */
  readonly hint?: string | undefined;
  readonly wide?: boolean;
  readonly label?: string;
}

/** One of several answers: a button that stays pressed. */
export function Choice({ chosen, onChoose, children, hint, wide = false, label }: ChoiceProps) {
  return (
    <button
      type="button"
      // Enter on what is chosen already sends the answer.
      data-choice={chosen ? 'done' : 'open'}
      className={`choice${wide ? ' choice-wide' : ''}`}
      aria-pressed={chosen}
      aria-label={label}
      onClick={onChoose}
    >
      {hint !== undefined && <KeyHint hint={hint} />}
      <span dir="auto">{children}</span>
    </button>
  );
}

/** The key beside a choice: drawn by the style sheet, as it is no part of the choice's name. */
export function KeyHint({ hint }: { hint: string }) {
  return hasSingleKeys() && <span className="key-hint" data-hint={hint} aria-hidden="true" />;
}
