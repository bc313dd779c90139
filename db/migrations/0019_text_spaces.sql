ALTER TABLE "feature_spaces" ALTER COLUMN "idf" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "feature_spaces" ADD COLUMN "space" "bytea";