CREATE TABLE "auto_labelings" (
	"campaign_id" uuid PRIMARY KEY NOT NULL,
	"threshold" double precision,
	"audited" integer NOT NULL,
	"agreed" integer NOT NULL,
	"low" double precision NOT NULL,
	"temperature" double precision NOT NULL,
	"round" integer NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "auto_labelings_agreed" CHECK ("auto_labelings"."agreed" between 0 and "auto_labelings"."audited")
);
--> statement-breakpoint
CREATE TABLE "item_predictions" (
	"item_id" uuid PRIMARY KEY NOT NULL,
	"shares" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_labels" (
	"item_id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"label" jsonb NOT NULL,
	"confidence" double precision NOT NULL,
	"round" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_labels_confidence" CHECK ("model_labels"."confidence" between 0 and 1)
);
--> statement-breakpoint
ALTER TABLE "items" DROP CONSTRAINT "items_state";--> statement-breakpoint
ALTER TABLE "auto_labelings" ADD CONSTRAINT "auto_labelings_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_predictions" ADD CONSTRAINT "item_predictions_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_labels" ADD CONSTRAINT "model_labels_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_labels" ADD CONSTRAINT "model_labels_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "model_labels_campaign" ON "model_labels" USING btree ("campaign_id","item_id");--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_state" CHECK ("items"."state" in ('pool', 'selected', 'gold', 'honeypot', 'repeat', 'model'));