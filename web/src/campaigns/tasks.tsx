import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { serverNow } from '../api/clock';
import { usePages } from '../api/pages';
import type { TaskRow } from '../api/types';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { labelText } from '../ui/label-text';
import { options } from '../ui/options';
import { FaultNotice } from '../ui/page-error';
import { PagedTable } from '../ui/paged-table';
import { dateText, percent, sinceText, words } from '../ui/text';
import { WaitingCount } from '../ui/waiting-count';
import { ruleColumn, TaskLink, taskColumn } from './task-link';

const STATES = ['open', 'adjudicating', 'decided', 'adjudicated', 'unresolved', 'cancelled'] as const;
type State = TaskRow['state'];

interface Asked {
  readonly limit: number;
  readonly state?: State;
  readonly kind?: 'work';
  readonly order?: 'waiting';
  /** Of the item, as it is. */
  readonly key?: string;
}

/** Pages of those of a campaign's tasks that are asked for. */
function useTasks(campaignId: string, asked: Asked, live: boolean) {
  return usePages(
    ['campaign', campaignId, live ? 'tasks' : 'all-tasks', asked],
    (page) =>
      unwrap(
        api.GET('/v1/campaigns/{id}/tasks', { params: { path: { id: campaignId }, query: { ...asked, ...page } } }),
      ),
    live ? 5000 : false,
  );
}

const roundColumn = () => ({ title: t('Round'), number: true, cell: ({ round }: TaskRow) => round });
const waitingColumn = () => ({
  title: t('Waiting'),
  number: true,
  cell: ({ waitingSince }: TaskRow) =>
    waitingSince === null ? (
      '–'
    ) : (
      <time dateTime={waitingSince} title={dateText(waitingSince)}>
        {sinceText(waitingSince, serverNow())}
      </time>
    ),
});

/** Tasks that wait for an expert's ruling. */
export function AdjudicationQueue({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const queue = useTasks(campaignId, { state: 'adjudicating', order: 'waiting', limit: 20 }, !ended);
  return (
    <section className="card" aria-labelledby="queue-title">
      <h2 id="queue-title">
        {t('Waiting for a ruling')} <WaitingCount pages={queue} />
      </h2>
      <p className="dim">
        {t('Annotators disagree about these tasks, and the campaign leaves the decision to an expert.')}
      </p>
      <PagedTable
        pages={queue}
        empty={<p>{t('Nothing waits.')}</p>}
        caption={t('Tasks waiting for a ruling')}
        columns={[taskColumn(), roundColumn(), waitingColumn(), ruleColumn()]}
      />
    </section>
  );
}

/** The open tasks that have been open longest, since they were opened last. */
export function WaitingLongest({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  // Tasks with a known answer stay open as long as the campaign goes; nobody waits for them.
  const open = useTasks(campaignId, { state: 'open', kind: 'work', order: 'waiting', limit: 8 }, !ended);
  const tasks = open.items;
  return (
    <section className="card" aria-labelledby="slowest-title">
      <h2 id="slowest-title">{t('Slowest tasks')}</h2>
      <p className="dim">{t('Open tasks that have waited longest for their answers.')}</p>
      <FaultNotice error={open.error} />
      {open.isSuccess && tasks.length === 0 && <p>{t('No task is open.')}</p>}
      {tasks.length > 0 && (
        <DataTable
          caption={t('Open tasks that have waited longest')}
          rows={tasks}
          keyOf={({ id }) => id}
          columns={[taskColumn(), roundColumn(), waitingColumn()]}
        />
      )}
    </section>
  );
}

/** The least certain decisions. */
export function Contested({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'contested'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/contested', { params: { path: { id: campaignId } } })),
    refetchInterval: ended ? false : 10_000,
  });
  const items = data?.items.slice(0, 10) ?? [];
  return (
    <section className="card" aria-labelledby="contested-title">
      <h2 id="contested-title">{t('Contested tasks')}</h2>
      <p className="dim">{t('The least certain of the newest 5,000 decisions.')}</p>
      <FaultNotice error={error} />
      {data && items.length === 0 && <p>{t('No decision is in doubt.')}</p>}
      {items.length > 0 && (
        <DataTable
          caption={t('Contested tasks')}
          rows={items}
          keyOf={({ taskId }) => taskId}
          columns={[
            { title: t('Task'), cell: ({ taskId, key }) => <TaskLink id={taskId} name={key} /> },
            { title: t('Label'), cell: ({ label }) => labelText(label, 60) },
            { title: t('Confidence'), number: true, cell: ({ confidence }) => percent(confidence) },
            { title: t('State'), cell: ({ state }) => words(state) },
          ]}
        />
      )}
    </section>
  );
}

/** All tasks, page by page, or those of one item. */
export function Tasks({ campaignId }: { campaignId: string }) {
  const [state, setState] = useState<State | ''>('');
  const [typed, setTyped] = useState('');
  const [key, setKey] = useState('');
  const asked = { limit: 20, ...(state === '' ? {} : { state }), ...(key === '' ? {} : { key }) };
  const pages = useTasks(campaignId, asked, false);
  const find = (event: FormEvent) => {
    event.preventDefault();
    // Asked for anew, also where it is the same.
    if (typed === key) void pages.refetch();
    setKey(typed);
  };
  return (
    <section className="card" aria-labelledby="tasks-title">
      <div className="page-head">
        <h2 id="tasks-title">{t('Tasks')}</h2>
        <span className="spacer" />
        <Group component="form" gap={6} wrap="nowrap" onSubmit={find}>
          <TextInput
            size="xs"
            type="search"
            dir="auto"
            aria-label={t('Item key')}
            placeholder={t('Item key')}
            value={typed}
            onChange={({ currentTarget: { value } }) => {
              setTyped(value);
              if (value === '') setKey('');
            }}
          />
          <Button size="xs" variant="default" type="submit">
            {t('Find')}
          </Button>
        </Group>
        <NativeSelect
          size="xs"
          aria-label={t('State')}
          value={state}
          onChange={(event) => setState(event.currentTarget.value as State | '')}
          data={[{ value: '', label: t('In any state') }, ...options(STATES)]}
        />
        <Button size="xs" variant="default" onClick={() => void pages.refetch()}>
          {t('Refresh')}
        </Button>
      </div>
      <PagedTable
        pages={pages}
        empty={
          <p role="status">
            {key === ''
              ? t('No task is in this state.')
              : t('No such task has the item key {key}, to the letter. Items that were not chosen yet have no task.', {
                  key,
                })}
          </p>
        }
        caption={t('Tasks of this campaign')}
        columns={[
          taskColumn(),
          {
            title: t('State'),
            cell: ({ state: now, kind }) => (
              <>
                {words(now)} {kind !== 'work' && <span className="dim">{words(kind)}</span>}
              </>
            ),
          },
          { title: t('Label'), cell: ({ label }) => labelText(label, 60) },
          {
            title: t('Confidence'),
            number: true,
            cell: ({ confidence }) => (confidence === null ? '–' : percent(confidence)),
          },
          { title: t('Revision'), number: true, cell: ({ revision }) => revision ?? '–' },
          roundColumn(),
        ]}
      />
    </section>
  );
}
