import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { useOnce } from '../api/once';
import type { TaskView } from '../api/types';
import { t } from '../i18n/office';
import { filled } from '../ui/filled';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';

const priorities = () =>
  [t('0 (lowest)'), '1', '2', '3', t('4 (highest)')].map((label, at) => ({ value: String(at), label }));
const MOST_MORE = 24;

/** What can still be done about a task that is open: more answers, its place in the queue, and its end. */
export function TaskActs({ task: { id, priority } }: { task: TaskView }) {
  const queries = useQueryClient();
  const once = useOnce();
  // Null until another priority is chosen than the task has.
  const [chosen, setChosen] = useState<number | null>(null);
  const [more, setMore] = useState<number | null>(1);
  const [cancelling, setCancelling] = useState(false);
  const params = { path: { id } };
  const onSuccess = () => queries.invalidateQueries({ queryKey: ['task', id] });
  const ask = useMutation({
    mutationFn: () =>
      once((headers) =>
        unwrap(api.POST('/v1/tasks/{id}/redundancy', { params, headers, body: { count: filled(more) } })),
      ),
    onSuccess,
  });
  const place = useMutation({
    mutationFn: (next: number) => unwrap(api.POST('/v1/tasks/{id}/reprioritize', { params, body: { priority: next } })),
    onSuccess: async () => {
      await onSuccess();
      setChosen(null);
    },
  });
  const cancel = useMutation({
    mutationFn: (reason: string) => unwrap(api.POST('/v1/tasks/{id}/cancel', { params, body: { reason } })),
    onSuccess: async () => {
      setCancelling(false);
      await onSuccess();
    },
  });
  return (
    <section className="card" aria-labelledby="acts-title">
      <h2 id="acts-title">{t('Change this task')}</h2>
      <div className="fields">
        <NativeSelect
          label={t('Priority')}
          data={priorities()}
          value={String(chosen ?? priority)}
          onChange={(event) => setChosen(Number(event.currentTarget.value))}
        />
        <Button
          variant="default"
          loading={place.isPending}
          disabled={chosen === null || chosen === priority}
          onClick={() => chosen !== null && place.mutate(chosen)}
        >
          {t('Set the priority')}
        </Button>
        <NumberField
          label={t('Answers more')}
          allowDecimal={false}
          min={1}
          max={MOST_MORE}
          value={more}
          onChange={setMore}
        />
        <Button
          variant="default"
          loading={ask.isPending}
          disabled={more === null || more < 1 || more > MOST_MORE}
          onClick={() => ask.mutate()}
        >
          {t('Ask for them')}
        </Button>
        <Button variant="default" color="red.9" onClick={() => setCancelling(true)}>
          {t('Cancel the task')}
        </Button>
      </div>
      <FaultNotice error={ask.error ?? place.error} />
      {cancelling && (
        <ReasonModal
          title={t('Cancel the task')}
          hint={t('It ends without a label. What was answered is paid; what was reserved beyond that is free again.')}
          confirm={t('Cancel the task')}
          danger
          pending={cancel.isPending}
          error={cancel.error}
          onConfirm={(reason) => cancel.mutate(reason)}
          onClose={() => setCancelling(false)}
        />
      )}
    </section>
  );
}
