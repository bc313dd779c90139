CREATE TABLE "pay_adjustments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"annotation_id" uuid,
	"kind" text NOT NULL,
	"amount_micros" bigint NOT NULL,
	"reason" text NOT NULL,
	"state" text NOT NULL,
	"proposed_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"disputable_until" timestamp (3) with time zone,
	"statement" text,
	"disputed_at" timestamp (3) with time zone,
	"reviewed_by" text,
	"reviewed_at" timestamp (3) with time zone,
	"note" text,
	CONSTRAINT "pay_adjustments_kind" CHECK ("pay_adjustments"."kind" in ('bonus', 'deduction')),
	CONSTRAINT "pay_adjustments_state" CHECK ("pay_adjustments"."state" in ('proposed', 'applied', 'dismissed')),
	CONSTRAINT "pay_adjustments_amount" CHECK ("pay_adjustments"."amount_micros" > 0),
	CONSTRAINT "pay_adjustments_deduction" CHECK ("pay_adjustments"."kind" = 'bonus' or ("pay_adjustments"."annotation_id" is not null and "pay_adjustments"."disputable_until" is not null)),
	CONSTRAINT "pay_adjustments_reviewed" CHECK ("pay_adjustments"."kind" = 'bonus' or "pay_adjustments"."state" <> 'applied' or ("pay_adjustments"."reviewed_by" is not null and "pay_adjustments"."reviewed_by" <> "pay_adjustments"."proposed_by"
        and "pay_adjustments"."note" is not null and ("pay_adjustments"."reviewed_at" >= "pay_adjustments"."disputable_until" or "pay_adjustments"."disputed_at" is not null))),
	CONSTRAINT "pay_adjustments_disputed" CHECK (("pay_adjustments"."statement" is null) = ("pay_adjustments"."disputed_at" is null))
);
--> statement-breakpoint
CREATE TABLE "pay_floors" (
	"organisation_id" uuid NOT NULL,
	"region" text NOT NULL,
	"hourly_micros" bigint NOT NULL,
	CONSTRAINT "pay_floors_organisation_id_region_pk" PRIMARY KEY("organisation_id","region"),
	CONSTRAINT "pay_floors_region" CHECK ("pay_floors"."region" ~ '^([A-Z]{2})?$'),
	CONSTRAINT "pay_floors_hourly" CHECK ("pay_floors"."hourly_micros" > 0)
);
--> statement-breakpoint
CREATE TABLE "payout_accounts" (
	"annotator_id" uuid PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"account" text NOT NULL,
	"bic" text,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payout_items" (
	"id" uuid PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"organisation_id" uuid DEFAULT '01900000-0000-7000-8000-000000000001' NOT NULL,
	"period" text NOT NULL,
	"recipient" text NOT NULL,
	"channel" text NOT NULL,
	"annotator_id" uuid,
	"amount_micros" bigint NOT NULL,
	"state" text DEFAULT 'frozen' NOT NULL,
	"reference" text NOT NULL,
	"holder" text,
	"account" text,
	"bic" text,
	"reported_micros" bigint,
	"note" text,
	"resolved_by" text,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "payout_items_state" CHECK ("payout_items"."state" in ('frozen', 'sent', 'paid', 'failed', 'ambiguous', 'cancelled')),
	CONSTRAINT "payout_items_amount" CHECK ("payout_items"."amount_micros" > 0 and "payout_items"."amount_micros" % 10000 = 0),
	CONSTRAINT "payout_items_recipient" CHECK (("payout_items"."channel" = 'bank') = ("payout_items"."annotator_id" is not null)),
	CONSTRAINT "payout_items_account" CHECK ("payout_items"."channel" <> 'bank' or ("payout_items"."holder" is not null and "payout_items"."account" is not null)),
	CONSTRAINT "payout_items_paid" CHECK ("payout_items"."state" <> 'paid' or "payout_items"."reported_micros" = "payout_items"."amount_micros")
);
--> statement-breakpoint
CREATE TABLE "payout_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" uuid DEFAULT '01900000-0000-7000-8000-000000000001' NOT NULL,
	"period" text NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"state" text DEFAULT 'collecting' NOT NULL,
	"least_micros" bigint NOT NULL,
	"started_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"frozen_at" timestamp (3) with time zone,
	"approved_by" text,
	"exported_at" timestamp (3) with time zone,
	"digest" text,
	"closed_at" timestamp (3) with time zone,
	"note" text,
	"without_account" integer DEFAULT 0 NOT NULL,
	"without_account_micros" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "payout_runs_state" CHECK ("payout_runs"."state" in ('collecting', 'frozen', 'approved', 'exported', 'closed', 'cancelled')),
	CONSTRAINT "payout_runs_exported" CHECK (("payout_runs"."state" = 'exported') <= ("payout_runs"."approved_by" is not null and "payout_runs"."exported_at" is not null and "payout_runs"."digest" is not null))
);
--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind";--> statement-breakpoint
ALTER TABLE "annotators" ADD COLUMN "region" text;--> statement-breakpoint
ALTER TABLE "pay_adjustments" ADD CONSTRAINT "pay_adjustments_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pay_adjustments" ADD CONSTRAINT "pay_adjustments_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pay_floors" ADD CONSTRAINT "pay_floors_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_accounts" ADD CONSTRAINT "payout_accounts_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_items" ADD CONSTRAINT "payout_items_run_id_payout_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."payout_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_items" ADD CONSTRAINT "payout_items_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_items" ADD CONSTRAINT "payout_items_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_runs" ADD CONSTRAINT "payout_runs_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "pay_adjustments_annotator" ON "pay_adjustments" USING btree ("annotator_id","id");--> statement-breakpoint
CREATE INDEX "pay_adjustments_campaign" ON "pay_adjustments" USING btree ("campaign_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "pay_adjustments_answer" ON "pay_adjustments" USING btree ("annotation_id") WHERE "pay_adjustments"."kind" = 'deduction' and "pay_adjustments"."state" <> 'dismissed';--> statement-breakpoint
CREATE UNIQUE INDEX "payout_items_once" ON "payout_items" USING btree ("organisation_id","period","recipient") WHERE "payout_items"."state" <> 'cancelled';--> statement-breakpoint
CREATE UNIQUE INDEX "payout_items_reference" ON "payout_items" USING btree ("reference");--> statement-breakpoint
CREATE INDEX "payout_items_run" ON "payout_items" USING btree ("run_id","id");--> statement-breakpoint
CREATE INDEX "payout_items_annotator" ON "payout_items" USING btree ("annotator_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payout_runs_period" ON "payout_runs" USING btree ("organisation_id","period") WHERE "payout_runs"."state" <> 'cancelled';--> statement-breakpoint
CREATE INDEX "payout_runs_organisation" ON "payout_runs" USING btree ("organisation_id","id");--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_adjustment_id_pay_adjustments_id_fk" FOREIGN KEY ("adjustment_id") REFERENCES "public"."pay_adjustments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_payout_item_id_payout_items_id_fk" FOREIGN KEY ("payout_item_id") REFERENCES "public"."payout_items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_payout" ON "ledger" USING btree ("payout_item_id") WHERE "ledger"."payout_item_id" is not null;--> statement-breakpoint
ALTER TABLE "annotators" ADD CONSTRAINT "annotators_region" CHECK ("annotators"."region" ~ '^[A-Z]{2}$');--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind" CHECK ("outbox"."kind" in ('start_task', 'signal_task', 'signal_campaign', 'signal_annotator', 'late_answer', 'signal_order', 'signal_payout'));