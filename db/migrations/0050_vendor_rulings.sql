ALTER TABLE "ledger" DROP CONSTRAINT "ledger_spend_cause";--> statement-breakpoint
ALTER TABLE "task_reopenings" DROP CONSTRAINT "task_reopenings_cause";--> statement-breakpoint
ALTER TABLE "vendor_incidents" ADD COLUMN "resolved_by" text;--> statement-breakpoint
ALTER TABLE "vendor_incidents" ADD COLUMN "ruling" text;--> statement-breakpoint
ALTER TABLE "vendor_incidents" ADD COLUMN "note" text;--> statement-breakpoint
ALTER TABLE "vendor_orders" ADD COLUMN "estimate_micros" bigint;--> statement-breakpoint
ALTER TABLE "vendor_orders" ADD COLUMN "estimate_basis" text;--> statement-breakpoint
ALTER TABLE "vendor_orders" ADD COLUMN "next_look_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "vendor_responses" ADD COLUMN "ruling" text;--> statement-breakpoint
ALTER TABLE "vendor_responses" ADD COLUMN "ruling_reason" text;--> statement-breakpoint
CREATE INDEX "vendor_orders_looks" ON "vendor_orders" USING btree ("next_look_at") WHERE "vendor_orders"."next_look_at" is not null;--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_spend_cause" CHECK ("ledger"."kind" <> 'spend' or "ledger"."annotation_id" is not null or ("ledger"."payee" in ('judge', 'vendor') and "ledger"."annotator_id" is not null));--> statement-breakpoint
ALTER TABLE "task_reopenings" ADD CONSTRAINT "task_reopenings_cause" CHECK ("task_reopenings"."cause" in ('quarantine', 'instructions', 'judge', 'relabel', 'vendor'));--> statement-breakpoint
ALTER TABLE "vendor_incidents" ADD CONSTRAINT "vendor_incidents_ruling" CHECK ("vendor_incidents"."ruling" in ('seen', 'send_again', 'not_bought', 'accept', 'reject', 'leave_out'));--> statement-breakpoint
ALTER TABLE "vendor_incidents" ADD CONSTRAINT "vendor_incidents_resolved" CHECK ("vendor_incidents"."ruling" is null or ("vendor_incidents"."resolved_at" is not null and "vendor_incidents"."resolved_by" is not null));--> statement-breakpoint
ALTER TABLE "vendor_responses" ADD CONSTRAINT "vendor_responses_ruling" CHECK ("vendor_responses"."ruling" is null or ("vendor_responses"."ruling" in ('accept', 'reject') and "vendor_responses"."ruling_reason" is not null));