import { dawidSkene } from './dawid-skene.ts';
import { defaultMethod } from './default.ts';
import type { CrowdMethod } from './fit.ts';
import { glad } from './glad.ts';
import { mace } from './mace.ts';
import { majority } from './majority.ts';
import { oneCoin } from './one-coin.ts';
import { wawa } from './wawa.ts';

export const CROWD_METHOD_NAMES = ['default', 'majority', 'wawa', 'one-coin', 'dawid-skene', 'glad', 'mace'] as const;
export type CrowdMethodName = (typeof CROWD_METHOD_NAMES)[number];

/** Every way to turn a table of categorical answers into labels, by its name. */
export const CROWD_METHODS: Readonly<Record<CrowdMethodName, CrowdMethod>> = {
  default: defaultMethod,
  majority,
  wawa,
  'one-coin': oneCoin,
  'dawid-skene': dawidSkene,
  glad,
  mace,
};
