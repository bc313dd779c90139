import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, unwrap } from '../api/client';
import { FORMS } from '../forms';
import { PlainText, Prose } from '../forms/content';
import { isEnterFree, useCtrlEnter, useKeys } from '../forms/keys';
import { useMeant } from '../forms/meant';
import { fieldsOf } from '../forms/read';
import { useSay } from '../i18n';
import { FaultNotice } from '../ui/page-error';
import type { Feedback, Session } from './session';

interface QuestionProps {
  readonly session: Session;
  readonly number: number;
  readonly payload: unknown;
  readonly onAnswered: (feedback: Feedback) => void;
}

/** One question of the test, on the form that the work has. */
export function Question({ session, number, payload: item, onAnswered }: QuestionProps) {
  const say = useSay();
  const form = FORMS[session.type];
  const config = useMemo(() => form.readConfig(session.config), [form, session.config]);
  const payload = useMemo(() => form.readPayload(item), [form, item]);
  const [value, setValue] = useState<unknown>(() => form.start(config, payload));
  const [startedMs] = useState(() => performance.now());
  const [need, setNeed] = useState<string | null>(null);
  const answer = useMutation({
    mutationFn: async (label: unknown): Promise<Feedback> => {
      const timeSpentS = Math.min(86_400, Math.round((performance.now() - startedMs) / 100) / 10);
      const params = { path: { id: session.id } };
      return unwrap(api.POST('/v1/me/calibrations/{id}/answers', { params, body: { number, label, timeSpentS } }));
    },
    onSuccess: onAnswered,
  });
  const meant = useMeant();
  const submit = () => {
    const result = form.toLabel(value, config, payload);
    if ('need' in result) return setNeed(say(result.need, result.values));
    if (result.confirm !== undefined) setNeed(say(result.confirm));
    if (meant.is(result, performance.now()) && !answer.isPending) answer.mutate(result.label);
  };
  useKeys(!answer.isPending, ({ key, target, repeat }) => {
    if (key !== 'Enter') return false;
    // A key that is held down is one answer.
    if (repeat) return true;
    if (!isEnterFree(target)) return false;
    submit();
    return true;
  });
  useCtrlEnter(!answer.isPending, submit);
  const { Form } = form;
  return (
    <div className="stack">
      <Form
        config={config}
        payload={payload}
        value={value}
        onChange={(next: unknown) => {
          setValue(next);
          setNeed(null);
          meant.forget();
        }}
        active={!answer.isPending}
      />
      {need !== null && <p role="alert">{need}</p>}
      <FaultNotice error={answer.error} />
      <Button onClick={submit} loading={answer.isPending}>
        {say('work.submit')}
      </Button>
    </div>
  );
}

/** What an example shows, field by field. */
export function Shown({ payload }: { payload: unknown }) {
  return (
    <dl className="payload">
      {Object.entries(fieldsOf(payload)).map(([name, value]) => (
        <div key={name}>
          <dt className="tag">{name}</dt>
          <dd>
            {typeof value === 'string' ? <Prose text={value} /> : <PlainText text={JSON.stringify(value, null, 2)} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
