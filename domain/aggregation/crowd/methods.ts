import type { CrowdMethod } from './fit.ts';

export const CROWD_METHOD_NAMES = ['default', 'majority', 'wawa', 'one-coin', 'dawid-skene', 'glad', 'mace'] as const;
export type CrowdMethodName = (typeof CROWD_METHOD_NAMES)[number];

const LOADERS: Readonly<Record<CrowdMethodName, () => Promise<CrowdMethod>>> = {
  default: async () => (await import('./default.ts')).defaultMethod,
  majority: async () => (await import('./majority.ts')).majority,
  wawa: async () => (await import('./wawa.ts')).wawa,
  'one-coin': async () => (await import('./one-coin.ts')).oneCoin,
  'dawid-skene': async () => (await import('./dawid-skene.ts')).dawidSkene,
  glad: async () => (await import('./glad.ts')).glad,
  mace: async () => (await import('./mace.ts')).mace,
};

/** A way to turn a table of categorical answers into labels; brings no other one with it. */
export function crowdMethod(name: CrowdMethodName): Promise<CrowdMethod> {
  return LOADERS[name]();
}
