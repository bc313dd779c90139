import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Ok, TaskType } from '../api/types';
import { sessionQuery } from '../auth/session';
import { t } from '../i18n/office';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import { TASK_TYPES, typeName, words } from '../ui/text';

type Settings = Ok<'/v1/cost/settings', 'get'>;
type Figure = Settings['figures'][number];

/** What the formula goes by, for owners to change. */
export function CostFigures() {
  const { data: session } = useQuery(sessionQuery);
  const owns = session?.role === 'owner';
  // Here, because what is saved begins the form anew.
  const [saved, setSaved] = useState(false);
  const summary = useRef<HTMLElement>(null);
  const { data, error } = useQuery({
    queryKey: ['cost-settings'],
    enabled: owns,
    queryFn: () => unwrap(api.GET('/v1/cost/settings')),
  });
  if (!owns) return null;
  return (
    <details>
      <summary ref={summary}>{t('Figures of the formula')}</summary>
      <p className="dim">
        {t('They hold for costs, plans and the usual prices of new campaigns. An empty field is the usual figure.')}
      </p>
      <FaultNotice error={error} />
      {data && (
        <Editor
          key={JSON.stringify(data.figures)}
          figures={data.figures}
          saved={saved}
          onSaved={(isSaved) => {
            setSaved(isSaved);
            if (isSaved) summary.current?.focus({ preventScroll: true });
          }}
        />
      )}
    </details>
  );
}

interface EditorProps {
  readonly figures: readonly Figure[];
  readonly saved: boolean;
  readonly onSaved: (saved: boolean) => void;
}

function Editor({ figures, saved, onSaved }: EditorProps) {
  const queries = useQueryClient();
  const [values, setValues] = useState<Readonly<Record<string, number | null>>>(
    Object.fromEntries(figures.map(({ name, value, usual }) => [name, value === usual ? null : value])),
  );
  const save = useMutation({
    mutationFn: () => unwrap(api.PUT('/v1/cost/settings', { body: bodyOf(values) })),
    onMutate: () => onSaved(false),
    onSuccess: async (answer) => {
      queries.setQueryData(['cost-settings'], answer);
      onSaved(true);
      await Promise.all(['cost', 'plan'].map((what) => queries.invalidateQueries({ queryKey: [what] })));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <div className="fields">
        {figures.map(({ name, usual }) => (
          <NumberField
            key={name}
            label={figureName(name)}
            placeholder={String(usual)}
            min={0}
            decimalScale={6}
            value={values[name] ?? null}
            onChange={(value) => {
              onSaved(false);
              setValues({ ...values, [name]: value });
            }}
          />
        ))}
      </div>
      <FaultNotice error={save.error} />
      <div className="page-head fields-apart">
        <Button type="submit" size="xs" loading={save.isPending}>
          {t('Save the figures')}
        </Button>
        <p className="dim" role="status">
          {saved && t('They are saved.')}
        </p>
      </div>
    </form>
  );
}

/** `hourlyUsd.crowd` and the like as the server takes them; what is empty is left out. */
function bodyOf(values: Readonly<Record<string, number | null>>) {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue;
    const [kind = '', of] = name.split('.');
    body[kind] = of === undefined ? value : { ...Object(body[kind]), [of]: value };
  }
  return body;
}

const isTaskType = (name: string): name is TaskType => TASK_TYPES.some((each) => each === name);

/** What a figure is, in words with its unit. */
export function figureName(name: string): string {
  const [kind = '', of = ''] = name.split('.');
  const what = { of: words(of) };
  switch (kind) {
    case 'hourlyUsd':
      return t('An hour of {of} ($)', what);
    case 'seconds':
      return t('Time of {of} (s)', { of: isTaskType(of) ? typeName(of) : of });
    case 'fee':
      return t('Fee of {of} (share)', what);
    case 'gold':
      return t('Golds (share)');
    case 'review':
      return t('Reviewed tasks (share)');
    case 'reviewFactor':
      return t('A review (prices of an answer)');
    default:
      return t('Self-hosting a month ($)');
  }
}
