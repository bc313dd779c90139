import { z } from 'zod';
import { type CostFigures, USUAL_FIGURES, withFigures } from '../../domain/cost/figures.ts';
import { figuresSchema, setFiguresOf } from '../../domain/cost/figures-schema.ts';
import { usageError } from '../output.ts';
import { readBytes } from './files.ts';
import { client, expectShape } from './shared.ts';

interface FiguresFrom {
  /** A file of them. */
  readonly settings?: string;
  readonly organisation?: boolean;
  readonly campaign?: string;
}

/** The figures of the cost model: of a file, of the stack's organisation, or the usual ones. */
export async function figuresFor({ settings: file, organisation, campaign }: FiguresFrom): Promise<CostFigures> {
  if (file !== undefined) {
    if (organisation) throw usageError('--settings and --organisation both say the figures; give one of them.');
    return withFigures(setFiguresOf(inFile(file, await readBytes(file))));
  }
  if (!organisation && campaign === undefined) return USUAL_FIGURES;
  const { set } = expectShape(z.object({ set: figuresSchema }), await (await client()).get('/v1/cost/settings'));
  return withFigures(setFiguresOf(set));
}

function inFile(file: string, bytes: Uint8Array): z.output<typeof figuresSchema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw usageError(`${file} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const read = figuresSchema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw usageError(`${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}.`);
}
