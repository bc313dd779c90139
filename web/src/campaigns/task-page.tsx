import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import type { Campaign, TaskView } from '../api/types';
import { mayManage, mayRule, sessionQuery } from '../auth/session';
import { useOffice, useSay } from '../i18n';
import { t } from '../i18n/office';
import { FIELDS } from '../new/mapping';
import { AwaitedPage } from '../ui/awaited-page';
import { Fact } from '../ui/fact';
import { labelText } from '../ui/label-text';
import { PageTitle } from '../ui/page-title';
import { count, dateText, dollars, percent, words } from '../ui/text';
import { Answers } from './answers';
import { RulingForm } from './ruling-form';
import { storyOf } from './story';
import { TaskActs } from './task-acts';

const OVER = ['decided', 'adjudicated', 'unresolved', 'cancelled'];

/** One task: what was decided, by which answers, and all that happened on the way. */
export function TaskPage() {
  useOffice();
  const { id = '' } = useParams({ strict: false });
  const { data: session } = useQuery(sessionQuery);
  const task = useQuery({
    queryKey: ['task', id],
    queryFn: () => unwrap(api.GET('/v1/tasks/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state: { data } }) => (data && OVER.includes(data.state) ? false : 3000),
  });
  const campaignId = task.data?.campaignId;
  const campaign = useQuery({
    queryKey: ['campaign', campaignId],
    enabled: campaignId !== undefined,
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}', { params: { path: { id: campaignId ?? '' } } })),
  });
  if (!task.data || !campaign.data) return <AwaitedPage title={t('Task')} error={task.error ?? campaign.error} />;
  const rules =
    session != null && mayRule(session.role) && task.data.kind === 'work' && !OVER.includes(task.data.state);
  const manages = session != null && mayManage(session.role);
  const acts = manages && task.data.kind === 'work' && !OVER.includes(task.data.state);
  return (
    <div className="page">
      <PageTitle of={t('Task {key}', { key: task.data.key })} />
      <p>
        <Link to="/campaigns/$id" params={{ id: task.data.campaignId }}>
          {t('← {name}', { name: campaign.data.name })}
        </Link>
        {session != null && mayRule(session.role) && (
          <>
            {' · '}
            <Link to="/rulings">{t('Rulings')}</Link>
          </>
        )}
      </p>
      <div className="page-head">
        <h1>{t('Task {key}', { key: task.data.key })}</h1>
        <Badge variant="light">{words(task.data.state)}</Badge>
        {task.data.kind !== 'work' && (
          <Badge variant="light" color="yellow">
            {words(task.data.kind)}
          </Badge>
        )}
      </div>
      <div className="stack">
        <Answers task={task.data} manages={manages} />
        <div className="columns">
          <Content task={task.data} campaign={campaign.data} rules={rules} />
          <div className="stack">
            <Decision task={task.data} campaign={campaign.data} />
            {acts && <TaskActs task={task.data} />}
            <Timeline task={task.data} />
          </div>
        </div>
      </div>
    </div>
  );
}

/** How many labels are named, the most probable first. */
const MOST_SHOWN = 6;

/** A key of a distribution in words: a choice, or a label as JSON. */
function keyText(key: string, type: Campaign['type']): string {
  if (type === 'pairwise' && /^[a-z_]+$/.test(key)) return labelText({ choice: key }, 60);
  try {
    return labelText(JSON.parse(key), 60);
  } catch {
    return labelText(key, 60);
  }
}

function Decision({ task, campaign }: { task: TaskView; campaign: Campaign }) {
  const { decision } = task;
  const judgement = task.story?.judgement;
  return (
    <section className="card" aria-labelledby="decision-title">
      <h2 id="decision-title">{t('Decision')}</h2>
      {decision === null && <p>{t('Not decided yet.')}</p>}
      {judgement && (
        <>
          {decision !== null && <p>{t('It is asked again; this was decided before.')}</p>}
          <p>{t('The answers come to this now:')}</p>
          <dl className="legend">
            {Object.entries(judgement.distribution)
              .toSorted(([, a], [, b]) => b - a)
              .slice(0, MOST_SHOWN)
              .map(([name, share]) => (
                <Fact key={name} name={keyText(name, campaign.type)} value={percent(share)} />
              ))}
            <Fact name={t('Method')} value={words(judgement.method)} />
          </dl>
        </>
      )}
      {decision !== null && (
        <>
          <p className="total" dir="auto">
            {labelText(decision.label, 300)}
          </p>
          <dl className="legend">
            <Fact
              name={decision.method === 'weighted_vote' ? t('Confidence (share of the votes)') : t('Confidence')}
              value={percent(decision.confidence)}
            />
            <Fact name={t('Method')} value={words(decision.method)} />
            <Fact name={t('Revision')} value={count(decision.revision)} />
            <Fact name={t('Cost')} value={dollars(decision.costMicros)} />
            <Fact name={t('Decided')} value={dateText(decision.decidedAt)} />
          </dl>
          {decision.method === 'crowd_model' && (
            <p className="dim">
              {t(
                'Each answer counts by what its annotator has shown so far. “Decision without it” says how sure this label would be without that answer.',
              )}
            </p>
          )}
          {decision.method === 'weighted_vote' && (
            <p className="dim">
              {t(
                'The share of the votes, by weight, that the label got: how sure it is depends on how much they weigh.',
              )}
            </p>
          )}
        </>
      )}
      <dl className="legend">
        <Fact name={t('Round')} value={count(task.round)} />
        <Fact name={t('Answers wanted')} value={count(task.redundancy)} />
        <Fact name={t('Tier')} value={words(task.tier)} />
        <Fact name={t('Workforce')} value={words(task.workforce)} />
        <Fact
          name={campaign.settings.hourlyUsd !== undefined ? t('Most that an answer pays') : t('Pay for an answer')}
          value={dollars(task.priceMicros)}
        />
        <Fact name={t('Policy version')} value={count(task.policyVersion)} />
        <Fact name={t('Instructions version')} value={count(task.instructionsVersion)} />
      </dl>
    </section>
  );
}

/** A field's title on the form; what the form has no field for is called as the data calls it. */
function titleOf(fields: (typeof FIELDS)[Campaign['type']], name: string): string {
  const field = fields.find((each) => each.name === name);
  return field ? t(field.title) : name;
}

function Content({ task, campaign, rules }: { task: TaskView; campaign: Campaign; rules: boolean }) {
  if (!task.story) return null;
  const { payload } = task.story;
  // In the order of the form; a database keeps none.
  const fields = FIELDS[campaign.type];
  const place = (name: string) => {
    const at = fields.findIndex((field) => field.name === name);
    return at < 0 ? fields.length : at;
  };
  const all = Object.entries(payload as Record<string, unknown>).sort(([a], [b]) => place(a) - place(b));
  const shown = all.filter(([name]) => place(name) < fields.length);
  const kept = all.filter(([name]) => place(name) === fields.length);
  if (rules)
    return <RulingForm taskId={task.id} type={campaign.type} config={campaign.settings.config} payload={payload} />;
  return (
    <section className="card" aria-labelledby="content-title">
      <h2 id="content-title">{t('What was asked')}</h2>
      <Payload entries={shown} fields={fields} />
      {kept.length > 0 && (
        <details>
          <summary>{t('Kept for the export, not shown to annotators')}</summary>
          <Payload entries={kept} fields={fields} />
        </details>
      )}
      {task.story.gold !== null && task.story.gold !== undefined && (
        <p>{t('Known answer: {gold}', { gold: labelText(task.story.gold) })}</p>
      )}
    </section>
  );
}

interface PayloadProps {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly fields: (typeof FIELDS)[Campaign['type']];
}

function Payload({ entries, fields }: PayloadProps) {
  return (
    <dl className="payload">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt className="tag" dir="auto">
            {titleOf(fields, name)}
          </dt>
          <dd className="plain" dir="auto">
            {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Timeline({ task }: { task: TaskView }) {
  const say = useSay();
  return (
    <section className="card" aria-labelledby="story-title">
      <h2 id="story-title">{t('The whole story')}</h2>
      {!task.story && <p className="dim">{t('Only requesters see the whole story.')}</p>}
      <ol className="timeline">
        {storyOf(task, say).map(({ key, at, title, detail, evidence }) => (
          <li key={key}>
            <time dateTime={at}>{dateText(at)}</time>
            <div className="label-text">{title}</div>
            {detail !== '' && (
              <div className="dim" dir="auto">
                {detail}
              </div>
            )}
            {evidence !== null && evidence !== undefined && (
              <details>
                <summary>{t('Record')}</summary>
                <pre className="pre">{JSON.stringify(evidence, null, 2)}</pre>
              </details>
            )}
          </li>
        ))}
      </ol>
      {task.story && (
        <p className="dim">
          {t('Workflow')} <code>{`task-${task.id}`}</code>
          {task.story.workflowUrl !== null && (
            <>
              :{' '}
              <a href={task.story.workflowUrl} target="_blank" rel="noreferrer">
                {t('see it in Temporal')}
              </a>
            </>
          )}
        </p>
      )}
    </section>
  );
}
