ALTER TABLE "payout_items" ADD COLUMN "line_status" text;--> statement-breakpoint
ALTER TABLE "payout_items" ADD COLUMN "line_micros" bigint;