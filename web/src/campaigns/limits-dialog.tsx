import { Button, Group, NumberInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { textsOf } from '../forms/read';
import { Dialog } from '../ui/dialog';
import { FaultNotice } from '../ui/page-error';
import { words } from '../ui/text';
import { answersOf, type Budget } from './budget';

interface LimitsDialogProps {
  readonly campaign: Campaign;
  readonly budget: Budget;
  readonly onClose: () => void;
}

/** Changes the cap, the answers a task gets, and the limits beside the cap. What is left as it was is not sent. */
export function LimitsDialog({ campaign, budget, onClose }: LimitsDialogProps) {
  const queries = useQueryClient();
  const { id } = campaign;
  const workforceNames = textsOf(campaign.settings.workforces);
  const before = {
    cap: budget.capUsd,
    daily: budget.daily?.capUsd ?? '',
    hedge: budget.limits.find(({ scope }) => scope === 'hedge')?.capUsd ?? '',
    ...answersOf(campaign),
  };
  const limitOf = (name: string) =>
    budget.limits.find((each) => each.scope === 'workforce' && each.name === name)?.capUsd ?? '';
  const [form, setForm] = useState(before);
  const [workforces, setWorkforces] = useState(() =>
    Object.fromEntries(workforceNames.map((name) => [name, limitOf(name)])),
  );
  const set = (change: Partial<typeof before>) => setForm((old) => ({ ...old, ...change }));
  const save = useMutation({
    mutationFn: async () => {
      const params = { path: { id } };
      const change = {
        ...(form.cap.trim() === before.cap ? {} : { budgetUsd: form.cap.trim() }),
        ...(form.redundancy === before.redundancy ? {} : { redundancy: form.redundancy }),
        ...(form.maxRedundancy === before.maxRedundancy ? {} : { maxRedundancy: form.maxRedundancy }),
      };
      const caps = Object.entries(workforces).filter(([name, usd]) => usd.trim() !== limitOf(name));
      const limits = {
        ...(form.daily.trim() === before.daily ? {} : { dailyUsd: form.daily.trim() || null }),
        ...(form.hedge.trim() === before.hedge ? {} : { hedgeUsd: form.hedge.trim() || null }),
        ...(caps.length === 0
          ? {}
          : { workforces: Object.fromEntries(caps.map(([name, usd]) => [name, usd.trim() || null])) }),
      };
      if (Object.keys(change).length > 0) await unwrap(api.PATCH('/v1/campaigns/{id}', { params, body: change }));
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
  const usd = (label: string, value: string, onChange: (value: string) => void, required = false) => (
    <TextInput
      key={label}
      label={label}
      inputMode="decimal"
      required={required}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
  const answers = (label: string, name: 'redundancy' | 'maxRedundancy') => (
    <NumberInput
      label={label}
      allowDecimal={false}
      min={1}
      max={25}
      value={form[name]}
      onChange={(value) => typeof value === 'number' && set({ [name]: value })}
    />
  );
  return (
    <Dialog title="Budget and limits" onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className="dim">
            A limit holds at once; an empty one is lifted. Answers a task: for tasks chosen from now on.
          </p>
          {usd('Budget ($): the cap', form.cap, (cap) => set({ cap }), true)}
          <div className="fields">
            {answers('Answers a task', 'redundancy')}
            {answers('At most', 'maxRedundancy')}
          </div>
          {usd('Most in a day (UTC, $)', form.daily, (daily) => set({ daily }))}
          {usd('Most for hedges ($)', form.hedge, (hedge) => set({ hedge }))}
          {workforceNames.map((name) =>
            usd(`Most for the workforce ${words(name)} ($)`, workforces[name] ?? '', (value) =>
              setWorkforces((old) => ({ ...old, [name]: value })),
            ),
          )}
          <FaultNotice error={save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
