ALTER TABLE "ledger" DROP CONSTRAINT "ledger_spend_cause";--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_spend_cause" CHECK ("ledger"."kind" <> 'spend' or "ledger"."annotation_id" is not null or ("ledger"."payee" in ('judge', 'vendor') and "ledger"."annotator_id" is not null)
        or ("ledger"."payee" = 'judge' and "ledger"."authorization_id" is not null));