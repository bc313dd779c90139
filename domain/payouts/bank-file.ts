import { csvLine } from '../formats/csv.ts';
import { formatUsd } from '../money.ts';

/** A frozen payment as it goes into the bank's file. */
export interface BankLine {
  /** Ours, the same in every copy: a bank that sees it twice can tell. At most 35 characters, as in ISO 20022. */
  readonly reference: string;
  readonly holder: string;
  readonly account: string;
  readonly bic: string | null;
  /** Whole cents. */
  readonly amountMicros: bigint;
}

const COLUMNS = [
  'end_to_end_id',
  'beneficiary_name',
  'beneficiary_account',
  'beneficiary_bic',
  'amount',
  'currency',
  'remittance_information',
];

/** The batch for the bank: one credit transfer a line, named as the fields of ISO 20022's pain.001 are. */
export function bankFile(lines: readonly BankLine[], period: string): string {
  const rows = lines.map(({ reference, holder, account, bic, amountMicros }) =>
    csvLine([reference, holder, account, bic, formatUsd(amountMicros), 'USD', `Annotation work ${period}`]),
  );
  return [csvLine(COLUMNS), ...rows].join('');
}

/** The reference of a payment: the id of its row, in which a bank allows no dashes beyond 35 characters. */
export const referenceOf = (itemId: string): string => itemId.replaceAll('-', '');
