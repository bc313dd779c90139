CREATE TABLE "vendor_bonuses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"response_id" uuid NOT NULL,
	"key" text NOT NULL,
	"amount_micros" bigint NOT NULL,
	"reason" text NOT NULL,
	"state" text DEFAULT 'intent' NOT NULL,
	"detail" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vendor_bonuses_state" CHECK ("vendor_bonuses"."state" in ('intent', 'sending', 'paid', 'refused', 'ambiguous')),
	CONSTRAINT "vendor_bonuses_amount" CHECK ("vendor_bonuses"."amount_micros" > 0)
);
--> statement-breakpoint
CREATE TABLE "vendor_health" (
	"vendor" text PRIMARY KEY NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"open_until" timestamp (3) with time zone,
	"last_error" text,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vendor_incidents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"detail" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"resolved_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "vendor_orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"vendor" text NOT NULL,
	"key" text NOT NULL,
	"state" text DEFAULT 'intent' NOT NULL,
	"policy_version" integer NOT NULL,
	"price_micros" bigint NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"payload_hash" text,
	"placement" jsonb,
	"last_error" text,
	"deadline_at" timestamp (3) with time zone NOT NULL,
	"submitted_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vendor_orders_state" CHECK ("vendor_orders"."state" in ('intent', 'submitting', 'placed', 'closed', 'failed', 'ambiguous')),
	CONSTRAINT "vendor_orders_placed" CHECK ("vendor_orders"."state" <> 'placed' or "vendor_orders"."placement" is not null)
);
--> statement-breakpoint
CREATE TABLE "vendor_responses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"unit_id" uuid NOT NULL,
	"response_key" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"worker_id" text NOT NULL,
	"state" text NOT NULL,
	"answers" jsonb NOT NULL,
	"hash" text NOT NULL,
	"time_spent_s" integer,
	"cost_micros" bigint,
	"annotation_id" uuid,
	"settled_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vendor_responses_state" CHECK ("vendor_responses"."state" in ('waiting', 'counted', 'late', 'invalid', 'repeated', 'amended', 'recalled'))
);
--> statement-breakpoint
CREATE TABLE "vendor_units" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"vendor" text NOT NULL,
	"generation" smallint NOT NULL,
	"answers" smallint NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"cancel_wanted" boolean DEFAULT false NOT NULL,
	"cancel_sent_at" timestamp (3) with time zone,
	"order_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "vendor_units_state" CHECK ("vendor_units"."state" in ('waiting', 'ordered', 'complete', 'cancelled', 'failed')),
	CONSTRAINT "vendor_units_answers" CHECK ("vendor_units"."answers" between 1 and 100),
	CONSTRAINT "vendor_units_ordered" CHECK ("vendor_units"."state" not in ('ordered', 'complete') or "vendor_units"."order_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "vendor_webhooks" (
	"vendor" text NOT NULL,
	"event_key" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vendor_webhooks_vendor_event_key_pk" PRIMARY KEY("vendor","event_key")
);
--> statement-breakpoint
CREATE TABLE "vendor_workers" (
	"organisation_id" uuid DEFAULT '01900000-0000-7000-8000-000000000001' NOT NULL,
	"vendor" text NOT NULL,
	"worker_id" text NOT NULL,
	"annotator_id" uuid NOT NULL,
	CONSTRAINT "vendor_workers_organisation_id_vendor_worker_id_pk" PRIMARY KEY("organisation_id","vendor","worker_id")
);
--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind";--> statement-breakpoint
ALTER TABLE "vendor_bonuses" ADD CONSTRAINT "vendor_bonuses_response_id_vendor_responses_id_fk" FOREIGN KEY ("response_id") REFERENCES "public"."vendor_responses"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_incidents" ADD CONSTRAINT "vendor_incidents_order_id_vendor_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."vendor_orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_orders" ADD CONSTRAINT "vendor_orders_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_responses" ADD CONSTRAINT "vendor_responses_unit_id_vendor_units_id_fk" FOREIGN KEY ("unit_id") REFERENCES "public"."vendor_units"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_responses" ADD CONSTRAINT "vendor_responses_annotation_id_annotations_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_units" ADD CONSTRAINT "vendor_units_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_units" ADD CONSTRAINT "vendor_units_order_id_vendor_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."vendor_orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_workers" ADD CONSTRAINT "vendor_workers_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_workers" ADD CONSTRAINT "vendor_workers_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_bonuses_key" ON "vendor_bonuses" USING btree ("key");--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_incidents_key" ON "vendor_incidents" USING btree ("key");--> statement-breakpoint
CREATE INDEX "vendor_incidents_order" ON "vendor_incidents" USING btree ("order_id");--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_orders_key" ON "vendor_orders" USING btree ("key");--> statement-breakpoint
CREATE INDEX "vendor_orders_campaign" ON "vendor_orders" USING btree ("campaign_id","created_at");--> statement-breakpoint
CREATE INDEX "vendor_orders_open" ON "vendor_orders" USING btree ("vendor") WHERE "vendor_orders"."state" in ('intent', 'submitting', 'placed');--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_responses_version" ON "vendor_responses" USING btree ("unit_id","response_key","version");--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_responses_annotation" ON "vendor_responses" USING btree ("annotation_id") WHERE "vendor_responses"."annotation_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_units_purchase" ON "vendor_units" USING btree ("task_id","vendor","generation");--> statement-breakpoint
CREATE INDEX "vendor_units_waiting" ON "vendor_units" USING btree ("campaign_id","vendor","created_at") WHERE "vendor_units"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "vendor_units_order" ON "vendor_units" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "vendor_webhooks_age" ON "vendor_webhooks" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_workers_annotator" ON "vendor_workers" USING btree ("annotator_id");--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind" CHECK ("outbox"."kind" in ('start_task', 'signal_task', 'signal_campaign', 'signal_annotator', 'late_answer', 'signal_order'));