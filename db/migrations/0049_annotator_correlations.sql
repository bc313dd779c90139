CREATE TABLE "annotator_correlations" (
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"other_id" uuid NOT NULL,
	"correlation" double precision NOT NULL,
	CONSTRAINT "annotator_correlations_campaign_id_annotator_id_other_id_pk" PRIMARY KEY("campaign_id","annotator_id","other_id"),
	CONSTRAINT "annotator_correlations_range" CHECK ("annotator_correlations"."correlation" between 0 and 1)
);
--> statement-breakpoint
ALTER TABLE "annotator_correlations" ADD CONSTRAINT "annotator_correlations_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotator_correlations" ADD CONSTRAINT "annotator_correlations_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotator_correlations" ADD CONSTRAINT "annotator_correlations_other_id_annotators_id_fk" FOREIGN KEY ("other_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;