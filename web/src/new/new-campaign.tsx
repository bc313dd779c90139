import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, call, unwrap } from '../api/client';
import { useOnce } from '../api/once';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { AwaitedPage } from '../ui/awaited-page';
import { LeaveGuard } from '../ui/leave-guard';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { AskedFields, InstructionsFields } from './asked-fields';
import { DataFields } from './data-fields';
import { type WorkedExample, withExamples } from './examples';
import { Forecast } from './forecast';
import { type Golds, goldRows } from './golds';
import { importRows } from './import-rows';
import { guessMapping, type Mapping, mappingFault } from './mapping';
import { MoreFields } from './more-fields';
import { type Imported, Outcome, Refused, refusedAll } from './outcome';
import { Preview } from './preview';
import { RuleFields } from './rule-fields';
import { asksAll, type Body, bodyOf, type Settings, START, START_CONFIG, settingsOf } from './settings';
import { settingsFault } from './settings-fault';
import type { Source } from './source';

/** Making a campaign; with `?from=` as a copy of an old one. */
export function NewCampaignPage() {
  useOffice();
  const { from } = useSearch({ strict: false });
  const old = useQuery({
    queryKey: ['campaign', from, 'template'],
    enabled: from !== undefined,
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/template', { params: { path: { id: from ?? '' } } })),
  });
  if (from === undefined) return <Maker start={START} old={{}} />;
  if (!old.data) return <AwaitedPage title={t('New campaign')} error={old.error} />;
  return <Maker start={settingsOf(old.data)} old={old.data} />;
}

const NO_GOLDS: Golds = new Map();

interface Made {
  readonly id: string;
  readonly imported: Imported;
}

interface MakerProps {
  readonly start: Settings;
  /** The body of the campaign this is a copy of: what the page has no field for is carried over. */
  readonly old: Body;
}

function Maker({ start, old }: MakerProps) {
  const [settings, setSettings] = useState(start);
  const [source, setSource] = useState<Source | null>(null);
  const [mapping, setMapping] = useState<Mapping>({});
  const [golds, setGolds] = useState<Golds>(NO_GOLDS);
  const [examples, setExamples] = useState<readonly WorkedExample[]>([]);
  const [first] = useState(settings);
  const begun = settings !== first || source !== null || examples.length > 0;
  const set = (change: Partial<Settings>) =>
    setSettings((before) => {
      const next = { ...before, ...change };
      return change.workforces ? asksAll(next, old) : next;
    });
  const fault = settingsFault(settings, old) ?? mappingFault(settings.type, mapping, source);
  const makeOf = async (key: Record<string, string>): Promise<Made> => {
    // The body is what the page holds; the server's own schema has the last word.
    const instructions = withExamples(settings.instructions, examples);
    const settled = bodyOf({ ...settings, instructions }, old);
    const { id } = (await call('POST', '/v1/campaigns', settled, { headers: key })) as { id: string };
    return {
      id,
      imported: await importRows(id, { ...{ type: settings.type, config: settings.config }, source, mapping, golds }),
    };
  };
  const goldCount = useMemo(
    () => goldRows(source, mapping, golds, settings.config),
    [source, mapping, golds, settings.config],
  );
  const once = useOnce();
  const make = useMutation({
    // Rows that did not get through are sent again to the campaign that was made: items are known by their keys.
    mutationFn: () => once((headers) => makeOf(headers)),
  });
  const refused = refusedAll(make.error);
  if (make.data) return <Outcome id={make.data.id} imported={make.data.imported} />;
  return (
    <div className="page">
      <PageTitle of={t('New campaign')} />
      <LeaveGuard when={begun} />
      <div className="page-head">
        <h1>{t('New campaign')}</h1>
      </div>
      <div className="maker">
        <div className="stack">
          <AskedFields
            settings={settings}
            set={set}
            onType={(type) => {
              set({ type, config: START_CONFIG[type] });
              setGolds(NO_GOLDS);
              if (source) setMapping(guessMapping(type, source.columns));
            }}
          />
          <DataFields
            type={settings.type}
            source={source}
            mapping={mapping}
            onMapping={setMapping}
            onSource={(found) => {
              setSource(found);
              setGolds(NO_GOLDS);
              setMapping(guessMapping(settings.type, found.columns));
            }}
          />
          <InstructionsFields settings={settings} set={set} examples={examples} onExamples={setExamples} />
          <RuleFields settings={settings} set={set} />
          <MoreFields settings={settings} set={set} />
        </div>
        <div className="maker-side">
          <Forecast settings={settings} old={old} rows={source?.rows.length ?? 0} golds={goldCount} />
          <Preview
            type={settings.type}
            config={settings.config}
            source={source}
            mapping={mapping}
            golds={golds}
            onGolds={setGolds}
            onExample={(example) => setExamples([...examples, example])}
          />
        </div>
        <div className="maker-act">
          <FaultNotice error={make.error} />
          {refused && <Refused {...refused} />}
          <div className="page-head">
            <Button size="md" disabled={fault !== undefined} loading={make.isPending} onClick={() => make.mutate()}>
              {t('Make the campaign')}
            </Button>
            {fault !== undefined && <span className="dim">{fault}</span>}
          </div>
        </div>
      </div>
    </div>
  );
}
