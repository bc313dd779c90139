import { Alert, Button } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { Problem, UNREACHED } from '../api/client';
import { useSay } from '../i18n';

/** What is shown instead of a page that could not be loaded. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const say = useSay();
  return (
    <div className="page page-narrow">
      <FaultNotice error={error} />
      <Button mt="md" variant="default" onClick={() => (reset ? reset() : location.reload())}>
        {say('common.retry')}
      </Button>
    </div>
  );
}

export function NotFoundPage() {
  const say = useSay();
  return (
    <div className="page page-narrow">
      <h1>{say('page.none')}</h1>
      <p>
        <Link to="/">{say('page.start')}</Link>
      </p>
    </div>
  );
}

/** A fault as a sentence; nothing where there is none. */
export function FaultNotice({ error }: { error: unknown }) {
  const say = useSay();
  if (error === null || error === undefined) return null;
  const unreached = error instanceof Problem && error.code === UNREACHED;
  // What the server says is in English.
  const words = unreached ? say('fault.unreached') : error instanceof Error ? error.message : String(error);
  return (
    <Alert color="red" variant="light" title={say(unreached ? 'fault.connection' : 'fault.title')} role="alert">
      <span dir="auto">{words}</span>
    </Alert>
  );
}
