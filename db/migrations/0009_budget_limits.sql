CREATE TABLE "budget_limits" (
	"id" uuid PRIMARY KEY NOT NULL,
	"scope" text NOT NULL,
	"campaign_id" uuid,
	"name" text DEFAULT '' NOT NULL,
	"cap_micros" bigint NOT NULL,
	"drawn_micros" bigint NOT NULL,
	CONSTRAINT "budget_limits_scope" CHECK ("budget_limits"."scope" in ('organisation', 'workforce', 'hedge')),
	CONSTRAINT "budget_limits_place" CHECK (("budget_limits"."scope" = 'organisation') = ("budget_limits"."campaign_id" is null)),
	CONSTRAINT "budget_limits_within_cap" CHECK ("budget_limits"."drawn_micros" between 0 and "budget_limits"."cap_micros")
);
--> statement-breakpoint
CREATE TABLE "budget_warnings" (
	"campaign_id" uuid NOT NULL,
	"percent" integer NOT NULL,
	"cap_micros" bigint NOT NULL,
	"spent_micros" bigint NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "budget_warnings_campaign_id_cap_micros_percent_pk" PRIMARY KEY("campaign_id","cap_micros","percent")
);
--> statement-breakpoint
ALTER TABLE "authorizations" ADD COLUMN "workforce" text;--> statement-breakpoint
ALTER TABLE "authorizations" ADD COLUMN "hedge_micros" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "budgets" ADD COLUMN "pace_micros" bigint;--> statement-breakpoint
ALTER TABLE "budgets" ADD COLUMN "pace_day" date;--> statement-breakpoint
ALTER TABLE "budgets" ADD COLUMN "pace_base_micros" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_limits" ADD CONSTRAINT "budget_limits_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_warnings" ADD CONSTRAINT "budget_warnings_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "budget_limits_place" ON "budget_limits" USING btree ("scope",coalesce("campaign_id"::text, ''),"name");--> statement-breakpoint
CREATE INDEX "budget_limits_campaign" ON "budget_limits" USING btree ("campaign_id");--> statement-breakpoint
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_pace" CHECK ("budgets"."pace_micros" >= 0);--> statement-breakpoint
-- What tasks draw on a workforce's cap goes by where they were offered.
UPDATE authorizations a SET workforce = t.workforce FROM tasks t WHERE t.id = a.task_id AND a.state = 'open';
--> statement-breakpoint
CREATE FUNCTION draw_on_limits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before bigint := 0;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    before := OLD.amount_micros - OLD.released_micros;
    IF OLD.workforce IS DISTINCT FROM NEW.workforce THEN
      UPDATE budget_limits SET drawn_micros = drawn_micros - before
      WHERE scope = 'workforce' AND coalesce(campaign_id::text, '') = OLD.campaign_id::text AND name = OLD.workforce;
      before := 0;
    END IF;
    IF NEW.hedge_micros <> OLD.hedge_micros THEN
      UPDATE budget_limits SET drawn_micros = drawn_micros + NEW.hedge_micros - OLD.hedge_micros
      WHERE scope = 'hedge' AND coalesce(campaign_id::text, '') = NEW.campaign_id::text AND name = '';
    END IF;
  END IF;
  UPDATE budget_limits SET drawn_micros = drawn_micros + NEW.amount_micros - NEW.released_micros - before
  WHERE scope = 'workforce' AND coalesce(campaign_id::text, '') = NEW.campaign_id::text AND name = NEW.workforce
    AND NEW.amount_micros - NEW.released_micros <> before;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER authorizations_draw AFTER INSERT OR UPDATE OF amount_micros, released_micros, workforce, hedge_micros
  ON authorizations FOR EACH ROW WHEN (NEW.workforce IS NOT NULL OR NEW.hedge_micros > 0) EXECUTE FUNCTION draw_on_limits();
--> statement-breakpoint
CREATE FUNCTION draw_on_organisation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE budget_limits
  SET drawn_micros = drawn_micros + NEW.reserved_micros + NEW.spent_micros - OLD.reserved_micros - OLD.spent_micros
  WHERE scope = 'organisation' AND coalesce(campaign_id::text, '') = ''
    AND name = (SELECT organisation_id::text FROM campaigns WHERE id = NEW.campaign_id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER budgets_draw AFTER UPDATE OF reserved_micros, spent_micros ON budgets FOR EACH ROW
  WHEN (NEW.reserved_micros + NEW.spent_micros <> OLD.reserved_micros + OLD.spent_micros) EXECUTE FUNCTION draw_on_organisation();
