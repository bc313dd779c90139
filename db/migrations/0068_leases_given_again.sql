ALTER TABLE "assignments" ADD COLUMN "renewed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "held_s" double precision DEFAULT 0 NOT NULL;