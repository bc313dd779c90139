import type { FormQuestion, Option } from '../../../domain/vendors/form.ts';
import { answersOf } from '../fake.ts';

interface Classification {
  readonly type: 'radio' | 'checklist' | 'text';
  readonly name: string;
  readonly options: Option[];
}

/** As our adapter makes it. */
export interface Ontology {
  readonly tools: { name: string }[];
  readonly classifications: Classification[];
}

/** What a made-up labeler answers to an ontology, drawn from `seed`. */
export function annotate(
  { tools, classifications }: Ontology,
  seed: string,
  mark: object = { start: 0, end: 2, token: 'Ann' },
): Record<string, unknown> {
  let place = 0;
  const answered = classifications.map(({ type, name, options: choices }) => {
    const head = { id: name, title: '' };
    const kinds: Record<string, FormQuestion> = {
      radio: { ...head, kind: 'choice', options: choices },
      checklist: { ...head, kind: 'choices', options: choices },
      text: { ...head, kind: 'text', minLength: 1, maxLength: 100 },
    };
    const form = kinds[type];
    if (!form) throw new Error(`Labelbox has no classification of type ${type}.`);
    const given = answersOf([form], `${seed} ${name}`)[name];
    const chosen = (value: unknown) => ({ name: choices.find((each) => each.value === value)?.label, value });
    if (type === 'text') return { name, text_answer: { content: given } };
    if (type === 'checklist') return { name, checklist_answers: (given as unknown[]).map(chosen) };
    return { name, radio_answer: chosen(name.startsWith('ranking_') ? `${++place}` : given) };
  });
  const [tool] = tools;
  const objects = tool ? [{ name: tool.name, value: tool.name, location: mark }] : [];
  return { objects, classifications: answered, relationships: [] };
}
