import { Button, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, unwrap } from '../api/client';
import type { TaskType } from '../api/types';
import { FORMS } from '../forms';
import { FormAmongOthers } from '../forms/form-among-others';
import { useMeant } from '../forms/meant';
import { useSay } from '../i18n';
import { t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';

interface RulingFormProps {
  readonly taskId: string;
  readonly type: TaskType;
  readonly config: unknown;
  readonly payload: unknown;
}

/** An expert's ruling, given on the very form the annotators had. */
export function RulingForm({ taskId, type, config: settings, payload: item }: RulingFormProps) {
  const say = useSay();
  const queries = useQueryClient();
  const form = FORMS[type];
  const config = useMemo(() => form.readConfig(settings), [form, settings]);
  const payload = useMemo(() => form.readPayload(item), [form, item]);
  const [value, setValue] = useState<unknown>(() => form.start(config, payload));
  const [note, setNote] = useState('');
  const result = form.toLabel(value, config, payload);
  const rule = useMutation({
    mutationFn: async (label: unknown) =>
      unwrap(
        api.POST('/v1/tasks/{id}/adjudicate', {
          params: { path: { id: taskId } },
          body: { label, ...(note.trim() === '' ? {} : { note: note.trim() }) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['task', taskId] }),
  });
  const meant = useMeant();
  const [asked, setAsked] = useState<string | null>(null);
  const change = (next: unknown) => {
    setValue(next);
    setAsked(null);
    meant.forget();
  };
  const decide = () => {
    if ('need' in result) return;
    if (result.confirm !== undefined) setAsked(say(result.confirm));
    if (meant.is(result, performance.now())) rule.mutate(result.label);
  };
  return (
    <section className="card" aria-labelledby="ruling-title">
      <h2 id="ruling-title">{t('Decide this task')}</h2>
      <p className="dim">{t('Your ruling ends the task, whatever its annotators said. They are paid all the same.')}</p>
      <Stack gap="sm">
        <FormAmongOthers form={form} config={config} payload={payload} value={value} onChange={change} />
        <Textarea
          label={t('Why (kept with the ruling)')}
          dir="auto"
          autosize
          minRows={2}
          maxLength={10_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {'need' in result && <p className="dim">{say(result.need, result.values)}</p>}
        <FaultNotice error={rule.error} />
        {asked !== null && <p role="alert">{asked}</p>}
        <Button disabled={'need' in result} loading={rule.isPending} onClick={decide}>
          {t('Decide')}
        </Button>
      </Stack>
    </section>
  );
}
