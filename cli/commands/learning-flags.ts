export interface SelectFlags {
  readonly pool: string;
  readonly strategy: string;
  readonly count: number;
  readonly labeled?: string;
  readonly seed: number;
  readonly json?: boolean;
}

export interface CurveFlags {
  readonly pool: string;
  readonly test: string;
  readonly strategy?: readonly string[];
  readonly budgets?: readonly number[];
  readonly seeds: number;
  readonly batch: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}
