CREATE TABLE "quality_reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"alpha" double precision NOT NULL,
	"report" jsonb NOT NULL,
	"opened_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "annotations" ADD COLUMN "comment" text;--> statement-breakpoint
ALTER TABLE "quality_reports" ADD CONSTRAINT "quality_reports_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "quality_reports_open" ON "quality_reports" USING btree ("campaign_id") WHERE "quality_reports"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "quality_reports_campaign" ON "quality_reports" USING btree ("campaign_id","id");--> statement-breakpoint
CREATE INDEX "annotations_commented" ON "annotations" USING btree ("campaign_id","submitted_at") WHERE "annotations"."comment" is not null;--> statement-breakpoint
CREATE INDEX "assignments_noted" ON "assignments" USING btree ("campaign_id","closed_at") WHERE "assignments"."note" is not null;