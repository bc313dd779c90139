CREATE TABLE "ledger_closings" (
	"period" text PRIMARY KEY NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"closed_by" text NOT NULL,
	"closed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"entries" integer,
	"balances" jsonb,
	"digest" text,
	CONSTRAINT "ledger_closings_counted" CHECK (("ledger_closings"."digest" is null) = ("ledger_closings"."entries" is null and "ledger_closings"."balances" is null))
);
--> statement-breakpoint
ALTER TABLE "ledger" DROP CONSTRAINT "ledger_kind";--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "payee" text DEFAULT 'annotator' NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "from_account" text GENERATED ALWAYS AS (case kind when 'reserve' then 'requester_funds' when 'spend' then 'reserved' when 'release' then 'reserved' when 'fee' then 'reserved' when 'bonus' then 'reserved' when 'deduction' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' end when 'payout' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' end when 'payout_failed' then 'paid_out' end) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "to_account" text GENERATED ALWAYS AS (case kind when 'reserve' then 'reserved' when 'spend' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' end when 'release' then 'requester_funds' when 'fee' then 'fees' when 'bonus' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' end when 'deduction' then 'requester_funds' when 'payout' then 'paid_out' when 'payout_failed' then case payee when 'annotator' then 'annotator_payable' when 'vendor' then 'vendor_payable' when 'judge' then 'judge_usage' end end) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "adjustment_id" uuid;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "payout_item_id" uuid;--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_closings_ends" ON "ledger_closings" USING btree ("ends_at");--> statement-breakpoint
CREATE INDEX "ledger_created" ON "ledger" USING brin ("created_at");--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_payee" CHECK ("ledger"."payee" in ('annotator', 'vendor', 'judge'));--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_cause" CHECK ("ledger"."authorization_id" is not null or "ledger"."annotation_id" is not null or "ledger"."adjustment_id" is not null
        or "ledger"."payout_item_id" is not null);--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_adjustment_cause" CHECK (("ledger"."kind" in ('bonus', 'deduction')) <= ("ledger"."adjustment_id" is not null and "ledger"."annotator_id" is not null));--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_payout_cause" CHECK (("ledger"."kind" in ('payout', 'payout_failed')) = ("ledger"."payout_item_id" is not null));--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_kind" CHECK ("ledger"."kind" in ('reserve', 'spend', 'release', 'fee', 'bonus', 'deduction', 'payout', 'payout_failed'));--> statement-breakpoint
-- What was booked before payees were known gets the one its annotator has; the record itself does not change.
ALTER TABLE ledger DISABLE TRIGGER ledger_append_only;
--> statement-breakpoint
UPDATE ledger l SET payee = CASE a.kind WHEN 'vendor' THEN 'vendor' ELSE 'judge' END
FROM annotators a WHERE a.id = l.annotator_id AND a.kind <> 'person';
--> statement-breakpoint
ALTER TABLE ledger ENABLE TRIGGER ledger_append_only;
--> statement-breakpoint
-- A transaction that began before its month was closed books in the open month: a closed one never grows.
CREATE FUNCTION date_into_open_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.created_at < (SELECT max(ends_at) FROM ledger_closings) THEN NEW.created_at := clock_timestamp(); END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_open_period BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION date_into_open_period();
--> statement-breakpoint
-- A closing is counted once, right after it; from then on it is a record.
CREATE FUNCTION keep_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.digest IS NULL AND (NEW.period, NEW.ends_at, NEW.closed_by, NEW.closed_at)
    = (OLD.period, OLD.ends_at, OLD.closed_by, OLD.closed_at) THEN RETURN NEW; END IF;
  RAISE EXCEPTION '% on a closing is refused: a closed period is a record', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_closings_kept BEFORE UPDATE OR DELETE ON ledger_closings FOR EACH ROW EXECUTE FUNCTION keep_closing();
