import { Badge } from '@mantine/core';
import { type Text, t } from '../i18n/office';
import { words } from '../ui/text';
import type { StandingAct } from './standing-dialog';

const COLORS = { active: 'green', recalibrating: 'yellow', suspended: 'red' } as const;
export type Standing = keyof typeof COLORS;

/** What can be done about somebody's standing as it is. */
export const STANDING_ACTS: Readonly<Record<Standing, readonly (readonly [StandingAct, Text])[]>> = {
  active: [
    ['recalibrate', 'Recalibrate'],
    ['suspend', 'Suspend'],
  ],
  recalibrating: [
    ['reinstate', 'Reinstate'],
    ['suspend', 'Suspend'],
  ],
  suspended: [['reinstate', 'Reinstate']],
};

interface Stands {
  readonly standing: Standing;
  readonly standingReason: string | null;
}

interface Named {
  readonly name: string;
  readonly kind: string;
  readonly simulated: boolean;
}

/** A column of somebody's name, with what they are where that is no person. */
export const nameColumn = () => ({
  title: t('Name'),
  cell: ({ name, kind, simulated }: Named) => (
    <>
      <span className="label-text">{name}</span>{' '}
      {(simulated || kind !== 'person') && <span className="dim">{simulated ? t('simulated') : words(kind)}</span>}
    </>
  ),
});

/** A column of somebody's standing, with its reason where they are not active. */
export const standingColumn = () => ({
  title: t('Standing'),
  cell: ({ standing, standingReason }: Stands) => (
    <>
      <Badge variant="light" color={COLORS[standing]}>
        {words(standing)}
      </Badge>
      {standing !== 'active' && standingReason !== null && (
        <div className="dim" dir="auto">
          {standingReason}
        </div>
      )}
    </>
  ),
});
