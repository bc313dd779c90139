ALTER TABLE "tasks" ADD COLUMN "opened_at" timestamp (3) with time zone;--> statement-breakpoint
-- Of all others it is when they were made.
UPDATE "tasks" SET "opened_at" = (SELECT max("r"."at") FROM "task_reopenings" "r" WHERE "r"."task_id" = "tasks"."id") WHERE "state" = 'open' AND "reopened" > 0;
