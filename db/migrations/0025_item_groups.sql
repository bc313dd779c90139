CREATE TABLE "annotator_groups" (
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"item_group" text NOT NULL,
	"leased" integer NOT NULL,
	"most" integer NOT NULL,
	CONSTRAINT "annotator_groups_campaign_id_annotator_id_item_group_pk" PRIMARY KEY("campaign_id","annotator_id","item_group"),
	CONSTRAINT "annotator_groups_leased" CHECK ("annotator_groups"."leased" between 1 and "annotator_groups"."most")
);
--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "routing" jsonb;--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "item_group" text;--> statement-breakpoint
ALTER TABLE "annotator_groups" ADD CONSTRAINT "annotator_groups_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotator_groups" ADD CONSTRAINT "annotator_groups_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;