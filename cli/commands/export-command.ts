import type { Command } from 'commander';
import { print, printJson, usageError } from '../output.ts';
import { createProgress } from '../progress.ts';
import { client, EXPORT_FORMATS, leaf } from './shared.ts';

/** `quorate export`. */
export function registerExport(program: Command): void {
  leaf(program, 'export', "write a campaign's labels to a file, with a manifest beside it")
    .argument('<campaign>', 'its id')
    .option('--format <format>', 'jsonl, csv, parquet, or dpo (comparisons and rankings)', 'jsonl')
    .requiredOption('--out <file>', 'where to; FILE.manifest.json says what is in it')
    .action(async (campaignId: string, options: { json?: boolean; format: string; out: string }) => {
      const format = EXPORT_FORMATS.find((each) => each === options.format);
      if (!format)
        throw usageError(`--format is ${JSON.stringify(options.format)}; it must be ${EXPORT_FORMATS.join(', ')}.`);
      const { exportTo } = await import('./export.ts');
      const progress = createProgress(`Exporting to ${options.out}`, undefined);
      const target = { campaignId, format, file: options.out, onBytes: progress.at };
      const manifest = await exportTo(await client(), target).finally(progress.end);
      if (options.json) return printJson(manifest);
      const { records, campaign } = manifest;
      print([
        `${records.toLocaleString('en-US')} ${records === 1 ? 'record' : 'records'} written to ${options.out} (manifest: ${options.out}.manifest.json).`,
        ...(campaign.simulated ? ['Simulated crowd: these labels come from a program, not from people.'] : []),
      ]);
    });
}
