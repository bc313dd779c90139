import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Campaign } from '../api/types';
import { t } from '../i18n/office';
import { DataFields } from '../new/data-fields';
import { importRows } from '../new/import-rows';
import { guessMapping, type Mapping, mappingFault } from '../new/mapping';
import { Refused, refusedAll, saidOf } from '../new/outcome';
import type { Source } from '../new/source';
import { FaultNotice } from '../ui/page-error';

/** More rows for a campaign that is there. */
export function AddItems({ campaign: { id, type, settings } }: { campaign: Campaign }) {
  const queries = useQueryClient();
  const [source, setSource] = useState<Source | null>(null);
  const [mapping, setMapping] = useState<Mapping>({});
  const add = useMutation({
    // Items are known by their keys: rows that are sent again are there once.
    mutationFn: () => importRows(id, { type, config: settings.config, source, mapping, golds: new Map() }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['campaign', id] }),
  });
  const fault = source === null ? undefined : mappingFault(type, mapping, source);
  const refused = refusedAll(add.error);
  return (
    <div className="stack add-items">
      <DataFields
        type={type}
        source={source}
        mapping={mapping}
        onMapping={setMapping}
        onSource={(found) => {
          add.reset();
          setSource(found);
          setMapping(guessMapping(type, found.columns));
        }}
      />
      <FaultNotice error={add.error} />
      {refused && <Refused {...refused} />}
      {add.data && <p role="status">{saidOf(add.data)}</p>}
      {add.data && <Refused {...add.data} />}
      {source !== null && (
        <div className="page-head">
          <Button disabled={fault !== undefined} loading={add.isPending} onClick={() => add.mutate()}>
            {t('Add these rows')}
          </Button>
          {fault !== undefined && <span className="dim">{fault}</span>}
        </div>
      )}
    </div>
  );
}
