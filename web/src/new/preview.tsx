import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { TaskType } from '../api/types';
import { FORMS } from '../forms';
import { FormAmongOthers } from '../forms/form-among-others';
import { fieldsOf } from '../forms/read';
import { useSay } from '../i18n';
import { t } from '../i18n/office';
import { labelText } from '../ui/label-text';
import { counted } from '../ui/text';
import { exampleOf, type WorkedExample } from './examples';
import { countGolds, type Golds, knownAt, withGold } from './golds';
import { itemOf, type Mapping } from './mapping';
import type { Source } from './source';

interface PreviewProps {
  readonly type: TaskType;
  readonly config: unknown;
  readonly source: Source | null;
  readonly mapping: Mapping;
  readonly golds: Golds;
  readonly onGolds: (golds: Golds) => void;
  readonly onExample: (example: WorkedExample) => void;
}

/**
 * The very form annotators will have, on the requester's own rows. What is answered here can be kept as the row's known
 * answer (gold), or become a worked example.
 */
export function Preview({ type, config: settings, source, mapping, golds, onGolds, onExample }: PreviewProps) {
  const [at, setAt] = useState(0);
  const rows = source?.rows ?? [];
  const place = Math.max(0, Math.min(at, rows.length - 1));
  const row = rows[place];
  const item = row && itemOf(type, mapping, row);
  const { known, stale } = countGolds(golds, settings);
  return (
    <section className="card" aria-labelledby="preview-title">
      <h2 id="preview-title">{t('What annotators see')}</h2>
      <div className="row-steps">
        <Button size="compact-xs" variant="default" disabled={place === 0} onClick={() => setAt(place - 1)}>
          {t('Back')}
        </Button>
        <span className="dim">{rows.length === 0 ? t('no row yet') : t('row {place}', { place: place + 1 })}</span>
        <Button
          size="compact-xs"
          variant="default"
          disabled={place + 1 >= rows.length}
          onClick={() => setAt(place + 1)}
        >
          {t('Next')}
        </Button>
      </div>
      {item === undefined ? (
        <p className="dim">{t('Add your data, and the form appears here.')}</p>
      ) : (
        <>
          <Tried
            // Another type, other settings or other data begin the form anew.
            key={JSON.stringify([type, settings, place, item])}
            type={type}
            settings={settings}
            item={item}
            kept={knownAt(golds, place, settings)?.label}
            onKeep={(label) => onGolds(withGold(golds, place, label === null ? null : { label, config: settings }))}
            onNext={place + 1 < rows.length ? () => setAt(place + 1) : undefined}
            onExample={onExample}
          />
          <p className="dim" role="status">
            {t('{rows} a known answer from here.', { rows: counted(known, 'row has', 'rows have') })}
            {stale > 0 &&
              t(' {rows} answered under other settings and will not be sent.', {
                rows: counted(stale, 'more was', 'more were'),
              })}
          </p>
        </>
      )}
    </section>
  );
}

interface TriedProps {
  readonly type: TaskType;
  readonly settings: unknown;
  readonly item: unknown;
  /** The row's known answer; undefined where there is none. */
  readonly kept: unknown;
  readonly onKeep: (label: unknown) => void;
  readonly onNext: (() => void) | undefined;
  readonly onExample: (example: WorkedExample) => void;
}

function Tried({ type, settings, item, kept, onKeep, onNext, onExample }: TriedProps) {
  const say = useSay();
  const form = FORMS[type];
  const config = useMemo(() => form.readConfig(settings), [form, settings]);
  const payload = useMemo(() => form.readPayload(fieldsOf(item).payload), [form, item]);
  const [value, setValue] = useState<unknown>(() => form.start(config, payload));
  const result = form.toLabel(value, config, payload);
  const answered = 'label' in result;
  return (
    <>
      <FormAmongOthers form={form} config={config} payload={payload} value={value} onChange={setValue} />
      <div className="page-head">
        <Button
          size="xs"
          variant="default"
          disabled={!answered}
          onClick={() => {
            if (!answered) return;
            onKeep(result.label);
            onNext?.();
          }}
        >
          {t('Keep as the known answer')}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!answered}
          onClick={() => answered && onExample(exampleOf(type, fieldsOf(item).payload, result.label))}
        >
          {t('Use as a worked example')}
        </Button>
      </div>
      {kept !== undefined && (
        <p>
          {t('Known answer:')} <strong dir="auto">{labelText(kept, 200)}</strong>{' '}
          <Button size="compact-xs" variant="default" onClick={() => onKeep(null)}>
            {t('Take it away')}
          </Button>
        </p>
      )}
      <details>
        <summary>{t('The label this gives')}</summary>
        <pre className="pre">{answered ? JSON.stringify(result.label, null, 2) : say(result.need, result.values)}</pre>
      </details>
    </>
  );
}
