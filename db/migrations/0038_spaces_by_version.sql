ALTER TABLE "feature_spaces" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "feature_spaces" DROP CONSTRAINT "feature_spaces_pkey";--> statement-breakpoint
ALTER TABLE "feature_spaces" ADD CONSTRAINT "feature_spaces_campaign_id_version_pk" PRIMARY KEY("campaign_id","version");--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "space_version" integer DEFAULT 1 NOT NULL;
