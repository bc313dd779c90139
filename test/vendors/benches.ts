import type { Bench, BenchOptions } from './bench.ts';
import { httpVendorBench } from './fakes/http-vendor.ts';
import { labelboxBench } from './fakes/labelbox.ts';
import { mturkBench } from './fakes/mturk.ts';
import { prolificBench } from './fakes/prolific.ts';
import { scaleAiBench } from './fakes/scale-ai.ts';
import { surgeAiBench } from './fakes/surge-ai.ts';

/** Every vendor that is reached over HTTP, with its fake. */
export const BENCHES: Readonly<Record<string, (options?: BenchOptions) => Promise<Bench>>> = {
  http_vendor: httpVendorBench,
  scale_ai: scaleAiBench,
  surge_ai: surgeAiBench,
  prolific: prolificBench,
  labelbox: labelboxBench,
  mturk: mturkBench,
};
