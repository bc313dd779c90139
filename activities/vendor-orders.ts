import type { Db } from '../db/client.ts';
import { type OrderRow, type UnitRow, unitsOf } from '../db/queries/vendor-orders.ts';
import { QuorateError } from '../domain/failures.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { readLabel } from '../domain/tasks/read.ts';
import { type FormAnswers, formOf } from '../domain/vendors/form.ts';
import { labelOf } from '../domain/vendors/read-answers.ts';
import type { Order } from '../vendors/vendor.ts';

/** Turns orders into what vendors are sent, and what they answer into labels. The same rows give the same order. */
export function createOrderWriter(deps: {
  readonly db: Db;
  readonly policyOf: (campaignId: string, version: number) => Promise<CampaignSettings>;
  readonly publicUrl: string | undefined;
}) {
  return {
    /** The order with the tasks that are to be sent; with `all` those that have ended, too. */
    async write(row: OrderRow, which: { all?: true } = {}): Promise<{ order: Order; units: UnitRow[] }> {
      const settings = await deps.policyOf(row.campaignId, row.policyVersion);
      const units = await unitsOf(deps.db, row.id);
      // One that was cancelled after the first attempt stays in: the vendor may have it, and is told to cancel it.
      const sent = units.filter(({ state }) => which.all || state === 'ordered');
      const callbackUrl = deps.publicUrl && `${deps.publicUrl}/v1/vendors/${row.vendor}/webhook`;
      const { waitMs } = settings.vendors?.[row.vendor] ?? {};
      const order: Order = {
        key: row.key,
        campaign: { id: row.campaignId, name: row.campaign },
        type: settings.type,
        instructions: settings.instructions,
        priceMicros: row.priceMicros,
        units: sent.map((unit) => {
          const { shown } = presented(settings, unit);
          return { key: unit.id, answers: unit.answers, form: formOf(settings.type, settings.config, shown) };
        }),
        ...(callbackUrl === undefined ? {} : { callbackUrl }),
        ...(waitMs === undefined ? {} : { waitMs }),
      };
      return { order, units };
    },

    /** The label that a form's answers mean, in stored order; or what is wrong with them. */
    async read(
      row: OrderRow,
      unit: UnitRow,
      answers: FormAnswers,
    ): Promise<{ label: unknown; presentation: unknown } | { fault: string }> {
      const settings = await deps.policyOf(row.campaignId, row.policyVersion);
      const { type, shown, order } = presented(settings, unit);
      try {
        const given = labelOf(settings.type, settings.config, shown, answers);
        const label = readLabel(type, settings.config, given, shown);
        if (!type.present || !type.undo) return { label, presentation: null };
        return { label: type.undo(label, order), presentation: order };
      } catch (error) {
        if (!(error instanceof QuorateError)) throw error;
        return { fault: error.message };
      }
    },
  };
}

/** As all workers of this unit see it: the order is drawn from its key, so it need not be kept before an answer is. */
function presented(settings: CampaignSettings, unit: UnitRow) {
  const type = getTaskType(settings.type);
  const { payload: shown, order } = type.present?.(unit.payload, unit.id) ?? { payload: unit.payload, order: '' };
  return { type, shown, order };
}
