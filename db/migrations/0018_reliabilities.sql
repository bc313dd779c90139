CREATE TABLE "annotator_reliabilities" (
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"reliability" double precision NOT NULL,
	"leniency" jsonb,
	CONSTRAINT "annotator_reliabilities_campaign_id_annotator_id_pk" PRIMARY KEY("campaign_id","annotator_id"),
	CONSTRAINT "annotator_reliabilities_range" CHECK ("annotator_reliabilities"."reliability" between 0 and 1)
);
--> statement-breakpoint
CREATE TABLE "reliability_models" (
	"campaign_id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"crowd" double precision NOT NULL,
	"fitted_on" integer NOT NULL,
	"fitted_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "annotator_reliabilities" ADD CONSTRAINT "annotator_reliabilities_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotator_reliabilities" ADD CONSTRAINT "annotator_reliabilities_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reliability_models" ADD CONSTRAINT "reliability_models_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;