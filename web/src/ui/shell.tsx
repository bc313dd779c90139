import { ActionIcon, Button, NativeSelect, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { mayManage, mayRule, sessionQuery, signOut } from '../auth/session';
import { LANGUAGES, type Language, useI18n, useSay } from '../i18n';
import { Icon } from './icon';
import { faultWords } from './page-error';

/** A session that is in use is kept alive, and a changed role noticed, though nobody goes to another page. */
const LOOK_AGAIN_MS = 3_600_000;

/** The frame of every page: the name, where one can go, language and colours. */
export function Shell() {
  const { say, language, choose } = useI18n();
  const { data: session } = useQuery({ ...sessionQuery, refetchInterval: LOOK_AGAIN_MS });
  return (
    <>
      <a className="skip-link" href="#content">
        {say('nav.skip')}
      </a>
      <header className="shell-header">
        <div className="shell-bar">
          <Link to="/" className="brand" aria-label="Quorate">
            <img src="/favicon.svg" alt="" width="22" height="22" />
            <span>Quorate</span>
          </Link>
          <nav aria-label="Quorate" className="shell-nav">
            {session?.role === 'annotator' && (
              <>
                <Link to="/annotate">{say('nav.work')}</Link>
                <Link to="/me">{say('nav.me')}</Link>
              </>
            )}
            {session && session.role !== 'annotator' && (
              <>
                <Link to="/campaigns">{say('nav.campaigns')}</Link>
                <Link to="/plan">{say('nav.plan')}</Link>
                <Link to="/vendors">{say('nav.vendors')}</Link>
              </>
            )}
            {session && mayRule(session.role) && <Link to="/rulings">{say('nav.rulings')}</Link>}
            {session && mayManage(session.role) && (
              <>
                <Link to="/people">{say('nav.people')}</Link>
                <Link to="/pay">{say('nav.pay')}</Link>
              </>
            )}
            {session && session.role !== 'annotator' && session.email !== null && <Link to="/me">{say('nav.me')}</Link>}
          </nav>
          <div className="shell-tools">
            <NativeSelect
              size="xs"
              aria-label={say('nav.language')}
              value={language}
              onChange={(event) => choose(event.currentTarget.value as Language)}
              data={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
            />
            <SchemeToggle label={say('nav.theme')} />
            {session && <SignOut name={session.name} />}
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}

function SchemeToggle({ label }: { label: string }) {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return (
    <ActionIcon
      variant="default"
      size={30}
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
    >
      <Icon name={scheme === 'dark' ? 'sun' : 'moon'} />
    </ActionIcon>
  );
}

function SignOut({ name }: { name: string | null }) {
  const say = useSay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: async () => {
      await signOut();
      await queries.resetQueries();
      // Whoever has signed out can keep nothing here any more.
      await navigate({ to: '/sign-in', ignoreBlocker: true });
    },
  });
  return (
    <>
      {name !== null && (
        <bdi className="shell-user" title={name}>
          {name}
        </bdi>
      )}
      <Button size="xs" variant="subtle" color="gray" disabled={leave.isPending} onClick={() => leave.mutate()}>
        {say('nav.signOut')}
      </Button>
      {leave.error && (
        <p className="shell-fault" role="alert">
          {say('signOut.failed', { reason: faultWords(leave.error, say) })}
        </p>
      )}
    </>
  );
}
