import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { oneLine, print, printJson, usageError } from '../output.ts';
import { createProgress } from '../progress.ts';
import { fileProblem, nameOf } from './files.ts';
import { client, leaf } from './shared.ts';
import type { ImportAnswer } from './views.ts';

const SHOWN = 20;
const MOST_LISTED = 100_000;

/** `quorate import`. */
export function registerImport(program: Command): void {
  leaf(program, 'import', "import rows of a file into a campaign's pool")
    .argument('<campaign>', 'its id')
    .argument('<file>', '.jsonl, .ndjson, .json (an array), .csv with a header, or .parquet; - reads standard input')
    .option('--format <format>', 'jsonl, json, csv or parquet, where the ending does not say it')
    .option(
      '--predictions',
      "the rows are a model's predictions of items: key, and probabilities or label and confidence",
    )
    .option('--rejected <file>', 'write the rejected rows there: a line {"line","reason"} each')
    .addHelpText(
      'after',
      '\nA row has the fields that its task type shows, by themselves or in a field payload, and may have key (your own' +
        '\nid), gold (its known answer), honeypot, domain, group and vector (docs/task-types.md); what else there is goes' +
        '\nwith the item to the export and is not shown. Importing the same file again adds nothing. The exit code is 2 if' +
        '\nany row was rejected; the others are imported all the same.',
    )
    .action(
      async (
        campaignId: string,
        file: string,
        options: { json?: boolean; format?: string; predictions?: boolean; rejected?: string },
      ) => {
        const { FruitlessImport, formatOf, importRows, sizeOf } = await import('./import-rows.ts');
        const format = formatOf(file, options.format);
        const progress = createProgress(`Importing ${nameOf(file)}`, sizeOf(file));
        let answer: ImportAnswer;
        try {
          answer = await importRows(await client(), {
            ...{ campaignId, file, format },
            what: options.predictions ? 'predictions' : 'items',
            ...(options.rejected === undefined ? {} : { listed: MOST_LISTED }),
            onBytes: progress.at,
          });
        } catch (error) {
          if (!(error instanceof FruitlessImport)) throw error;
          answer = error.answer;
        } finally {
          progress.end();
        }
        if (options.rejected !== undefined) writeRejected(options.rejected, answer);
        if (options.json) printJson(answer);
        else print(summary(answer));
        if (answer.rejectedCount > 0)
          throw usageError(rejectedLines(answer, { file, format, all: options.rejected }).join('\n'));
      },
    );
}

function summary({ accepted, duplicates, rejectedCount }: ImportAnswer): string {
  const number = (value: number) => value.toLocaleString('en-US');
  const there = duplicates > 0 ? `, ${number(duplicates)} there already` : '';
  return `${number(accepted)} imported${there}${rejectedCount > 0 ? `, ${number(rejectedCount)} rejected` : ''}.`;
}

function rejectedLines(
  { rejected, rejectedCount }: ImportAnswer,
  given: { file: string; format: string; all: string | undefined },
): string[] {
  const place = (line: number) =>
    given.format === 'json' || given.format === 'parquet' ? `row ${line}` : String(line);
  const shown = rejected
    .slice(0, SHOWN)
    .map(({ line, reason }) => `${nameOf(given.file)}:${place(line)}: ${oneLine(reason)}`);
  const rest = rejectedCount - shown.length;
  if (rest === 0) return shown;
  const where = given.all === undefined ? '; --rejected FILE writes them' : `: see ${given.all}`;
  const isCut = given.all !== undefined && rejected.length < rejectedCount;
  const cut = isCut ? ` (the first ${rejected.length.toLocaleString('en-US')})` : '';
  return [...shown, `and ${rest} more${where}${cut}.`];
}

function writeRejected(file: string, { rejected }: ImportAnswer): void {
  try {
    writeFileSync(file, rejected.map((row) => `${JSON.stringify(row)}\n`).join(''));
  } catch (error) {
    throw fileProblem(error, file);
  }
}
