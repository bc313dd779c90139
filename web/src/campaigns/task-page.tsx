import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import type { Campaign, TaskView } from '../api/types';
import { mayManage, mayRule, sessionQuery } from '../auth/session';
import { FIELDS } from '../new/mapping';
import { Fact } from '../ui/fact';
import { labelText } from '../ui/label-text';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { count, dateText, dollars, percent, words } from '../ui/text';
import { Answers } from './answers';
import { RulingForm } from './ruling-form';
import { storyOf } from './story';
import { TaskActs } from './task-acts';

const OVER = ['decided', 'adjudicated', 'unresolved', 'cancelled'];

/** One task: what was decided, by which answers, and all that happened on the way. */
export function TaskPage() {
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
  if (!task.data || !campaign.data) {
    return (
      <div className="page">
        <FaultNotice error={task.error ?? campaign.error} />
        {!task.error && <p role="status">Loading…</p>}
      </div>
    );
  }
  const rules =
    session != null && mayRule(session.role) && task.data.kind === 'work' && !OVER.includes(task.data.state);
  const manages = session != null && mayManage(session.role);
  const acts = manages && task.data.kind === 'work' && !OVER.includes(task.data.state);
  return (
    <div className="page">
      <PageTitle of={`Task ${task.data.key}`} />
      <p>
        <Link to="/campaigns/$id" params={{ id: task.data.campaignId }}>
          ← {campaign.data.name}
        </Link>
      </p>
      <div className="page-head">
        <h1>Task {task.data.key}</h1>
        <Badge variant="light">{words(task.data.state)}</Badge>
        {task.data.kind !== 'work' && (
          <Badge variant="light" color="yellow">
            {task.data.kind}
          </Badge>
        )}
      </div>
      <div className="stack">
        <Answers task={task.data} manages={manages} />
        <div className="columns">
          <Content task={task.data} campaign={campaign.data} rules={rules} />
          <div className="stack">
            <Decision task={task.data} />
            {acts && <TaskActs task={task.data} />}
            <Timeline task={task.data} />
          </div>
        </div>
      </div>
    </div>
  );
}

function Decision({ task }: { task: TaskView }) {
  const { decision } = task;
  return (
    <section className="card" aria-labelledby="decision-title">
      <h2 id="decision-title">Decision</h2>
      {decision === null ? (
        <p>Not decided yet.</p>
      ) : (
        <>
          <p className="total" dir="auto">
            {labelText(decision.label, 300)}
          </p>
          <dl className="legend">
            <Fact name="Confidence" value={percent(decision.confidence)} />
            <Fact name="Method" value={words(decision.method)} />
            <Fact name="Revision" value={count(decision.revision)} />
            <Fact name="Cost" value={dollars(decision.costMicros)} />
            <Fact name="Decided" value={dateText(decision.decidedAt)} />
          </dl>
        </>
      )}
      <dl className="legend">
        <Fact name="Round" value={count(task.round)} />
        <Fact name="Answers wanted" value={count(task.redundancy)} />
        <Fact name="Tier" value={words(task.tier)} />
        <Fact name="Workforce" value={task.workforce} />
        <Fact name="Pay for an answer" value={dollars(task.priceMicros)} />
        <Fact name="Policy version" value={count(task.policyVersion)} />
        <Fact name="Instructions version" value={count(task.instructionsVersion)} />
      </dl>
    </section>
  );
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
  const shown = Object.entries(payload as Record<string, unknown>).sort(([a], [b]) => place(a) - place(b));
  if (rules)
    return <RulingForm taskId={task.id} type={campaign.type} config={campaign.settings.config} payload={payload} />;
  return (
    <section className="card" aria-labelledby="content-title">
      <h2 id="content-title">What was asked</h2>
      <dl className="payload">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt className="tag">{fields.find((field) => field.name === name)?.title ?? name}</dt>
            <dd className="plain" dir="auto">
              {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
            </dd>
          </div>
        ))}
      </dl>
      {task.story.gold !== null && task.story.gold !== undefined && <p>Known answer: {labelText(task.story.gold)}</p>}
    </section>
  );
}

function Timeline({ task }: { task: TaskView }) {
  return (
    <section className="card" aria-labelledby="story-title">
      <h2 id="story-title">The whole story</h2>
      {!task.story && <p className="dim">Only requesters see the whole story.</p>}
      <ol className="timeline">
        {storyOf(task).map(({ key, at, title, detail, evidence }) => (
          <li key={key}>
            <time dateTime={at}>{new Date(at).toLocaleString('en-GB')}</time>
            <div className="label-text" dir="auto">
              {title}
            </div>
            {detail !== '' && (
              <div className="dim" dir="auto">
                {detail}
              </div>
            )}
            {evidence !== null && evidence !== undefined && (
              <details>
                <summary>Record</summary>
                <pre className="pre">{JSON.stringify(evidence, null, 2)}</pre>
              </details>
            )}
          </li>
        ))}
      </ol>
      {task.story && (
        <p className="dim">
          Workflow <code>task-{task.id}</code>
          {task.story.workflowUrl !== null && (
            <>
              :{' '}
              <a href={task.story.workflowUrl} target="_blank" rel="noreferrer">
                see it in Temporal
              </a>
            </>
          )}
        </p>
      )}
    </section>
  );
}
