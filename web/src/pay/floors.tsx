import { Button, CloseButton, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { dollarsOf } from '../ui/text';
import { usdInput } from './usd-input';

interface Floor {
  readonly region: string;
  readonly hourlyUsd: string;
}

/** The least that a focused hour must come to, by the annotator's region. */
export function Floors({ owns }: { owns: boolean }) {
  // What is saved begins the form anew, and what had the focus in it is gone.
  const heading = useRef<HTMLHeadingElement>(null);
  const { data, error } = useQuery({
    queryKey: ['pay-floors'],
    queryFn: () => unwrap(api.GET('/v1/pay-floors')),
  });
  return (
    <section className="card" aria-labelledby="floors-title">
      <h2 id="floors-title" ref={heading} tabIndex={-1}>
        {t('The floor of an hour')}
      </h2>
      <p className="dim">
        {t(
          'The least that a focused hour must come to. A campaign whose pay falls below it says so on its page, with the price that would meet it.',
        )}
      </p>
      <FaultNotice error={error} />
      {data && owns && (
        <Editor
          key={JSON.stringify(data.floors)}
          start={data.floors}
          onSaved={() => heading.current?.focus({ preventScroll: true })}
        />
      )}
      {data && !owns && data.floors.length === 0 && <p>{t('None is set.')}</p>}
      {data && !owns && data.floors.length > 0 && (
        <DataTable
          caption={t('Least pay for a focused hour')}
          rows={data.floors}
          keyOf={({ region }) => region}
          columns={[
            { title: t('Region'), cell: ({ region }) => region || t('all others') },
            { title: t('An hour'), number: true, cell: ({ hourlyUsd }) => dollarsOf(hourlyUsd) },
          ]}
        />
      )}
    </section>
  );
}

/** What the server would refuse of the list as a whole, in words. */
function faultOf(floors: readonly Floor[]): string | undefined {
  const regions = floors.map(({ region }) => region);
  const twice = regions.find((region, at) => regions.indexOf(region) !== at);
  if (twice !== undefined) return t('{twice} is there twice.', { twice: twice === '' ? t('All others') : twice });
  const nothing = floors.some(({ hourlyUsd }) => hourlyUsd.trim() !== '' && Number(hourlyUsd) === 0);
  return nothing ? t('A floor of 0 is none: remove it.') : undefined;
}

function Editor({ start, onSaved }: { start: readonly Floor[]; onSaved: () => void }) {
  const queries = useQueryClient();
  const [floors, setFloors] = useState(start);
  const save = useMutation({
    mutationFn: () =>
      unwrap(
        api.PUT('/v1/pay-floors', {
          body: { floors: floors.map(({ region, hourlyUsd }) => ({ region, hourlyUsd: hourlyUsd.trim() })) },
        }),
      ),
    onSuccess: () => {
      onSaved();
      return queries.invalidateQueries({ queryKey: ['pay-floors'] });
    },
  });
  const fault = faultOf(floors);
  const change = (at: number, next: Partial<Floor>) =>
    setFloors(floors.map((floor, each) => (each === at ? { ...floor, ...next } : floor)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <div className="row-list">
          {floors.map(({ region, hourlyUsd }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a floor's place is what it is known by while it is typed
            <div key={at}>
              <TextInput
                aria-label={t('Region {at}', { at: at + 1 })}
                placeholder={t('Region such as KE; empty: all others')}
                pattern="[A-Z]{2}"
                title={t('Two letters, such as KE; empty for all others')}
                maxLength={2}
                value={region}
                onChange={(event) => change(at, { region: event.currentTarget.value.toUpperCase() })}
              />
              <TextInput
                aria-label={t('Dollars an hour {at}', { at: at + 1 })}
                placeholder={t('$ an hour')}
                {...usdInput()}
                value={hourlyUsd}
                onChange={(event) => change(at, { hourlyUsd: event.currentTarget.value })}
              />
              <CloseButton
                aria-label={t('Remove floor {at}', { at: at + 1 })}
                onClick={() => setFloors(floors.filter((_, each) => each !== at))}
              />
            </div>
          ))}
          <Button size="xs" variant="default" onClick={() => setFloors([...floors, { region: '', hourlyUsd: '' }])}>
            {t('Add a floor')}
          </Button>
        </div>
        {fault !== undefined && <p className="dim">{fault}</p>}
        <FaultNotice error={save.error} />
        <div>
          <Button type="submit" size="xs" loading={save.isPending} disabled={fault !== undefined}>
            {t('Save the floors')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
