import { useEffect, useRef, useState } from 'react';
import { useSay } from '../i18n';
import type { AnyTaskForm } from './task-form';

interface FormAmongOthersProps {
  readonly form: AnyTaskForm;
  readonly config: unknown;
  readonly payload: unknown;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

/** A task's form on a page with other fields: keys are the form's while the focus is in it, and shown only then. */
export function FormAmongOthers({ form: { Form }, ...props }: FormAmongOthersProps) {
  const say = useSay();
  const [active, setActive] = useState(false);
  const section = useRef<HTMLElement>(null);
  // What had the focus may be gone, of which nobody is told: the keys stay the form's, and so does the focus.
  useEffect(() => {
    if (active && !section.current?.contains(document.activeElement)) section.current?.focus();
  });
  return (
    <section
      ref={section}
      className="preview"
      aria-label={say('work.task')}
      // A click on its text goes into it as well.
      tabIndex={-1}
      onFocus={() => setActive(true)}
      onBlur={({ currentTarget, relatedTarget }) => setActive(currentTarget.contains(relatedTarget))}
    >
      <Form {...props} active={active} />
    </section>
  );
}
