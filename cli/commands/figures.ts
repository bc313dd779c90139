import { z } from 'zod';
import { type CostFigures, USUAL_FIGURES, withFigures } from '../../domain/cost/figures.ts';
import { figuresSchema, setFiguresOf } from '../../domain/cost/figures-schema.ts';
import { usageError } from '../output.ts';
import { nameOf, parseJsonText, readText } from './files.ts';
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
    return withFigures(setFiguresOf(inFile(nameOf(file), await readText(file))));
  }
  if (!organisation && campaign === undefined) return USUAL_FIGURES;
  const { set } = expectShape(z.object({ set: figuresSchema }), await (await client()).get('/v1/cost/settings'));
  return withFigures(setFiguresOf(set));
}

function inFile(source: string, text: string): z.output<typeof figuresSchema> {
  const read = figuresSchema.safeParse(parseJsonText(text, source));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw usageError(`${source}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}.`);
}
