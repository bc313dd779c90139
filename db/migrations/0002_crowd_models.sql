CREATE TABLE "crowd_annotators" (
	"campaign_id" uuid NOT NULL,
	"annotator_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"log_answer" double precision[] NOT NULL,
	CONSTRAINT "crowd_annotators_campaign_id_annotator_id_pk" PRIMARY KEY("campaign_id","annotator_id")
);
--> statement-breakpoint
CREATE TABLE "crowd_models" (
	"campaign_id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"shared" jsonb NOT NULL,
	"fitted_on" integer NOT NULL,
	"fitted_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "crowd_annotators" ADD CONSTRAINT "crowd_annotators_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crowd_annotators" ADD CONSTRAINT "crowd_annotators_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crowd_models" ADD CONSTRAINT "crowd_models_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;