-- What each model has cost until now, which was summed up before each call.
INSERT INTO "judge_spending" ("model", "spent_micros")
SELECT "model", sum("cost_micros")::bigint FROM "judge_answers" GROUP BY "model";
