#!/usr/bin/env bash
# A campaign from the first request to its answers, with curl: QUORATE_URL and QUORATE_API_KEY name the server.
set -euo pipefail
url=${QUORATE_URL:?} key=${QUORATE_API_KEY:?}

call() { # METHOD PATH KEY [JSON]: prints the answer's body; --fail-with-body ends the script on a refusal
  curl --silent --show-error --fail-with-body -X "$1" "$url$2" -H "Authorization: Bearer $3" \
    -H 'Content-Type: application/json' ${4:+--data "$4"}
}
field() { # NAME: one field of the JSON on standard input; nothing for an empty body
  node -e 'const text = require("node:fs").readFileSync(0, "utf8"); if (text) console.log(JSON.parse(text)[process.argv[1]])' "$1"
}

campaign=$(call POST /v1/campaigns "$key" '{
  "name": "Spam, by curl", "type": "classification", "config": {"labels": ["spam", "ham"]},
  "instructions": "Is this e-mail spam?", "redundancy": 1, "goldRatio": 0, "budgetUsd": "5.00"
}' | field id)
call POST "/v1/campaigns/$campaign/items" "$key" '[{"key": "1", "text": "Buy now"}, {"key": "2", "text": "See you at noon"}]' >/dev/null
annotator=$(call POST /v1/annotators "$key" '{"name": "Ada"}' | field apiKey)
call POST "/v1/campaigns/$campaign/start" "$key" >/dev/null

answered=0
for _ in 1 2; do
  # Waits up to 30 seconds for a task; the answer is empty when there is none.
  assignment=$(call POST /v1/assignments/next "$annotator" "{\"campaignId\": \"$campaign\", \"waitS\": 30}" | field assignmentId)
  [ -n "$assignment" ] || break
  call POST "/v1/assignments/$assignment/annotation" "$annotator" '{"label": "spam", "timeSpentS": 12}' >/dev/null
  answered=$((answered + 1))
done
echo "answered $answered"
