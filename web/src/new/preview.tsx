import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { TaskType } from '../api/types';
import { FORMS } from '../forms';
import { fieldsOf } from '../forms/read';
import { useSay } from '../i18n';
import { itemOf, type Mapping } from './mapping';
import type { Source } from './source';

interface PreviewProps {
  readonly type: TaskType;
  readonly config: unknown;
  readonly source: Source | null;
  readonly mapping: Mapping;
}

/** The very form annotators will have, on the requester's own rows. It can be tried; nothing is sent. */
export function Preview({ type, config: settings, source, mapping }: PreviewProps) {
  const [at, setAt] = useState(0);
  const rows = source?.rows ?? [];
  const row = rows[Math.min(at, rows.length - 1)];
  return (
    <section className="card" aria-labelledby="preview-title">
      <h2 id="preview-title">What annotators see</h2>
      <div className="row-steps">
        <Button size="compact-xs" variant="default" disabled={at === 0} onClick={() => setAt(at - 1)}>
          Back
        </Button>
        <span className="dim">{rows.length === 0 ? 'no row yet' : `row ${at + 1}`}</span>
        <Button size="compact-xs" variant="default" disabled={at + 1 >= rows.length} onClick={() => setAt(at + 1)}>
          Next
        </Button>
      </div>
      {row === undefined ? (
        <p className="dim">Add your data, and the form appears here.</p>
      ) : (
        // A change of type, settings or columns begins the form anew.
        <Tried
          key={JSON.stringify([type, settings, mapping, at])}
          type={type}
          settings={settings}
          item={itemOf(type, mapping, row)}
        />
      )}
    </section>
  );
}

function Tried({ type, settings, item }: { type: TaskType; settings: unknown; item: unknown }) {
  const say = useSay();
  const form = FORMS[type];
  const config = useMemo(() => form.readConfig(settings), [form, settings]);
  const payload = useMemo(() => form.readPayload(fieldsOf(item).payload), [form, item]);
  const [value, setValue] = useState<unknown>(() => form.start(config, payload));
  const result = form.toLabel(value, config, payload);
  const { Form } = form;
  return (
    <>
      <div className="preview">
        <Form config={config} payload={payload} value={value} onChange={setValue} active={false} />
      </div>
      <details>
        <summary>The label this gives</summary>
        <pre className="pre">
          {'label' in result ? JSON.stringify(result.label, null, 2) : say(result.need, result.values)}
        </pre>
      </details>
    </>
  );
}
