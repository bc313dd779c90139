CREATE TABLE "calibration_items" (
	"session_id" uuid NOT NULL,
	"part" text NOT NULL,
	"number" smallint NOT NULL,
	"annotator_id" uuid NOT NULL,
	"item_id" uuid NOT NULL,
	"known" jsonb NOT NULL,
	"label" jsonb,
	"correct" boolean,
	"time_spent_s" double precision,
	"answered_at" timestamp (3) with time zone,
	CONSTRAINT "calibration_items_session_id_part_number_pk" PRIMARY KEY("session_id","part","number"),
	CONSTRAINT "calibration_items_part" CHECK ("calibration_items"."part" in ('example', 'question')),
	CONSTRAINT "calibration_items_answered" CHECK (("calibration_items"."label" is null) = ("calibration_items"."answered_at" is null) and ("calibration_items"."label" is null) = ("calibration_items"."correct" is null)),
	CONSTRAINT "calibration_items_examples" CHECK ("calibration_items"."part" = 'question' or "calibration_items"."label" is null)
);
--> statement-breakpoint
CREATE TABLE "calibration_sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"annotator_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"task_type" text NOT NULL,
	"reason" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"questions" smallint NOT NULL,
	"needed" smallint NOT NULL,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "calibration_sessions_state" CHECK ("calibration_sessions"."state" in ('open', 'passed', 'failed')),
	CONSTRAINT "calibration_sessions_reason" CHECK ("calibration_sessions"."reason" in ('recalibration', 'qualification')),
	CONSTRAINT "calibration_sessions_needed" CHECK ("calibration_sessions"."needed" between 1 and "calibration_sessions"."questions"),
	CONSTRAINT "calibration_sessions_ended" CHECK (("calibration_sessions"."state" = 'open') = ("calibration_sessions"."ended_at" is null))
);
--> statement-breakpoint
ALTER TABLE "calibration_items" ADD CONSTRAINT "calibration_items_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calibration_items" ADD CONSTRAINT "calibration_items_session_id_calibration_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."calibration_sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calibration_sessions" ADD CONSTRAINT "calibration_sessions_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calibration_sessions" ADD CONSTRAINT "calibration_sessions_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "calibration_items_annotator" ON "calibration_items" USING btree ("annotator_id","item_id");--> statement-breakpoint
CREATE UNIQUE INDEX "calibration_sessions_open" ON "calibration_sessions" USING btree ("annotator_id","campaign_id") WHERE "calibration_sessions"."state" = 'open';--> statement-breakpoint
CREATE INDEX "calibration_sessions_annotator" ON "calibration_sessions" USING btree ("annotator_id","campaign_id","started_at");