CREATE TABLE "judge_audits" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "judge_trusts" (
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"trust" text NOT NULL,
	"correlation" double precision NOT NULL,
	"agrees_same" integer NOT NULL,
	"agrees_of" integer NOT NULL,
	"recent_same" integer NOT NULL,
	"recent_of" integer NOT NULL,
	"people_same" integer NOT NULL,
	"people_of" integer NOT NULL,
	"distrusted_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "judge_trusts_campaign_id_annotator_id_pk" PRIMARY KEY("campaign_id","annotator_id"),
	CONSTRAINT "judge_trusts_trust" CHECK ("judge_trusts"."trust" in ('learning', 'trusted', 'distrusted')),
	CONSTRAINT "judge_trusts_correlation" CHECK ("judge_trusts"."correlation" between 0 and 1),
	CONSTRAINT "judge_trusts_counts" CHECK ("judge_trusts"."agrees_same" between 0 and "judge_trusts"."agrees_of" and "judge_trusts"."recent_same" between 0 and "judge_trusts"."recent_of" and "judge_trusts"."people_same" between 0 and "judge_trusts"."people_of"),
	CONSTRAINT "judge_trusts_distrusted" CHECK (("judge_trusts"."trust" = 'distrusted') = ("judge_trusts"."distrusted_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "task_reopenings" DROP CONSTRAINT "task_reopenings_cause";--> statement-breakpoint
ALTER TABLE "judge_answers" ADD COLUMN "answered_by" text;--> statement-breakpoint
ALTER TABLE "judge_audits" ADD CONSTRAINT "judge_audits_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_audits" ADD CONSTRAINT "judge_audits_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_trusts" ADD CONSTRAINT "judge_trusts_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_trusts" ADD CONSTRAINT "judge_trusts_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "judge_audits_campaign" ON "judge_audits" USING btree ("campaign_id","created_at" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "task_reopenings" ADD CONSTRAINT "task_reopenings_cause" CHECK ("task_reopenings"."cause" in ('quarantine', 'instructions', 'judge'));