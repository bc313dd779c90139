import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { mayManage, mayRule, type Role, type Session, sessionQuery } from './auth/session';
import { loadOfficeLanguage } from './i18n';
import { t } from './i18n/office';
import { NotFoundPage, PageError } from './ui/page-error';
import { Shell } from './ui/shell';
import { words } from './ui/text';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Shell,
  errorComponent: PageError,
  notFoundComponent: NotFoundPage,
});

/** Where those begin who do not begin with the campaigns. */
const STARTS: Partial<Record<Role, '/annotate' | '/rulings'>> = { annotator: '/annotate', reviewer: '/rulings' };

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ context }) => {
    const session = await context.queries.fetchQuery(sessionQuery);
    throw redirect({ to: session === null ? '/sign-in' : (STARTS[session.role] ?? '/campaigns') });
  },
});

/** Pages for those who are signed in; everybody else is sent to sign in and comes back. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  errorComponent: PageError,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.fetchQuery(sessionQuery);
    if (session === null) throw redirect({ to: '/sign-in', search: { to: location.href } });
    return { session };
  },
});

/** The pages of those who run campaigns, whose words in the chosen language are loaded first. */
const office = createRoute({
  getParentRoute: () => inside,
  id: 'office',
  beforeLoad: loadOfficeLanguage,
});

/** Those who came by a link to a page that is not for them are told so, instead of by each panel of it. */
function forManagers({ context: { session } }: { context: { session: Session } }): void {
  if (mayManage(session.role)) return;
  throw new Error(
    t('This page is for owners and requesters; you are signed in as {role}.', { role: words(session.role) }),
  );
}

function forThoseWhoRule({ context: { session } }: { context: { session: Session } }): void {
  if (!mayRule(session.role)) throw new Error(t('This page is for those who rule on tasks.'));
}

function forThoseWhoRun({ context: { session } }: { context: { session: Session } }): void {
  if (session.role === 'annotator') throw new Error(t('This page is for those who run campaigns.'));
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string; by?: 'key'; error?: string } => ({
    // Only places on this site.
    ...(typeof search.to === 'string' && /^\/(?![/\\])/.test(search.to) ? { to: search.to } : {}),
    ...(search.by === 'key' ? { by: 'key' } : {}),
    // Of a sign-in service: what went wrong, by its short name.
    ...(typeof search.error === 'string' ? { error: search.error } : {}),
  }),
  beforeLoad: loadOfficeLanguage,
  component: lazyRouteComponent(() => import('./auth/sign-in'), 'SignInPage'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: (search: Record<string, unknown>): { token?: string } =>
    typeof search.token === 'string' ? { token: search.token } : {},
  beforeLoad: loadOfficeLanguage,
  component: lazyRouteComponent(() => import('./auth/setup'), 'SetupPage'),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitations/$token',
  beforeLoad: loadOfficeLanguage,
  component: lazyRouteComponent(() => import('./auth/invitation'), 'InvitationPage'),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  validateSearch: (search: Record<string, unknown>): { token?: string } =>
    typeof search.token === 'string' ? { token: search.token } : {},
  beforeLoad: loadOfficeLanguage,
  component: lazyRouteComponent(() => import('./auth/reset-password'), 'ResetPasswordPage'),
});
const annotate = createRoute({
  getParentRoute: () => inside,
  path: '/annotate',
  validateSearch: (search: Record<string, unknown>): { campaign?: string } =>
    typeof search.campaign === 'string' ? { campaign: search.campaign } : {},
  component: lazyRouteComponent(() => import('./annotate/workspace'), 'WorkspacePage'),
});
const calibration = createRoute({
  getParentRoute: () => inside,
  path: '/calibrate/$campaignId',
  component: lazyRouteComponent(() => import('./calibrate/calibration'), 'CalibrationPage'),
});
const me = createRoute({
  getParentRoute: () => inside,
  path: '/me',
  beforeLoad: loadOfficeLanguage,
  component: lazyRouteComponent(() => import('./people/my-page'), 'MyPage'),
});
const people = createRoute({
  getParentRoute: () => office,
  path: '/people',
  beforeLoad: forManagers,
  component: lazyRouteComponent(() => import('./people/people'), 'PeoplePage'),
});
const pay = createRoute({
  getParentRoute: () => office,
  path: '/pay',
  beforeLoad: forManagers,
  component: lazyRouteComponent(() => import('./pay/pay-page'), 'PayPage'),
});
const payoutRun = createRoute({
  getParentRoute: () => office,
  path: '/pay/$id',
  beforeLoad: forManagers,
  component: lazyRouteComponent(() => import('./pay/run-page'), 'PayoutRunPage'),
});
const campaigns = createRoute({
  getParentRoute: () => office,
  path: '/campaigns',
  beforeLoad: forThoseWhoRun,
  component: lazyRouteComponent(() => import('./campaigns/list'), 'CampaignsPage'),
});
const newCampaign = createRoute({
  getParentRoute: () => office,
  path: '/campaigns/new',
  beforeLoad: forManagers,
  validateSearch: (search: Record<string, unknown>): { from?: string } =>
    typeof search.from === 'string' ? { from: search.from } : {},
  component: lazyRouteComponent(() => import('./new/new-campaign'), 'NewCampaignPage'),
});
const rulings = createRoute({
  getParentRoute: () => office,
  path: '/rulings',
  beforeLoad: forThoseWhoRule,
  component: lazyRouteComponent(() => import('./campaigns/rulings-page'), 'RulingsPage'),
});
const vendors = createRoute({
  getParentRoute: () => office,
  path: '/vendors',
  beforeLoad: forThoseWhoRun,
  component: lazyRouteComponent(() => import('./vendors/vendors-page'), 'VendorsPage'),
});
const plan = createRoute({
  getParentRoute: () => office,
  path: '/plan',
  beforeLoad: forThoseWhoRun,
  validateSearch: (search: Record<string, unknown>): { campaign?: string } =>
    typeof search.campaign === 'string' ? { campaign: search.campaign } : {},
  component: lazyRouteComponent(() => import('./plan/plan-page'), 'PlanPage'),
});
const campaign = createRoute({
  getParentRoute: () => office,
  path: '/campaigns/$id',
  beforeLoad: forThoseWhoRun,
  component: lazyRouteComponent(() => import('./campaigns/dashboard'), 'DashboardPage'),
});
const settings = createRoute({
  getParentRoute: () => office,
  path: '/campaigns/$id/settings',
  component: lazyRouteComponent(() => import('./new/settings-page'), 'SettingsPage'),
});
const task = createRoute({
  getParentRoute: () => office,
  path: '/tasks/$id',
  component: lazyRouteComponent(() => import('./campaigns/task-page'), 'TaskPage'),
});

const tree = root.addChildren([
  home,
  signIn,
  setup,
  invitation,
  reset,
  inside.addChildren([
    annotate,
    calibration,
    me,
    office.addChildren([
      people,
      pay,
      payoutRun,
      campaigns,
      newCampaign,
      rulings,
      vendors,
      plan,
      campaign,
      settings,
      task,
    ]),
  ]),
]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({ routeTree: tree, context: { queries }, defaultPreload: 'intent', scrollRestoration: true });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
