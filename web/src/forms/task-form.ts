import type { ComponentType } from 'react';
import type { Words } from '../i18n/en';

/** What a form has come to: a label as the API takes it, or what is still missing, in words. */
export type FormResult = FormLabel | FormNeed;

interface FormLabel {
  readonly label: unknown;
  /** What is asked before it is sent, where it may be an oversight. */
  readonly confirm?: keyof Words;
}

export interface FormNeed {
  readonly need: keyof Words;
  readonly values?: Readonly<Record<string, string | number>>;
}

export interface FormProps<Config, Payload, Value> {
  readonly config: Config;
  readonly payload: Payload;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  /** Whether keys are this form's: not behind a dialog, nor while the focus is elsewhere on a page with other fields. */
  readonly active: boolean;
}

export interface KeyHelp {
  readonly keys: readonly string[];
  readonly does: keyof Words;
}

/**
 * The form of one task type: one file says everything about it. Members are methods on purpose, which lets a
 * `TaskForm<C, P, V>` be used as an `AnyTaskForm`: config, payload and value only ever come from its own readers.
 */
export interface TaskForm<Config, Payload, Value> {
  readConfig(config: unknown): Config;
  readPayload(payload: unknown): Payload;
  start(config: Config, payload: Payload): Value;
  /** A kept draft as a value of this form; undefined when it does not fit. */
  restore(draft: unknown, config: Config, payload: Payload): Value | undefined;
  toLabel(value: Value, config: Config, payload: Payload): FormResult;
  keys(config: Config): readonly KeyHelp[];
  readonly Form: ComponentType<FormProps<Config, Payload, Value>>;
}

// biome-ignore lint/suspicious/noExplicitAny: a component's props are checked the other way round; only its own file fills them
export type AnyTaskForm = Omit<TaskForm<unknown, unknown, unknown>, 'Form'> & { readonly Form: ComponentType<any> };
