import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { textsOf } from '../forms/read';
import { t } from '../i18n/office';
import { usdInput } from '../pay/usd-input';
import { Dialog } from '../ui/dialog';
import { filled } from '../ui/filled';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import { dollars, words } from '../ui/text';
import { answersOf, type Budget } from './budget';

interface LimitsDialogProps {
  readonly campaign: Campaign;
  readonly budget: Budget;
  /** Then there is nothing but the cap, for what is owed. */
  readonly ended: boolean;
  readonly onClose: () => void;
}

interface Form {
  readonly cap: string;
  readonly daily: string;
  readonly hedge: string;
  readonly redundancy: number | null;
  readonly maxRedundancy: number | null;
  readonly workforces: Readonly<Record<string, string>>;
}

function formOf(campaign: Campaign, { capUsd, daily, limits }: Budget): Form {
  const limitOf = (scope: 'hedge' | 'workforce', name?: string) =>
    limits.find((each) => each.scope === scope && (name === undefined || each.name === name))?.capUsd ?? '';
  return {
    cap: capUsd,
    daily: daily?.capUsd ?? '',
    hedge: limitOf('hedge'),
    ...answersOf(campaign),
    workforces: Object.fromEntries(
      textsOf(campaign.settings.workforces).map((name) => [name, limitOf('workforce', name)]),
    ),
  };
}

/** Changes the cap, the answers a task gets, and the limits beside the cap. What is left as it was is not sent. */
export function LimitsDialog({ campaign, budget, ended, onClose }: LimitsDialogProps) {
  const queries = useQueryClient();
  const { id } = campaign;
  // As the dialog was opened: what others change meanwhile is not to be changed back.
  const [before, setBefore] = useState(() => formOf(campaign, budget));
  const [form, setForm] = useState(before);
  const set = (change: Partial<Form>) => setForm((old) => ({ ...old, ...change }));
  const save = useMutation({
    mutationFn: async () => {
      const params = { path: { id } };
      const change = {
        ...(form.cap.trim() === before.cap ? {} : { budgetUsd: form.cap.trim() }),
        ...(form.redundancy === before.redundancy ? {} : { redundancy: filled(form.redundancy) }),
        ...(form.maxRedundancy === before.maxRedundancy ? {} : { maxRedundancy: filled(form.maxRedundancy) }),
      };
      const caps = Object.entries(form.workforces).filter(([name, usd]) => usd.trim() !== before.workforces[name]);
      const limits = {
        ...(form.daily.trim() === before.daily ? {} : { dailyUsd: form.daily.trim() || null }),
        ...(form.hedge.trim() === before.hedge ? {} : { hedgeUsd: form.hedge.trim() || null }),
        ...(caps.length === 0
          ? {}
          : { workforces: Object.fromEntries(caps.map(([name, usd]) => [name, usd.trim() || null])) }),
      };
      if (Object.keys(change).length > 0) {
        await unwrap(api.PATCH('/v1/campaigns/{id}', { params, body: change }));
        const { cap, redundancy, maxRedundancy } = form;
        setBefore((old) => ({ ...old, cap: cap.trim(), redundancy, maxRedundancy }));
      }
      if (Object.keys(limits).length > 0) await unwrap(api.PUT('/v1/campaigns/{id}/limits', { params, body: limits }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['campaign', id] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  // Left as it was, what a task gets at most rises with the answers.
  const isOver =
    form.maxRedundancy !== before.maxRedundancy &&
    (form.redundancy ?? 0) > (form.maxRedundancy ?? Number.POSITIVE_INFINITY);
  const usd = (label: string, value: string, onChange: (value: string) => void, required = false) => (
    <TextInput
      key={label}
      label={label}
      {...usdInput(required)}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
  const answers = (label: string, name: 'redundancy' | 'maxRedundancy') => (
    <NumberField
      label={label}
      required
      allowDecimal={false}
      min={1}
      max={25}
      error={name === 'maxRedundancy' && isOver && t('Less than the answers a task.')}
      value={form[name]}
      onChange={(value) => set({ [name]: value })}
    />
  );
  return (
    <Dialog title={t('Budget and limits')} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className="dim">
            {ended
              ? t('It has ended and does not go on: a higher cap pays the {usd} that it owes, and nothing else.', {
                  usd: dollars(budget.owedMicros),
                })
              : t('A limit holds at once; an empty one is lifted. Answers a task: for tasks chosen from now on.')}
          </p>
          {usd(t('Budget ($): the cap'), form.cap, (cap) => set({ cap }), true)}
          {!ended && (
            <>
              <div className="fields">
                {answers(t('Answers a task'), 'redundancy')}
                {answers(t('At most'), 'maxRedundancy')}
              </div>
              {usd(t('Most in a day (UTC, $)'), form.daily, (daily) => set({ daily }))}
              {usd(t('Most for hedges ($)'), form.hedge, (hedge) => set({ hedge }))}
              {Object.entries(form.workforces).map(([name, value]) =>
                usd(t('Most for the workforce {name} ($)', { name: words(name) }), value, (next) =>
                  set({ workforces: { ...form.workforces, [name]: next } }),
                ),
              )}
            </>
          )}
          <FaultNotice error={save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('Cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={isOver}>
              {t('Save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
