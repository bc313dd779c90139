import { statSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { oneLine, print, printJson, usageError } from '../output.ts';
import { createProgress } from '../progress.ts';
import { fileProblem, nameOf } from './files.ts';
import { beginningOf } from './output-file.ts';
import { client, leaf } from './shared.ts';
import type { ImportAnswer } from './views.ts';

const SHOWN = 20;
const HEAD_BYTES = 65_536;
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
        const size = sizeOf(file);
        if (options.rejected !== undefined) requireRejects(options.rejected);
        const format = formatOf(file, options.format);
        const progress = createProgress(`Importing ${nameOf(file)}`, size);
        const interrupted = () => {
          progress.end();
          process.stderr.write(
            'Interrupted. What was taken in before stays; the same import again goes on from there.\n',
          );
          process.exit(130);
        };
        process.once('SIGINT', interrupted);
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
          process.off('SIGINT', interrupted);
        }
        if (options.rejected !== undefined) writeRejected(options.rejected, answer);
        if (options.json) printJson(answer);
        else print(summary(answer));
        if (answer.rejectedCount > 0)
          throw usageError(rejectedLines(answer, { file, format, size, all: options.rejected }).join('\n'));
      },
    );
}

function summary({ accepted, duplicates, rejectedCount }: ImportAnswer): string {
  const number = (value: number) => value.toLocaleString('en-US');
  const there = duplicates > 0 ? `, ${number(duplicates)} there already` : '';
  return `${number(accepted)} imported${there}${rejectedCount > 0 ? `, ${number(rejectedCount)} rejected` : ''}.`;
}

interface Given {
  readonly file: string;
  readonly format: string;
  readonly size: number | undefined;
  /** Where all that were rejected are. */
  readonly all: string | undefined;
}

function rejectedLines({ rejected, rejectedCount }: ImportAnswer, given: Given): string[] {
  const place = (line: number) =>
    given.format === 'json' || given.format === 'parquet' ? `row ${line}` : String(line);
  const [first] = rejected;
  const alike = first && rejected.length > 1 && rejected.every(({ reason }) => reason === first.reason);
  const hint = alike ? hintOf(given) : '';
  const shown = rejected
    .slice(0, alike ? 1 : SHOWN)
    .map(({ line, reason }) => `${nameOf(given.file)}:${place(line)}: ${oneLine(reason)}${hint}`);
  const rest = rejectedCount - shown.length;
  if (rest === 0) return shown;
  const where = given.all === undefined ? '; --rejected FILE writes them' : `: see ${given.all}`;
  const isCut = given.all !== undefined && rejected.length < rejectedCount;
  const cut = isCut ? ` (the first ${rejected.length.toLocaleString('en-US')})` : '';
  return [
    ...shown,
    `and ${rest} more${alike && rejected.length === rejectedCount ? ' of the same kind' : ''}${where}${cut}.`,
  ];
}

/** The fields of a row; none where it is no object, or too long to be looked at. */
function namesIn(line: string): string[] {
  try {
    return Object.keys(Object(JSON.parse(line)) as object);
  } catch {
    return [];
  }
}

/** What the file has, where that is why each of its rows is refused. */
function hintOf({ file, format, size }: Given): string {
  if (size === undefined || (format !== 'csv' && format !== 'jsonl')) return '';
  const [head = ''] = beginningOf(file, HEAD_BYTES).split(/\r?\n/, 1);
  if (format === 'jsonl') {
    const names = namesIn(head);
    return names.length === 0 ? '' : ` (the rows have ${oneLine(names.join(', '))})`;
  }
  return ` (the columns are ${oneLine(head)})`;
}

/** Refuses to write over anything but what an earlier import rejected. */
function requireRejects(file: string): void {
  const there = statSync(file, { throwIfNoEntry: false });
  if (!there?.isFile() || there.size === 0 || /^\{"line":/.test(beginningOf(file))) return;
  throw usageError(`${file} is there already, and no list of rejected rows. Name another file.`);
}

function writeRejected(file: string, { rejected }: ImportAnswer): void {
  try {
    writeFileSync(file, rejected.map((row) => `${JSON.stringify(row)}\n`).join(''));
  } catch (error) {
    throw fileProblem(error, file);
  }
}
