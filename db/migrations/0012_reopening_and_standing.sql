CREATE TABLE "annotator_standings" (
	"annotator_id" uuid NOT NULL,
	"task_type" text NOT NULL,
	"standing" text NOT NULL,
	"standing_reason" text,
	"recent_golds" integer NOT NULL,
	"recent_correct" integer NOT NULL,
	"gold_total" integer NOT NULL,
	"gold_correct" integer NOT NULL,
	"quality_score" double precision NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "annotator_standings_annotator_id_task_type_pk" PRIMARY KEY("annotator_id","task_type"),
	CONSTRAINT "annotator_standings_standing" CHECK ("annotator_standings"."standing" in ('active', 'recalibrating', 'suspended')),
	CONSTRAINT "annotator_standings_score" CHECK ("annotator_standings"."quality_score" between 0 and 1),
	CONSTRAINT "annotator_standings_golds" CHECK ("annotator_standings"."recent_correct" between 0 and "annotator_standings"."recent_golds" and "annotator_standings"."gold_correct" between 0 and "annotator_standings"."gold_total")
);
--> statement-breakpoint
CREATE TABLE "instruction_versions" (
	"campaign_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"instructions" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "instruction_versions_campaign_id_version_pk" PRIMARY KEY("campaign_id","version")
);
--> statement-breakpoint
CREATE TABLE "task_reopenings" (
	"task_id" uuid NOT NULL,
	"number" smallint NOT NULL,
	"cause" text NOT NULL,
	"reason" text NOT NULL,
	"by" text NOT NULL,
	"answers" smallint NOT NULL,
	"reserved_micros" bigint NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "task_reopenings_task_id_number_pk" PRIMARY KEY("task_id","number"),
	CONSTRAINT "task_reopenings_cause" CHECK ("task_reopenings"."cause" in ('quarantine', 'instructions')),
	CONSTRAINT "task_reopenings_answers" CHECK ("task_reopenings"."answers" > 0)
);
--> statement-breakpoint
ALTER TABLE "annotations" ADD COLUMN "excluded_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "standing_changes" ADD COLUMN "task_type" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "reopened" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "annotator_standings" ADD CONSTRAINT "annotator_standings_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "instruction_versions" ADD CONSTRAINT "instruction_versions_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_reopenings" ADD CONSTRAINT "task_reopenings_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
INSERT INTO "instruction_versions" ("campaign_id", "version", "instructions") SELECT "id", "instructions_version", coalesce("settings" ->> 'instructions', '') FROM "campaigns";
