import { QuorateError } from '../failures.ts';
import { classification } from './classification.ts';
import { dialog } from './dialog.ts';
import { freeText } from './free-text.ts';
import { likert } from './likert.ts';
import { pairwise } from './pairwise.ts';
import { preferenceRanking } from './preference-ranking.ts';
import { span } from './span.ts';
import { type AnyTaskType, TASK_TYPE_NAMES, type TaskTypeName } from './task-type.ts';

/** Every task type by name. */
export const taskTypes: Readonly<Record<TaskTypeName, AnyTaskType>> = {
  classification,
  pairwise,
  likert,
  preference_ranking: preferenceRanking,
  span,
  free_text: freeText,
  dialog,
};

/** Whether `name` is a task type we know. */
export function isTaskTypeName(name: unknown): name is TaskTypeName {
  return typeof name === 'string' && Object.hasOwn(taskTypes, name);
}

/** The task type of that name; an unknown name is the caller's mistake and lists the known ones. */
export function getTaskType(name: string): AnyTaskType {
  if (isTaskTypeName(name)) return taskTypes[name];
  const known = TASK_TYPE_NAMES.map((each) => JSON.stringify(each)).join(', ');
  throw new QuorateError('invalid_input', `type: ${JSON.stringify(name)} is not one of ${known}`, { field: 'type' });
}

/** Whether two decided labels say the same, by their type's own idea of that; null is no label. */
export function isSameLabel(type: AnyTaskType, config: unknown, a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b;
  return type.same?.(a, b, config) ?? type.canonical(a) === type.canonical(b);
}

/** Whether an answer counts as right beside a known one, by its type's own idea of that. */
export function isRightAnswer(type: AnyTaskType, config: unknown, label: unknown, known: unknown): boolean {
  return type.matches?.(label, known, config) ?? type.canonical(label) === type.canonical(known);
}
