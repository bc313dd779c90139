ALTER TABLE "tasks" ADD COLUMN "adjudicating_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "ruling_by" timestamp (3) with time zone;--> statement-breakpoint
-- Of those that wait already it is not known since when: when they were chosen is the earliest.
UPDATE "tasks" SET "adjudicating_since" = "created_at" WHERE "state" = 'adjudicating';