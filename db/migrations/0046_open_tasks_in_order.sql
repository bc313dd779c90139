DROP INDEX "tasks_unsettled";--> statement-breakpoint
CREATE INDEX "tasks_unsettled" ON "tasks" USING btree ("campaign_id","id") WHERE "tasks"."state" in ('planned', 'open', 'adjudicating');