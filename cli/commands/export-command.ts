import type { Command } from 'commander';
import { print, printJson, usageError } from '../output.ts';
import { createProgress } from '../progress.ts';
import type { Manifest } from './export.ts';
import { client, EXPORT_FORMATS, FORCE, leaf } from './shared.ts';

interface ExportOptions {
  readonly json?: boolean;
  readonly format: string;
  readonly out: string;
  readonly force?: boolean;
}

/** `quorate export`. */
export function registerExport(program: Command): void {
  leaf(program, 'export', "write a campaign's labels to a file, with a manifest beside it")
    .argument('<campaign>', 'its id')
    .option('--format <format>', 'jsonl, csv, parquet, or dpo (comparisons and rankings)', 'jsonl')
    .requiredOption(
      '--out <file>',
      'where to; FILE.manifest.json says what is in it. - is standard output, without one',
    )
    .option(...FORCE)
    .action(async (campaignId: string, options: ExportOptions) => {
      const format = EXPORT_FORMATS.find((each) => each === options.format);
      if (!format)
        throw usageError(`--format is ${JSON.stringify(options.format)}; it must be ${EXPORT_FORMATS.join(', ')}.`);
      const { exportTo, exportToStandardOutput, requireFree } = await import('./export.ts');
      const { leadsToStandardOutput } = await import('./output-file.ts');
      if (leadsToStandardOutput(options.out)) {
        if (options.json) throw usageError(`--json and --out ${options.out} both want standard output. Name a file.`);
        const said = notes(await exportToStandardOutput(await client(), { campaignId, format }));
        process.stderr.write(said.map((line) => `${line}\n`).join(''));
        return;
      }
      await requireFree(options.out, options.force);
      const progress = createProgress(`Exporting to ${options.out}`, undefined);
      const target = { campaignId, format, file: options.out, onBytes: progress.at };
      const manifest = await exportTo(await client(), target).finally(progress.end);
      if (options.json) return printJson(manifest);
      const { records } = manifest;
      print([
        `${records.toLocaleString('en-US')} ${records === 1 ? 'record' : 'records'} written to ${options.out} (manifest: ${options.out}.manifest.json).`,
        ...notes(manifest),
      ]);
    });
}

function notes({ campaign, leftOut }: Pick<Manifest, 'campaign' | 'leftOut'>): string[] {
  return [
    ...(leftOut.length > 0 ? [`Not in it: ${leftOut.join('; ')}.`] : []),
    ...(campaign.simulated ? ['Simulated crowd: these labels come from a program, not from people.'] : []),
  ];
}
