import { words } from './text';

/** Choices of a select, each by its words. */
export const options = (values: readonly string[]) => values.map((value) => ({ value, label: words(value) }));
