import { Alert, Button } from '@mantine/core';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Problem, UNREACHED } from '../api/client';
import { type Say, useSay } from '../i18n';
import { PageTitle } from './page-title';

/** What is shown instead of a page that could not be loaded. */
export function PageError({ error }: ErrorComponentProps) {
  const say = useSay();
  const router = useRouter();
  return (
    <div className="page page-narrow">
      <PageTitle of={say('fault.title')} />
      <FaultNotice error={error} />
      <Button mt="md" variant="default" onClick={() => void router.invalidate()}>
        {say('common.retry')}
      </Button>
      <p>
        <Link to="/">{say('page.start')}</Link>
      </p>
    </div>
  );
}

export function NotFoundPage() {
  const say = useSay();
  return (
    <div className="page page-narrow">
      <PageTitle of={say('page.none')} />
      <h1>{say('page.none')}</h1>
      <p>
        <Link to="/">{say('page.start')}</Link>
      </p>
    </div>
  );
}

const isUnreached = (error: unknown) => error instanceof Problem && error.code === UNREACHED;

/** What went wrong, in words; what the server says is in English. */
export function faultWords(error: unknown, say: Say): string {
  if (isUnreached(error)) return say('fault.unreached');
  return error instanceof Error ? error.message : String(error);
}

/** A fault as a sentence; nothing where there is none. */
export function FaultNotice({ error }: { error: unknown }) {
  const say = useSay();
  if (error === null || error === undefined) return null;
  const title = say(isUnreached(error) ? 'fault.connection' : 'fault.title');
  return (
    <Alert color="red" variant="light" title={title} role="alert">
      <span dir="auto">{faultWords(error, say)}</span>
    </Alert>
  );
}
