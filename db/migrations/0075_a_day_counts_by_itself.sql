ALTER TABLE "budgets" ADD COLUMN "pace_used_micros" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
-- What today has added so far, under the rule before: what it went up by since the day began.
UPDATE "budgets" SET "pace_used_micros" = greatest(0, "reserved_micros" + "spent_micros" - "pace_base_micros")
WHERE "pace_day" = (now() at time zone 'utc')::date;--> statement-breakpoint
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_pace_used" CHECK ("budgets"."pace_used_micros" >= 0);--> statement-breakpoint
ALTER TABLE "budgets" DROP COLUMN "pace_base_micros";