import { Button, Checkbox, NativeSelect, Textarea } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { TaskType } from '../api/types';
import { type Text, t } from '../i18n/office';
import { faultsCsv, saveFile } from '../ui/save-file';
import { count, counted } from '../ui/text';
import { countTooFew, EXTRA, FIELDS, type Mapping } from './mapping';
import { readFile, readSource, type Source } from './source';

interface DataFieldsProps {
  readonly type: TaskType;
  readonly source: Source | null;
  readonly mapping: Mapping;
  readonly onSource: (source: Source) => void;
  readonly onMapping: (mapping: Mapping) => void;
}

/** The rows, from a file or pasted, and which column is what. */
export function DataFields({ type, source, mapping, onSource, onMapping }: DataFieldsProps) {
  const [pasted, setPasted] = useState('');
  const tooFew = useMemo(() => countTooFew(type, mapping, source?.rows ?? []), [type, mapping, source]);
  const set = (name: string, columns: readonly string[]) => onMapping({ ...mapping, [name]: columns });
  const columnSelect = (name: string, title: Text, required: boolean) => (
    <NativeSelect
      key={name}
      label={t(title)}
      required={required}
      value={mapping[name]?.[0] ?? ''}
      onChange={(event) => set(name, event.currentTarget.value === '' ? [] : [event.currentTarget.value])}
      data={[
        { value: '', label: required ? t('Choose a column') : t('none') },
        ...(source?.columns ?? []).map((value) => ({ value, label: value })),
      ]}
    />
  );
  return (
    <section className="card" aria-labelledby="data-title">
      <h2 id="data-title">{t('Your data')}</h2>
      <p className="dim">
        {t('CSV with a header, JSON Lines, a JSON array, or Parquet. Rows with a known answer become gold tasks.')}
      </p>
      <div className="stack">
        <div className="fields">
          <label className="file">
            <span>{t('Upload a file')}</span>
            <input
              type="file"
              accept=".csv,.tsv,.jsonl,.ndjson,.json,.parquet,text/csv,application/json"
              // The same name may be chosen again once the file is mended.
              onClick={({ currentTarget }) => {
                currentTarget.value = '';
              }}
              onChange={(event) => {
                const [file] = event.currentTarget.files ?? [];
                if (file) void readFile(file).then(onSource);
              }}
            />
          </label>
          <details>
            <summary>{t('Or paste it')}</summary>
            <Textarea
              aria-label={t('Rows')}
              autosize
              minRows={4}
              maxRows={10}
              value={pasted}
              onChange={(event) => setPasted(event.currentTarget.value)}
            />
            <Button
              mt="xs"
              size="xs"
              variant="default"
              disabled={pasted.trim() === ''}
              onClick={() => onSource(readSource(pasted))}
            >
              {t('Use these rows')}
            </Button>
          </details>
        </div>
        {source && (
          <>
            <p role="status">
              {t('{rows} with {columns}', {
                rows: counted(source.rows.length, 'row'),
                columns: counted(source.columns.length, 'column'),
              })}
              {source.faultCount > 0 &&
                t('; {faultCount} could not be read and are left out', { faultCount: count(source.faultCount) })}
              .
            </p>
            {source.faults.length > 0 && (
              <div>
                <ul className="dim">
                  {source.faults.slice(0, 5).map(({ line, reason }) => (
                    <li key={`${line} ${reason}`}>{t('Line {line}: {reason}', { line, reason })}</li>
                  ))}
                </ul>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => saveFile('unreadable-lines.csv', faultsCsv('line', source.faults))}
                >
                  {source.faultCount > source.faults.length
                    ? t('Download the first {length} of them', { length: count(source.faults.length) })
                    : t('Download all of them')}
                </Button>
              </div>
            )}
            <div className="fields">
              {FIELDS[type].map(({ name, title, required, list }) =>
                list ? (
                  <Checkbox.Group
                    key={name}
                    label={t(title)}
                    description={t('Tick a column for each answer, or one column that holds a JSON list.')}
                    value={[...(mapping[name] ?? [])]}
                    onChange={(columns) =>
                      set(
                        name,
                        source.columns.filter((each) => columns.includes(each)),
                      )
                    }
                  >
                    <div className="row-list">
                      {source.columns.map((column) => (
                        <Checkbox key={column} value={column} label={column} />
                      ))}
                    </div>
                  </Checkbox.Group>
                ) : (
                  columnSelect(name, title, required)
                ),
              )}
              {EXTRA.map(({ name, title }) => columnSelect(name, title, false))}
            </div>
            {tooFew > 0 && (
              <p role="status">
                {t('{rows} fewer than two answers and will be refused: an empty cell is no answer.', {
                  rows: counted(tooFew, 'row has', 'rows have'),
                })}
              </p>
            )}
          </>
        )}
      </div>
    </section>
  );
}
