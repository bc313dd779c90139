ALTER TABLE "budget_warnings" DROP CONSTRAINT "budget_warnings_campaign_id_cap_micros_percent_pk";--> statement-breakpoint
ALTER TABLE "budget_warnings" ALTER COLUMN "campaign_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_warnings" ADD COLUMN "scope" text DEFAULT 'campaign' NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_warnings" ADD COLUMN "name" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_warnings" ADD COLUMN "reached_by" text DEFAULT 'spent' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "budget_warnings_once" ON "budget_warnings" USING btree (coalesce("campaign_id"::text, ''),"scope","name","reached_by","cap_micros","percent");--> statement-breakpoint
ALTER TABLE "budget_warnings" ADD CONSTRAINT "budget_warnings_scope" CHECK ("budget_warnings"."scope" in ('campaign', 'organisation', 'workforce', 'hedge'));--> statement-breakpoint
ALTER TABLE "budget_warnings" ADD CONSTRAINT "budget_warnings_reached_by" CHECK ("budget_warnings"."reached_by" in ('spent', 'committed'));--> statement-breakpoint
ALTER TABLE "budget_warnings" ADD CONSTRAINT "budget_warnings_place" CHECK (("budget_warnings"."scope" = 'organisation') = ("budget_warnings"."campaign_id" is null));