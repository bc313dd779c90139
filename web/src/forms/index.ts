import type { TaskType } from '../api/types';
import { classificationForm } from './classification';
import { dialogForm } from './dialog';
import { freeTextForm } from './free-text';
import { likertForm } from './likert';
import { pairwiseForm } from './pairwise';
import { preferenceRankingForm } from './preference-ranking';
import { spanForm } from './span';
import type { AnyTaskForm } from './task-form';

/** The form of each task type: an eighth type adds one file and one line. */
export const FORMS: Readonly<Record<TaskType, AnyTaskForm>> = {
  classification: classificationForm,
  likert: likertForm,
  pairwise: pairwiseForm,
  preference_ranking: preferenceRankingForm,
  span: spanForm,
  free_text: freeTextForm,
  dialog: dialogForm,
};
