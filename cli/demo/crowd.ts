import { QuorateError } from '../../domain/failures.ts';
import { Door } from './crowd-door.ts';
import { type CrowdStats, emptyStats } from './crowd-stats.ts';
import { type CrowdOptions, Worker } from './crowd-worker.ts';

export type { CrowdEvent, CrowdStats } from './crowd-stats.ts';
export { buildTruthIndex } from './crowd-truth.ts';
export type { CrowdOptions } from './crowd-worker.ts';

/**
 * Lets every persona work on its own over HTTP until `signal` aborts, or the server has turned all of them away, and
 * returns what happened. The same seed and the same items in the same order give the same answers of a persona.
 * Throws `invalid_input` if a persona has no API key.
 */
export async function runCrowd(options: CrowdOptions): Promise<CrowdStats> {
  const stats = emptyStats(options.personas);
  const workers = options.personas.map((persona) => {
    const apiKey = options.apiKeys.get(persona.name);
    if (apiKey === undefined) {
      throw new QuorateError('invalid_input', `There is no API key for ${persona.name}; create the annotator first.`);
    }
    return new Worker({ persona, options, stats, door: new Door({ baseUrl: options.baseUrl, apiKey }) });
  });
  await Promise.all(workers.map((worker) => worker.run()));
  return stats;
}
