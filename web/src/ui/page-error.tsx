import { Alert, Button } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { Problem } from '../api/client';

/** What is shown instead of a page that could not be loaded. */
export function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <div className="page page-narrow">
      <FaultNotice error={error} />
      <Button mt="md" variant="default" onClick={() => (reset ? reset() : location.reload())}>
        Try again
      </Button>
    </div>
  );
}

export function NotFoundPage() {
  return (
    <div className="page page-narrow">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">Go to the start</Link>
      </p>
    </div>
  );
}

/** A fault as a sentence; nothing where there is none. */
export function FaultNotice({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  const words = error instanceof Error ? error.message : String(error);
  const title = error instanceof Problem && error.status === 0 ? 'No connection' : 'That did not work';
  return (
    <Alert color="red" variant="light" title={title} role="alert">
      {words}
    </Alert>
  );
}
