-- An answer that its vendor changed while it waited was taken in never: what it was changed to takes its place, and is taken in.
WITH newest AS (
	SELECT DISTINCT ON ("unit_id", "response_key") * FROM "vendor_responses"
	WHERE "state" = 'amended' ORDER BY "unit_id", "response_key", "version" DESC
)
UPDATE "vendor_responses" r SET "worker_id" = newest."worker_id", "answers" = newest."answers", "hash" = newest."hash",
	"time_spent_s" = newest."time_spent_s", "cost_micros" = newest."cost_micros"
FROM newest
WHERE r."unit_id" = newest."unit_id" AND r."response_key" = newest."response_key" AND r."version" = 1 AND r."state" = 'waiting';--> statement-breakpoint
WITH gone AS (
	DELETE FROM "vendor_responses" r USING "vendor_responses" w
	WHERE w."unit_id" = r."unit_id" AND w."response_key" = r."response_key" AND w."version" = 1 AND w."state" = 'waiting'
		AND r."state" = 'amended'
	RETURNING r."unit_id", r."response_key", r."version"
)
UPDATE "vendor_incidents" i SET "resolved_at" = now()
FROM gone
WHERE i."key" = 'amended:' || gone."unit_id" || ':' || gone."response_key" || ':' || gone."version" AND i."resolved_at" IS NULL;
