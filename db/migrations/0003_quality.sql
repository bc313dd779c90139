CREATE TABLE "gold_appeals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"annotation_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"resolved_by" text,
	"note" text,
	"resolved_at" timestamp (3) with time zone,
	"gold_before" jsonb,
	"gold_after" jsonb,
	"changed_verdicts" integer,
	CONSTRAINT "gold_appeals_state" CHECK ("gold_appeals"."state" in ('open', 'upheld', 'rejected')),
	CONSTRAINT "gold_appeals_resolved" CHECK (("gold_appeals"."state" = 'open') = ("gold_appeals"."resolved_by" is null and "gold_appeals"."resolved_at" is null)),
	CONSTRAINT "gold_appeals_upheld" CHECK (("gold_appeals"."state" = 'upheld') = ("gold_appeals"."gold_before" is not null and "gold_appeals"."gold_after" is not null and "gold_appeals"."changed_verdicts" is not null))
);
--> statement-breakpoint
ALTER TABLE "annotations" ADD COLUMN "evidence" jsonb;--> statement-breakpoint
ALTER TABLE "gold_appeals" ADD CONSTRAINT "gold_appeals_annotation_id_annotations_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_appeals" ADD CONSTRAINT "gold_appeals_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "gold_appeals_annotation" ON "gold_appeals" USING btree ("annotation_id");--> statement-breakpoint
CREATE INDEX "gold_appeals_campaign" ON "gold_appeals" USING btree ("campaign_id","id");--> statement-breakpoint
CREATE INDEX "gold_appeals_open" ON "gold_appeals" USING btree ("id") WHERE "gold_appeals"."state" = 'open';--> statement-breakpoint
CREATE INDEX "annotations_annotator" ON "annotations" USING btree ("annotator_id","campaign_id","submitted_at");