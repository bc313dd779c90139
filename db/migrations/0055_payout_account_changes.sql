CREATE TABLE "payout_account_changes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"annotator_id" uuid NOT NULL,
	"holder" text NOT NULL,
	"account" text NOT NULL,
	"bic" text,
	"region" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "payout_account_changes" ADD CONSTRAINT "payout_account_changes_annotator_id_annotators_id_fk" FOREIGN KEY ("annotator_id") REFERENCES "public"."annotators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "payout_account_changes_annotator" ON "payout_account_changes" USING btree ("annotator_id","id");
--> statement-breakpoint
CREATE TRIGGER payout_account_changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_account_changes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- What it was before changes were kept is not known; what it is now is where they begin.
INSERT INTO payout_account_changes (id, annotator_id, holder, account, bic, region, at)
SELECT p.annotator_id, p.annotator_id, p.holder, p.account, p.bic, w.region, p.updated_at
FROM payout_accounts p JOIN annotators w ON w.id = p.annotator_id;
