CREATE TABLE "payout_entries" (
	"payout_item_id" uuid NOT NULL,
	"ledger_id" bigint NOT NULL,
	"response_id" uuid NOT NULL,
	"amount_micros" bigint NOT NULL,
	"outcome" text,
	"charged_micros" bigint,
	"detail" text,
	"live" boolean DEFAULT true NOT NULL,
	CONSTRAINT "payout_entries_payout_item_id_ledger_id_pk" PRIMARY KEY("payout_item_id","ledger_id"),
	CONSTRAINT "payout_entries_outcome" CHECK ("payout_entries"."outcome" in ('accepted', 'refused')),
	CONSTRAINT "payout_entries_amount" CHECK ("payout_entries"."amount_micros" > 0),
	CONSTRAINT "payout_entries_refused" CHECK (("payout_entries"."outcome" = 'refused') <= ("payout_entries"."detail" is not null))
);
--> statement-breakpoint
ALTER TABLE "payout_items" ADD COLUMN "settles" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "payout_entries" ADD CONSTRAINT "payout_entries_payout_item_id_payout_items_id_fk" FOREIGN KEY ("payout_item_id") REFERENCES "public"."payout_items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_entries" ADD CONSTRAINT "payout_entries_ledger_id_ledger_id_fk" FOREIGN KEY ("ledger_id") REFERENCES "public"."ledger"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_entries" ADD CONSTRAINT "payout_entries_response_id_vendor_responses_id_fk" FOREIGN KEY ("response_id") REFERENCES "public"."vendor_responses"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "payout_entries_once" ON "payout_entries" USING btree ("ledger_id") WHERE "payout_entries"."live";--> statement-breakpoint
CREATE INDEX "payout_entries_open" ON "payout_entries" USING btree ("payout_item_id") WHERE "payout_entries"."outcome" is null;--> statement-breakpoint
CREATE INDEX "payout_entries_response" ON "payout_entries" USING btree ("response_id");--> statement-breakpoint
ALTER TABLE "payout_items" ADD CONSTRAINT "payout_items_settles" CHECK (not "payout_items"."settles" or "payout_items"."channel" <> 'bank');