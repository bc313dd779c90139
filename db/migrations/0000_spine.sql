CREATE SEQUENCE "public"."gold_slot_number" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."queue_position" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "annotation_labels" (
	"annotation_id" uuid PRIMARY KEY NOT NULL,
	"label" jsonb NOT NULL,
	"presentation" jsonb
);
--> statement-breakpoint
CREATE TABLE "annotations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"assignment_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"counted" boolean NOT NULL,
	"time_spent_s" double precision NOT NULL,
	"confidence" double precision,
	"price_micros" bigint NOT NULL,
	"pay_state" text DEFAULT 'pending' NOT NULL,
	"score" double precision,
	"flags" text[] DEFAULT '{}' NOT NULL,
	"submitted_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"assessed_at" timestamp (3) with time zone,
	CONSTRAINT "annotations_time_spent" CHECK ("annotations"."time_spent_s" >= 0 and "annotations"."time_spent_s" <> 'NaN'::double precision),
	CONSTRAINT "annotations_confidence" CHECK ("annotations"."confidence" between 0 and 1),
	CONSTRAINT "annotations_score" CHECK ("annotations"."score" between 0 and 1),
	CONSTRAINT "annotations_pay_state" CHECK ("annotations"."pay_state" in ('pending', 'paid', 'unpaid_by_policy', 'owed'))
);
--> statement-breakpoint
CREATE TABLE "annotators" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text DEFAULT 'person' NOT NULL,
	"workforce" text DEFAULT 'internal' NOT NULL,
	"tier" text DEFAULT 'crowd' NOT NULL,
	"specializations" text[] DEFAULT '{}' NOT NULL,
	"standing" text DEFAULT 'active' NOT NULL,
	"standing_reason" text,
	"quality_score" double precision DEFAULT 0.5 NOT NULL,
	"gold_total" integer DEFAULT 0 NOT NULL,
	"gold_correct" integer DEFAULT 0 NOT NULL,
	"simulated" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "annotators_kind" CHECK ("annotators"."kind" in ('person', 'vendor', 'llm')),
	CONSTRAINT "annotators_tier" CHECK ("annotators"."tier" in ('crowd', 'trained', 'expert', 'domain_specialist')),
	CONSTRAINT "annotators_standing" CHECK ("annotators"."standing" in ('active', 'recalibrating', 'suspended')),
	CONSTRAINT "annotators_quality_score" CHECK ("annotators"."quality_score" between 0 and 1),
	CONSTRAINT "annotators_gold" CHECK ("annotators"."gold_correct" between 0 and "annotators"."gold_total")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"role" text NOT NULL,
	"annotator_id" uuid,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_role" CHECK ("api_keys"."role" in ('requester', 'viewer', 'annotator')),
	CONSTRAINT "api_keys_annotator" CHECK (("api_keys"."role" = 'annotator') = ("api_keys"."annotator_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "assignments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"slot_no" integer NOT NULL,
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"fence" integer NOT NULL,
	"state" text DEFAULT 'leased' NOT NULL,
	"price_micros" bigint NOT NULL,
	"leased_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"note" text,
	CONSTRAINT "assignments_state" CHECK ("assignments"."state" in ('leased', 'submitted', 'late', 'expired', 'released', 'skipped', 'revoked'))
);
--> statement-breakpoint
CREATE TABLE "authorizations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"task_id" uuid,
	"state" text DEFAULT 'open' NOT NULL,
	"amount_micros" bigint NOT NULL,
	"committed_micros" bigint DEFAULT 0 NOT NULL,
	"released_micros" bigint DEFAULT 0 NOT NULL,
	"held_micros" bigint DEFAULT 0 NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "authorizations_state" CHECK ("authorizations"."state" in ('open', 'closed')),
	CONSTRAINT "authorizations_amounts" CHECK ("authorizations"."committed_micros" >= 0 and "authorizations"."released_micros" >= 0 and "authorizations"."held_micros" >= 0
        and "authorizations"."committed_micros" + "authorizations"."released_micros" + "authorizations"."held_micros" <= "authorizations"."amount_micros"),
	CONSTRAINT "authorizations_closed" CHECK ("authorizations"."state" = 'open' or "authorizations"."committed_micros" + "authorizations"."released_micros" = "authorizations"."amount_micros")
);
--> statement-breakpoint
CREATE TABLE "budgets" (
	"campaign_id" uuid PRIMARY KEY NOT NULL,
	"cap_micros" bigint NOT NULL,
	"reserved_micros" bigint DEFAULT 0 NOT NULL,
	"spent_micros" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "budgets_not_negative" CHECK ("budgets"."reserved_micros" >= 0 and "budgets"."spent_micros" >= 0),
	CONSTRAINT "budgets_within_cap" CHECK ("budgets"."reserved_micros" + "budgets"."spent_micros" <= "budgets"."cap_micros")
);
--> statement-breakpoint
CREATE TABLE "campaigns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"state" text DEFAULT 'draft' NOT NULL,
	"settings" jsonb NOT NULL,
	"policy_version" integer DEFAULT 1 NOT NULL,
	"instructions_version" integer DEFAULT 1 NOT NULL,
	"stop_reason" text,
	"simulated" boolean DEFAULT false NOT NULL,
	"started_at" timestamp (3) with time zone,
	"paused_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "campaigns_state" CHECK ("campaigns"."state" in ('draft', 'running', 'paused', 'stopping', 'finished', 'stopped')),
	CONSTRAINT "campaigns_paused_at" CHECK (("campaigns"."state" = 'paused') = ("campaigns"."paused_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"state" text NOT NULL,
	"label" jsonb,
	"confidence" double precision NOT NULL,
	"method" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"cost_micros" bigint NOT NULL,
	"decided_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "decisions_state" CHECK ("decisions"."state" in ('decided', 'adjudicated', 'unresolved', 'cancelled')),
	CONSTRAINT "decisions_confidence" CHECK ("decisions"."confidence" between 0 and 1),
	CONSTRAINT "decisions_label" CHECK ("decisions"."state" not in ('decided', 'adjudicated') or "decisions"."label" is not null)
);
--> statement-breakpoint
CREATE TABLE "feature_spaces" (
	"campaign_id" uuid PRIMARY KEY NOT NULL,
	"idf" "bytea" NOT NULL,
	"fitted_on" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "gold_answers" (
	"item_id" uuid PRIMARY KEY NOT NULL,
	"label" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"principal" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" smallint,
	"response" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_principal_key_pk" PRIMARY KEY("principal","key")
);
--> statement-breakpoint
CREATE TABLE "item_payloads" (
	"item_id" uuid PRIMARY KEY NOT NULL,
	"payload" jsonb NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "items" (
	"id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"key" text NOT NULL,
	"state" text DEFAULT 'pool' NOT NULL,
	"domain" text,
	"round" integer,
	"selection" jsonb,
	"shuffle" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "items_state" CHECK ("items"."state" in ('pool', 'selected', 'gold', 'honeypot'))
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"campaign_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"amount_micros" bigint NOT NULL,
	"key" text NOT NULL,
	"authorization_id" uuid,
	"annotation_id" uuid,
	"annotator_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ledger_kind" CHECK ("ledger"."kind" in ('reserve', 'spend', 'release', 'payout')),
	CONSTRAINT "ledger_amount" CHECK ("ledger"."amount_micros" > 0),
	CONSTRAINT "ledger_spend_cause" CHECK ("ledger"."kind" <> 'spend' or "ledger"."annotation_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "models" (
	"campaign_id" uuid PRIMARY KEY NOT NULL,
	"round" integer NOT NULL,
	"model" "bytea" NOT NULL,
	"fitted_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"target_id" text NOT NULL,
	"message" text NOT NULL,
	"payload" jsonb NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_kind" CHECK ("outbox"."kind" in ('start_task', 'signal_task', 'signal_campaign', 'signal_annotator', 'late_answer'))
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"campaign_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"settings" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "policies_campaign_id_version_pk" PRIMARY KEY("campaign_id","version")
);
--> statement-breakpoint
CREATE TABLE "rounds" (
	"campaign_id" uuid NOT NULL,
	"round" integer NOT NULL,
	"state" text NOT NULL,
	"strategy" text NOT NULL,
	"seed" text NOT NULL,
	"task_count" integer NOT NULL,
	"reserved_micros" bigint NOT NULL,
	"trained_on" integer,
	"held_out_accuracy" double precision,
	"held_out_low" double precision,
	"held_out_high" double precision,
	"held_out_count" integer,
	"spent_micros" bigint,
	"selected_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"fitted_at" timestamp (3) with time zone,
	CONSTRAINT "rounds_campaign_id_round_pk" PRIMARY KEY("campaign_id","round"),
	CONSTRAINT "rounds_state" CHECK ("rounds"."state" in ('selected', 'fitted'))
);
--> statement-breakpoint
CREATE TABLE "rulings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"label" jsonb NOT NULL,
	"ruled_by" text NOT NULL,
	"note" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "slots" (
	"task_id" uuid NOT NULL,
	"slot_no" integer NOT NULL,
	"campaign_id" uuid NOT NULL,
	"workforce" text NOT NULL,
	"priority" smallint NOT NULL,
	"required_tier" smallint NOT NULL,
	"domain" text,
	"pos" bigint DEFAULT nextval('queue_position') NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"annotator_id" uuid,
	"assignment_id" uuid,
	"fence" integer DEFAULT 0 NOT NULL,
	"lease_expires_at" timestamp (3) with time zone,
	CONSTRAINT "slots_task_id_slot_no_pk" PRIMARY KEY("task_id","slot_no"),
	CONSTRAINT "slots_state" CHECK ("slots"."state" in ('open', 'leased', 'submitted', 'closed')),
	CONSTRAINT "slots_holder" CHECK (("slots"."state" in ('leased', 'submitted')) = ("slots"."annotator_id" is not null and "slots"."assignment_id" is not null)),
	CONSTRAINT "slots_lease" CHECK (("slots"."state" = 'leased') = ("slots"."lease_expires_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "standing_changes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"annotator_id" uuid NOT NULL,
	"key" text NOT NULL,
	"from_standing" text NOT NULL,
	"to_standing" text NOT NULL,
	"reason" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "standing_changes_from" CHECK ("standing_changes"."from_standing" in ('active', 'recalibrating', 'suspended')),
	CONSTRAINT "standing_changes_to" CHECK ("standing_changes"."to_standing" in ('active', 'recalibrating', 'suspended'))
);
--> statement-breakpoint
CREATE TABLE "task_events" (
	"task_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"detail" text NOT NULL,
	CONSTRAINT "task_events_task_id_seq_pk" PRIMARY KEY("task_id","seq")
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"kind" text DEFAULT 'work' NOT NULL,
	"state" text DEFAULT 'planned' NOT NULL,
	"round" integer NOT NULL,
	"redundancy" smallint NOT NULL,
	"price_micros" bigint NOT NULL,
	"priority" smallint DEFAULT 1 NOT NULL,
	"required_tier" smallint NOT NULL,
	"workforce" text DEFAULT 'internal' NOT NULL,
	"domain" text,
	"escalations" smallint DEFAULT 0 NOT NULL,
	"policy_version" integer NOT NULL,
	"instructions_version" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "tasks_kind" CHECK ("tasks"."kind" in ('work', 'gold', 'honeypot')),
	CONSTRAINT "tasks_state" CHECK ("tasks"."state" in ('planned', 'open', 'adjudicating', 'decided', 'adjudicated', 'unresolved', 'cancelled')),
	CONSTRAINT "tasks_priority" CHECK ("tasks"."priority" between 0 and 4),
	CONSTRAINT "tasks_required_tier" CHECK ("tasks"."required_tier" between 0 and 3),
	CONSTRAINT "tasks_redundancy" CHECK ("tasks"."redundancy" between 0 and 100),
	CONSTRAINT "tasks_price" CHECK ("tasks"."price_micros" >= 0)
);
--> statement-breakpoint
ALTER TABLE "annotation_labels" ADD CONSTRAINT "annotation_labels_annotation_id_annotations_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_assignment_id_assignments_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_task_id_slot_no_slots_task_id_slot_no_fk" FOREIGN KEY ("task_id","slot_no") REFERENCES "public"."slots"("task_id","slot_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "authorizations" ADD CONSTRAINT "authorizations_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feature_spaces" ADD CONSTRAINT "feature_spaces_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_answers" ADD CONSTRAINT "gold_answers_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_payloads" ADD CONSTRAINT "item_payloads_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_authorization_id_authorizations_id_fk" FOREIGN KEY ("authorization_id") REFERENCES "public"."authorizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rulings" ADD CONSTRAINT "rulings_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slots" ADD CONSTRAINT "slots_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slots" ADD CONSTRAINT "slots_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "standing_changes" ADD CONSTRAINT "standing_changes_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_events" ADD CONSTRAINT "task_events_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "annotations_assignment" ON "annotations" USING btree ("assignment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "annotations_task_annotator" ON "annotations" USING btree ("task_id","annotator_id");--> statement-breakpoint
CREATE INDEX "annotations_campaign" ON "annotations" USING btree ("campaign_id","submitted_at");--> statement-breakpoint
CREATE INDEX "annotations_owed" ON "annotations" USING btree ("campaign_id") WHERE "annotations"."pay_state" = 'owed';--> statement-breakpoint
CREATE INDEX "annotators_eligible" ON "annotators" USING btree ("workforce","tier") WHERE "annotators"."standing" <> 'suspended';--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("hash");--> statement-breakpoint
CREATE UNIQUE INDEX "assignments_task_annotator" ON "assignments" USING btree ("task_id","annotator_id");--> statement-breakpoint
CREATE INDEX "assignments_held" ON "assignments" USING btree ("annotator_id","leased_at") WHERE "assignments"."state" = 'leased';--> statement-breakpoint
CREATE INDEX "assignments_expiry" ON "assignments" USING btree ("expires_at") WHERE "assignments"."state" = 'leased';--> statement-breakpoint
CREATE INDEX "assignments_timed_out" ON "assignments" USING btree ("campaign_id") WHERE "assignments"."state" in ('expired', 'late');--> statement-breakpoint
CREATE UNIQUE INDEX "authorizations_task" ON "authorizations" USING btree ("task_id") WHERE "authorizations"."task_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "authorizations_gold" ON "authorizations" USING btree ("campaign_id") WHERE "authorizations"."task_id" is null;--> statement-breakpoint
CREATE INDEX "authorizations_expiry" ON "authorizations" USING btree ("expires_at") WHERE "authorizations"."state" = 'open';--> statement-breakpoint
CREATE INDEX "campaigns_running" ON "campaigns" USING btree ("created_at") WHERE "campaigns"."state" = 'running';--> statement-breakpoint
CREATE UNIQUE INDEX "decisions_task_revision" ON "decisions" USING btree ("task_id","revision");--> statement-breakpoint
CREATE INDEX "decisions_campaign" ON "decisions" USING btree ("campaign_id","task_id","revision");--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "items_campaign_key" ON "items" USING btree ("campaign_id","key");--> statement-breakpoint
CREATE INDEX "items_pool" ON "items" USING btree ("campaign_id","shuffle") WHERE "items"."state" = 'pool';--> statement-breakpoint
CREATE INDEX "items_known" ON "items" USING btree ("campaign_id","shuffle") WHERE "items"."state" in ('gold', 'honeypot');--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_key" ON "ledger" USING btree ("key");--> statement-breakpoint
CREATE INDEX "ledger_campaign" ON "ledger" USING btree ("campaign_id","kind");--> statement-breakpoint
CREATE INDEX "ledger_annotator" ON "ledger" USING btree ("annotator_id") WHERE "ledger"."annotator_id" is not null;--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("due_at","id");--> statement-breakpoint
CREATE INDEX "rulings_task" ON "rulings" USING btree ("task_id");--> statement-breakpoint
CREATE UNIQUE INDEX "slots_task_annotator" ON "slots" USING btree ("task_id","annotator_id");--> statement-breakpoint
CREATE INDEX "slots_queue" ON "slots" USING btree ("campaign_id","workforce","priority","required_tier","pos") WHERE "slots"."state" = 'open';--> statement-breakpoint
CREATE INDEX "slots_queue_domain" ON "slots" USING btree ("campaign_id","workforce","domain","priority","required_tier","pos") WHERE "slots"."state" = 'open' and "slots"."domain" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "standing_changes_key" ON "standing_changes" USING btree ("key");--> statement-breakpoint
CREATE INDEX "standing_changes_annotator" ON "standing_changes" USING btree ("annotator_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_item" ON "tasks" USING btree ("item_id");--> statement-breakpoint
CREATE INDEX "tasks_campaign_state" ON "tasks" USING btree ("campaign_id","state");--> statement-breakpoint
CREATE INDEX "tasks_unsettled" ON "tasks" USING btree ("campaign_id") WHERE "tasks"."state" in ('planned', 'open', 'adjudicating');--> statement-breakpoint
CREATE INDEX "tasks_known" ON "tasks" USING btree ("campaign_id") WHERE "tasks"."kind" <> 'work';