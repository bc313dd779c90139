ALTER TABLE "vendor_bonuses" ADD COLUMN "fee_micros" bigint;--> statement-breakpoint
ALTER TABLE "vendor_bonuses" ADD CONSTRAINT "vendor_bonuses_fee" CHECK ("vendor_bonuses"."fee_micros" >= 0);