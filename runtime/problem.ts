/** Where progress lines go: one call, one line, without the line's end. */
export type Log = (line: string) => void;

export type RuntimeProblemCode =
  | 'invalid_config'
  | 'already_running'
  | 'port_in_use'
  | 'no_space'
  | 'no_permission'
  | 'no_network'
  | 'no_binaries'
  | 'no_temporal'
  | 'data_missing'
  | 'database_unreachable'
  | 'temporal_unreachable'
  | 'start_failed';

/** Something about this machine or its settings stops Quorate; `message` says what, `fix` says what to do. */
export class RuntimeProblem extends Error {
  readonly code: RuntimeProblemCode;
  readonly fix: string;

  constructor(code: RuntimeProblemCode, message: string, fix: string, cause?: unknown) {
    super(fix === '' ? message : `${message} ${fix}`, cause === undefined ? {} : { cause });
    this.name = 'RuntimeProblem';
    this.code = code;
    this.fix = fix;
  }
}

/** The `code` of a Node error (`EACCES`, `ENOENT`, ...), or undefined. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
