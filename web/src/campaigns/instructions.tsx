import { Button, Stack, Switch, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { useOnce } from '../api/once';
import { Prose } from '../forms/content';
import { filled } from '../ui/filled';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { count, counted, dateText, dollars, percent } from '../ui/text';

/** What annotators read: the present version, the older ones, a new one, and asking again what older ones got wrong. */
export function Instructions({ campaignId, manages, ended }: { campaignId: string; manages: boolean; ended: boolean }) {
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'instructions'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/instructions', { params: { path: { id: campaignId } } })),
  });
  const [present, ...older] = data?.items ?? [];
  return (
    <section className="card" aria-labelledby="instructions-title">
      <h2 id="instructions-title">Instructions{present && `, version ${present.version}`}</h2>
      <FaultNotice error={error} />
      {present && manages && !ended && (
        <Editor key={present.version} campaignId={campaignId} start={present.instructions} version={present.version} />
      )}
      {present && !(manages && !ended) && <Prose text={present.instructions} />}
      {older.map(({ version, instructions, createdAt }) => (
        <details key={version}>
          <summary>
            Version {version}, of {dateText(createdAt)}
          </summary>
          <Prose text={instructions} />
        </details>
      ))}
      {manages && !ended && present && present.version > 1 && <ReAsk campaignId={campaignId} />}
    </section>
  );
}

function Editor({ campaignId, start, version }: { campaignId: string; start: string; version: number }) {
  const queries = useQueryClient();
  const [text, setText] = useState(start);
  const [shown, setShown] = useState(false);
  const publish = useMutation({
    mutationFn: () =>
      unwrap(api.PATCH('/v1/campaigns/{id}', { params: { path: { id: campaignId } }, body: { instructions: text } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['campaign', campaignId, 'instructions'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Textarea
          label="What annotators read beside each task"
          dir="auto"
          description="Markdown. Whatever is offered from then on is shown the new version."
          autosize
          minRows={4}
          maxRows={20}
          maxLength={100_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Switch
          label="Show how the instructions look"
          checked={shown}
          onChange={(event) => setShown(event.currentTarget.checked)}
        />
        {shown && (
          <div className="content-card">
            <Prose text={text} />
          </div>
        )}
        <FaultNotice error={publish.error} />
        <div>
          <Button type="submit" size="xs" disabled={text === start} loading={publish.isPending}>
            Publish as version {version + 1}
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
      <legend>Ask again what was decided under older versions</legend>
      <Stack gap="sm">
        <div className="fields">
          <NumberField
            label="Decided with a confidence of at most (%)"
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
            See which tasks, and what it costs
          </Button>
        </div>
        <FaultNotice error={preview.error} />
        {found && (
          <p role="status">
            {counted(found.tasks, 'task')}, {counted(found.answers, 'new answer')} each: {dollars(found.costMicros)}, at
            most {dollars(found.reserveMicros)}; the budget has {dollars(found.freeMicros)} free.
            {found.sample[0] && ` The least certain was decided with ${percent(found.sample[0].confidence)}.`}
          </p>
        )}
        {found && found.tasks > 0 && (
          <div>
            <Button size="xs" onClick={() => setSure(true)}>
              Ask them again
            </Button>
          </div>
        )}
        {ask.data && (
          <p role="status">
            {counted(ask.data.reopened, 'task is', 'tasks are')} open again
            {ask.data.overBudget > 0 && `; for ${count(ask.data.overBudget)} the budget has no room`}
            {ask.data.left > 0 && `; ${count(ask.data.left)} are left`}.
          </p>
        )}
      </Stack>
      {sure && (
        <ReasonModal
          title="Ask these tasks again"
          hint="The least certain first, as far as the budget goes. Their old answers stay in the record and no longer count."
          confirm="Ask them again"
          pending={ask.isPending}
          error={ask.error}
          onConfirm={(reason) => ask.mutate(reason)}
          onClose={() => setSure(false)}
        />
      )}
    </fieldset>
  );
}
