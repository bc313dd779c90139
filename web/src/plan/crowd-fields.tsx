import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { readFile } from '../new/source';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import { counted } from '../ui/text';
import { type Asked, type CrowdFrom, knownBy, type PlanBody, rowsOf } from './asked';
import type { FieldsProps } from './plan-fields';

type Pilot = NonNullable<PlanBody['pilot']>;

/** What the files of a pilot hold, once they are read. */
export interface PilotFiles {
  readonly answers?: Pilot['answers'];
  readonly gold?: Pilot['gold'];
}

interface CrowdFieldsProps extends FieldsProps {
  readonly files: PilotFiles;
  readonly onFiles: (files: PilotFiles) => void;
}

/** What is known of those who answer: assumed, measured by a campaign, or by a pilot in files. */
export function CrowdFields({ asked, set, files, onFiles }: CrowdFieldsProps) {
  return (
    <section className="card" aria-labelledby="crowd-title">
      <h2 id="crowd-title">{t('The crowd')}</h2>
      <div className="fields">
        <NativeSelect
          label={t('Known by')}
          value={asked.from}
          onChange={(event) => set(knownBy(event.currentTarget.value as CrowdFrom))}
          data={[
            { value: 'assumed', label: t('what I assume') },
            { value: 'campaign', label: t("a campaign's gold answers") },
            { value: 'files', label: t('a pilot: two files') },
          ]}
        />
        {asked.from === 'campaign' && <CampaignSelect asked={asked} set={set} />}
        {asked.from === 'assumed' && (
          <>
            <NumberField
              label={t('Right answers (%)')}
              description={t('Of one annotator alone.')}
              min={1}
              max={99}
              required
              value={asked.rightPercent}
              onChange={(rightPercent) => set({ rightPercent })}
            />
            <NumberField
              label={t('Choices of a task')}
              allowDecimal={false}
              min={2}
              max={100}
              value={asked.choices}
              onChange={(choices) => set({ choices })}
            />
          </>
        )}
        <NumberField
          label={t('Seconds of an answer (median)')}
          description={asked.from === 'campaign' ? t('Empty: as measured.') : t('Empty: as usual for the type.')}
          min={0.1}
          max={86_400}
          value={asked.seconds}
          onChange={(seconds) => set({ seconds })}
        />
      </div>
      {asked.from === 'files' && <Files files={files} onFiles={onFiles} />}
      {asked.from === 'assumed' && (
        <details className="fields-apart">
          <summary>{t('How much annotators and tasks differ')}</summary>
          <p className="dim">
            {t(
              'In log-odds: with 0 all are alike; with 0.6, where 80% are right, two annotators of three are between 69% and 88%.',
            )}
          </p>
          <div className="fields">
            <NumberField
              label={t('Annotators differ by')}
              min={0}
              max={5}
              value={asked.skillSd}
              onChange={(skillSd) => set({ skillSd })}
            />
            <NumberField
              label={t('Tasks differ by')}
              min={0}
              max={5}
              value={asked.easeSd}
              onChange={(easeSd) => set({ easeSd })}
            />
            <NumberField
              label={t('How unsure all this is')}
              min={0}
              max={3}
              value={asked.unsure}
              onChange={(unsure) => set({ unsure })}
            />
          </div>
        </details>
      )}
    </section>
  );
}

function CampaignSelect({ asked, set }: { asked: Asked; set: FieldsProps['set'] }) {
  const { data, error } = useQuery({
    queryKey: ['campaigns', 'for plans'],
    queryFn: () => unwrap(api.GET('/v1/campaigns', { params: { query: { limit: 200 } } })),
  });
  const listed = data?.items ?? [];
  const isListed = listed.some(({ id }) => id === asked.campaignId);
  return (
    <>
      <NativeSelect
        label={t('Campaign')}
        description={t('Its own rules, and what people answered to its golds, with their times.')}
        required
        value={asked.campaignId}
        onChange={(event) => set({ campaignId: event.currentTarget.value })}
        data={[
          { value: '', label: t('Choose one') },
          ...(asked.campaignId === '' || isListed ? [] : [{ value: asked.campaignId, label: asked.campaignId }]),
          ...listed.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      {data && data.nextCursor !== null && <p className="dim">{t('Only the newest 200 are listed.')}</p>}
      <FaultNotice error={error} />
    </>
  );
}

function Files({ files, onFiles }: Pick<CrowdFieldsProps, 'files' | 'onFiles'>) {
  const [faults, setFaults] = useState<Readonly<Partial<Record<keyof PilotFiles, string>>>>({});
  const take = async (which: keyof PilotFiles, file: File) => {
    const source = await readFile(file);
    const rows = which === 'answers' ? rowsOf(source, ['task', 'worker', 'label']) : rowsOf(source, ['task', 'label']);
    setFaults({ ...faults, [which]: 'fault' in rows ? `${file.name}: ${rows.fault}` : undefined });
    const { [which]: _, ...others } = files;
    onFiles('fault' in rows ? others : { ...files, [which]: rows });
  };
  const field = (which: keyof PilotFiles, label: string) => (
    <div>
      <label className="file">
        <span>{label}</span>
        <input
          type="file"
          accept=".csv,.jsonl,.ndjson,.json,.parquet,text/csv,application/json"
          // The same name may be chosen again once the file is mended.
          onClick={({ currentTarget }) => {
            currentTarget.value = '';
          }}
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) void take(which, file);
          }}
        />
      </label>
      <p className="dim" role="status">
        {faults[which] ?? (files[which] ? t('{length} read.', { length: counted(files[which].length, 'row') }) : '')}
      </p>
    </div>
  );
  return (
    <div className="fields fields-apart">
      {field('answers', t('Answers: task, worker, label'))}
      {field('gold', t('Known labels: task, label'))}
    </div>
  );
}
