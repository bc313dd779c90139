ALTER TABLE "vendor_units" ADD COLUMN "hedged_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "vendor_units" ADD COLUMN "hedge_answers" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "vendor_units" ADD COLUMN "hedge_used" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "vendor_units" ADD CONSTRAINT "vendor_units_hedge" CHECK ("vendor_units"."hedge_used" between 0 and "vendor_units"."hedge_answers");