CREATE TABLE "tallies" (
	"campaign_id" uuid NOT NULL,
	"what" text NOT NULL,
	"round" integer NOT NULL,
	"n" bigint NOT NULL,
	CONSTRAINT "tallies_campaign_id_what_round_pk" PRIMARY KEY("campaign_id","what","round")
);
--> statement-breakpoint
CREATE TABLE "tally_changes" (
	"campaign_id" uuid NOT NULL,
	"what" text NOT NULL,
	"round" integer NOT NULL,
	"n" bigint NOT NULL
);
--> statement-breakpoint
DROP INDEX "assignments_timed_out";--> statement-breakpoint
CREATE INDEX "tally_changes_campaign" ON "tally_changes" USING btree ("campaign_id");
--> statement-breakpoint
-- Of a campaign that is at work while this runs nothing is counted twice, or left out.
LOCK TABLE items, tasks, assignments, annotations, task_events IN SHARE ROW EXCLUSIVE MODE;
--> statement-breakpoint
CREATE FUNCTION tally_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO tally_changes (campaign_id, what, round, n)
    SELECT campaign_id, CASE state WHEN 'honeypot' THEN 'gold' ELSE state END, 0, count(*)
    FROM added WHERE state IN ('pool', 'gold', 'honeypot', 'model') GROUP BY 1, 2;
  ELSE
    INSERT INTO tally_changes (campaign_id, what, round, n)
    SELECT campaign_id, CASE state WHEN 'honeypot' THEN 'gold' ELSE state END, 0, sum(n)
    FROM (SELECT campaign_id, state, 1 AS n FROM added UNION ALL SELECT campaign_id, state, -1 FROM removed) changed
    WHERE state IN ('pool', 'gold', 'honeypot', 'model') GROUP BY 1, 2 HAVING sum(n) <> 0;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION tally_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO tally_changes (campaign_id, what, round, n)
    SELECT campaign_id, CASE state WHEN 'planned' THEN 'open' ELSE state END, round, count(*)
    FROM added WHERE kind = 'work' GROUP BY 1, 2, 3;
  ELSE
    INSERT INTO tally_changes (campaign_id, what, round, n)
    SELECT campaign_id, CASE state WHEN 'planned' THEN 'open' ELSE state END, round, sum(n)
    FROM (SELECT campaign_id, kind, state, round, 1 AS n FROM added
      UNION ALL SELECT campaign_id, kind, state, round, -1 FROM removed) changed
    WHERE kind = 'work' GROUP BY 1, 2, 3 HAVING sum(n) <> 0
    UNION ALL
    -- A task that is opened again begins its ladder anew.
    SELECT a.campaign_id, 'escalations', 0, sum(a.escalations - r.escalations)
    FROM added a JOIN removed r ON r.id = a.id WHERE a.escalations > r.escalations GROUP BY 1;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION tally_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO tally_changes (campaign_id, what, round, n)
    SELECT campaign_id, 'lost_leases', 0, count(*) FROM added WHERE state IN ('expired', 'late') GROUP BY 1;
  ELSE
    INSERT INTO tally_changes (campaign_id, what, round, n)
    SELECT campaign_id, 'lost_leases', 0, sum(n)
    FROM (SELECT campaign_id, state, 1 AS n FROM added UNION ALL SELECT campaign_id, state, -1 FROM removed) changed
    WHERE state IN ('expired', 'late') GROUP BY 1 HAVING sum(n) <> 0;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION tally_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tally_changes (campaign_id, what, round, n)
  SELECT a.campaign_id, CASE t.kind WHEN 'work' THEN 'answers' ELSE 'gold_answers' END, 0, count(*)
  FROM added a JOIN tasks t ON t.id = a.task_id WHERE t.kind <> 'repeat' GROUP BY 1, 2;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION tally_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tally_changes (campaign_id, what, round, n)
  SELECT t.campaign_id, 'windows', 0, count(*)
  FROM added a JOIN tasks t ON t.id = a.task_id WHERE a.detail = 'window ended' GROUP BY 1;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER items_added AFTER INSERT ON items REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION tally_items();
--> statement-breakpoint
CREATE TRIGGER items_changed AFTER UPDATE ON items REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION tally_items();
--> statement-breakpoint
CREATE TRIGGER tasks_added AFTER INSERT ON tasks REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION tally_tasks();
--> statement-breakpoint
CREATE TRIGGER tasks_changed AFTER UPDATE ON tasks REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION tally_tasks();
--> statement-breakpoint
CREATE TRIGGER assignments_added AFTER INSERT ON assignments REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments();
--> statement-breakpoint
CREATE TRIGGER assignments_changed AFTER UPDATE ON assignments REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments();
--> statement-breakpoint
CREATE TRIGGER annotations_added AFTER INSERT ON annotations REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION tally_answers();
--> statement-breakpoint
CREATE TRIGGER task_events_added AFTER INSERT ON task_events REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION tally_events();
--> statement-breakpoint
INSERT INTO tallies (campaign_id, what, round, n)
SELECT campaign_id, CASE state WHEN 'honeypot' THEN 'gold' ELSE state END, 0, count(*)
FROM items WHERE state IN ('pool', 'gold', 'honeypot', 'model') GROUP BY 1, 2
UNION ALL
SELECT campaign_id, CASE state WHEN 'planned' THEN 'open' ELSE state END, round, count(*)
FROM tasks WHERE kind = 'work' GROUP BY 1, 2, 3
UNION ALL
SELECT campaign_id, 'escalations', 0, sum(escalations) FROM tasks WHERE escalations > 0 GROUP BY 1
UNION ALL
SELECT campaign_id, 'lost_leases', 0, count(*) FROM assignments WHERE state IN ('expired', 'late') GROUP BY 1
UNION ALL
SELECT a.campaign_id, CASE t.kind WHEN 'work' THEN 'answers' ELSE 'gold_answers' END, 0, count(*)
FROM annotations a JOIN tasks t ON t.id = a.task_id WHERE t.kind <> 'repeat' GROUP BY 1, 2
UNION ALL
SELECT t.campaign_id, 'windows', 0, count(*)
FROM task_events e JOIN tasks t ON t.id = e.task_id WHERE e.detail = 'window ended' GROUP BY 1;
