ALTER TABLE "ledger" DROP CONSTRAINT "ledger_payee";--> statement-breakpoint
ALTER TABLE "ledger" drop column "from_account";--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "from_account" text GENERATED ALWAYS AS (case kind when 'reserve' then 'requester_funds' when 'spend' then 'reserved' when 'release' then 'reserved' when 'fee' then 'reserved' when 'bonus' then 'reserved' when 'deduction' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' when 'platform' then 'fees' end when 'payout' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' when 'platform' then 'fees' end when 'payout_failed' then 'paid_out' end) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" drop column "to_account";--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "to_account" text GENERATED ALWAYS AS (case kind when 'reserve' then 'reserved' when 'spend' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' when 'platform' then 'fees' end when 'release' then 'requester_funds' when 'fee' then 'fees' when 'bonus' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' when 'platform' then 'fees' end when 'deduction' then 'requester_funds' when 'payout' then 'paid_out' when 'payout_failed' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' when 'platform' then 'fees' end end) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "annotations" ADD COLUMN "fee_micros" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "order_id" uuid;--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_order_id_vendor_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."vendor_orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_order" ON "ledger" USING btree ("order_id") WHERE "ledger"."order_id" is not null;--> statement-breakpoint
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_fee" CHECK ("annotations"."fee_micros" = 0 or ("annotations"."fee_micros" > 0 and "annotations"."fee_micros" < "annotations"."price_micros"));--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_payee" CHECK ("ledger"."payee" in ('annotator', 'vendor', 'judge', 'platform'));
--> statement-breakpoint
-- What was bought before entries named their order gets it; the record itself does not change, nor does a closed month's digest.
ALTER TABLE ledger DISABLE TRIGGER ledger_append_only;
--> statement-breakpoint
UPDATE ledger l SET order_id = u.order_id
FROM ledger own
LEFT JOIN pay_adjustments a ON a.id = own.adjustment_id
JOIN vendor_responses r ON r.annotation_id = coalesce(own.annotation_id, a.annotation_id)
JOIN vendor_units u ON u.id = r.unit_id
WHERE l.id = own.id AND own.payee <> 'annotator';
--> statement-breakpoint
ALTER TABLE ledger ENABLE TRIGGER ledger_append_only;
