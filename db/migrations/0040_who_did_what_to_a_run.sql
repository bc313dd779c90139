CREATE TABLE "payout_acts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"payment_id" uuid,
	"act" text NOT NULL,
	"person_id" text NOT NULL,
	"name" text NOT NULL,
	"key_name" text,
	"note" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "payout_acts_act" CHECK ("payout_acts"."act" in ('begun', 'approved', 'cancelled', 'reported', 'resolved'))
);
--> statement-breakpoint
ALTER TABLE "payout_runs" ADD COLUMN "four_eyes" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "payout_acts" ADD CONSTRAINT "payout_acts_run_id_payout_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."payout_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_acts" ADD CONSTRAINT "payout_acts_payment_id_payout_items_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payout_items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "payout_acts_run" ON "payout_acts" USING btree ("run_id","id");--> statement-breakpoint
ALTER TABLE "payout_runs" ADD CONSTRAINT "payout_runs_four_eyes" CHECK (not "payout_runs"."four_eyes" or "payout_runs"."approved_by" is distinct from "payout_runs"."started_by");--> statement-breakpoint
CREATE TRIGGER payout_acts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_acts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Until now the key was kept, and not the person who made it.
UPDATE "payout_runs" r SET "started_by" = k."made_by" FROM "api_keys" k
WHERE k."id"::text = r."started_by" AND k."made_by" IS NOT NULL;--> statement-breakpoint
UPDATE "payout_runs" r SET "approved_by" = k."made_by" FROM "api_keys" k
WHERE k."id"::text = r."approved_by" AND k."made_by" IS NOT NULL;--> statement-breakpoint
UPDATE "payout_items" i SET "resolved_by" = k."made_by" FROM "api_keys" k
WHERE k."id"::text = i."resolved_by" AND k."made_by" IS NOT NULL;--> statement-breakpoint
-- When a run was begun is known; when it was approved was not kept.
INSERT INTO "payout_acts" ("id", "run_id", "act", "person_id", "name", "at")
SELECT r."id", r."id", 'begun', r."started_by", coalesce(u."name", k."name", r."started_by"), r."created_at"
FROM "payout_runs" r
LEFT JOIN "users" u ON u."id"::text = r."started_by"
LEFT JOIN "api_keys" k ON k."id"::text = r."started_by";
