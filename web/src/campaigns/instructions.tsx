import { Button, Stack, Switch, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { useOnce } from '../api/once';
import { usePages } from '../api/pages';
import { Prose } from '../forms/content';
import { t } from '../i18n/office';
import { filled } from '../ui/filled';
import { LeaveGuard } from '../ui/leave-guard';
import { MoreButton } from '../ui/more-button';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { count, counted, dateText, dollars, percent } from '../ui/text';

/** What annotators read: the present version, the older ones, a new one, and asking again what older ones got wrong. */
export function Instructions({ campaignId, manages, ended }: { campaignId: string; manages: boolean; ended: boolean }) {
  const pages = usePages(['campaign', campaignId, 'instructions'], (page) =>
    unwrap(
      api.GET('/v1/campaigns/{id}/instructions', {
        params: { path: { id: campaignId }, query: { limit: 20, ...page } },
      }),
    ),
  );
  const [present, ...older] = pages.items;
  return (
    <section className="card" aria-labelledby="instructions-title">
      <h2 id="instructions-title">
        {t('Instructions')}
        {present && t(', version {version}', { version: present.version })}
      </h2>
      <FaultNotice error={pages.error} />
      {present && manages && !ended && <Editor campaignId={campaignId} newest={present} />}
      {present && !(manages && !ended) && <Prose text={present.instructions} />}
      {older.map(({ version, instructions, createdAt }) => (
        <details key={version}>
          <summary>{t('Version {version}, of {createdAt}', { version, createdAt: dateText(createdAt) })}</summary>
          <Prose text={instructions} />
        </details>
      ))}
      <MoreButton pages={pages} label={t('Older versions')} />
      {manages && !ended && present && present.version > 1 && <ReAsk campaignId={campaignId} />}
    </section>
  );
}

interface Version {
  readonly version: number;
  readonly instructions: string;
}

function Editor({ campaignId, newest }: { campaignId: string; newest: Version }) {
  const queries = useQueryClient();
  /** What the text was begun from: what a colleague publishes meanwhile takes nothing away that was typed. */
  const [from, setFrom] = useState(newest);
  const [text, setText] = useState(from.instructions);
  const isNewer = newest.version > from.version;
  if (isNewer && [from.instructions, newest.instructions].includes(text)) {
    setFrom(newest);
    setText(newest.instructions);
  }
  const [shown, setShown] = useState(false);
  const publish = useMutation({
    mutationFn: (instructions: string) =>
      unwrap(
        api.PATCH('/v1/campaigns/{id}', {
          params: { path: { id: campaignId } },
          body: { instructions, instructionsVersion: from.version },
        }),
      ),
    onSuccess: (_, instructions) => setFrom({ version: from.version + 1, instructions }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['campaign', campaignId, 'instructions'] }),
  });
  const rebase = () => {
    publish.reset();
    setFrom(newest);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate(text);
  };
  return (
    <form onSubmit={submit}>
      <LeaveGuard when={text !== from.instructions} />
      <Stack gap="sm">
        <Textarea
          label={t('What annotators read beside each task')}
          dir="auto"
          description={t(
            'Markdown, without tables and pictures. Whatever is offered from then on is shown the new version.',
          )}
          autosize
          minRows={4}
          maxRows={20}
          maxLength={100_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Switch
          label={t('Show how the instructions look')}
          checked={shown}
          onChange={(event) => setShown(event.currentTarget.checked)}
        />
        {shown && (
          <div className="content-card">
            <Prose text={text} />
          </div>
        )}
        {isNewer && (
          <div className="notice" role="status">
            {t('Version {version} was published meanwhile. What you typed is still here.', { version: newest.version })}
            <details>
              <summary>{t('See that version')}</summary>
              <Prose text={newest.instructions} />
            </details>
            <Button size="compact-xs" variant="default" onClick={rebase}>
              {t('Publish mine after it')}
            </Button>
          </div>
        )}
        <FaultNotice error={publish.error} />
        <div>
          <Button type="submit" size="xs" disabled={isNewer || text === from.instructions} loading={publish.isPending}>
            {t('Publish as version {version}', { version: from.version + 1 })}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

/** Decided tasks of older versions: how many there are, what asking them again costs, and the act. */
function ReAsk({ campaignId }: { campaignId: string }) {
  const queries = useQueryClient();
  const params = { path: { id: campaignId } };
  const once = useOnce();
  const [most, setMost] = useState<number | null>(100);
  const [sure, setSure] = useState(false);
  const filter = () => ({ maxConfidence: filled(most) / 100 });
  const preview = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/campaigns/{id}/re-ask/preview', { params, body: filter() })),
  });
  const ask = useMutation({
    mutationFn: (reason: string) =>
      once((headers) =>
        unwrap(api.POST('/v1/campaigns/{id}/re-ask', { params, headers, body: { ...filter(), reason } })),
      ),
    onSuccess: async () => {
      setSure(false);
      preview.reset();
      await queries.invalidateQueries({ queryKey: ['campaign', campaignId] });
    },
  });
  const found = preview.data;
  return (
    <fieldset className="question-row">
      <legend>{t('Ask again what was decided under older versions')}</legend>
      <Stack gap="sm">
        <div className="fields">
          <NumberField
            label={t('Decided with a confidence of at most (%)')}
            min={0}
            max={100}
            value={most}
            onChange={(value) => {
              setMost(value);
              preview.reset();
            }}
          />
        </div>
        <div>
          <Button
            size="xs"
            variant="default"
            loading={preview.isPending}
            disabled={most === null || most < 0 || most > 100}
            onClick={() => preview.mutate()}
          >
            {t('See which tasks, and what it costs')}
          </Button>
        </div>
        <FaultNotice error={preview.error} />
        {found && (
          <p role="status">
            {t('{tasks}, {answers} each: {costMicros}, at most {reserveMicros}; the budget has {freeMicros} free.', {
              tasks: counted(found.tasks, 'task'),
              answers: counted(found.answers, 'new answer'),
              costMicros: dollars(found.costMicros),
              reserveMicros: dollars(found.reserveMicros),
              freeMicros: dollars(found.freeMicros),
            })}
            {found.sample[0] &&
              t(' The least certain was decided with {confidence}.', {
                confidence: percent(found.sample[0].confidence),
              })}
          </p>
        )}
        {found && found.tasks > 0 && (
          <div>
            <Button size="xs" onClick={() => setSure(true)}>
              {t('Ask them again')}
            </Button>
          </div>
        )}
        {ask.data && (
          <p role="status">
            {t('{reopened} open again', { reopened: counted(ask.data.reopened, 'task is', 'tasks are') })}
            {ask.data.overBudget > 0 &&
              t('; for {overBudget} the budget has no room', { overBudget: count(ask.data.overBudget) })}
            {ask.data.left > 0 && t('; {left} are left', { left: count(ask.data.left) })}.
          </p>
        )}
      </Stack>
      {sure && (
        <ReasonModal
          title={t('Ask these tasks again')}
          hint={t(
            'The least certain first, as far as the budget goes. Their old answers stay in the record and no longer count.',
          )}
          confirm={t('Ask them again')}
          pending={ask.isPending}
          error={ask.error}
          onConfirm={(reason) => ask.mutate(reason)}
          onClose={() => setSure(false)}
        />
      )}
    </fieldset>
  );
}
