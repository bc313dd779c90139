"""A campaign from the first request to its answers, with requests: QUORATE_URL and QUORATE_API_KEY name the server."""

import os

import requests

URL = os.environ["QUORATE_URL"]


def call(method, path, key, body=None):
    """The parsed answer; None for an empty one. A refusal is raised with the sentence that explains it."""
    headers = {"Authorization": f"Bearer {key}"}
    answer = requests.request(method, URL + path, headers=headers, json=body, timeout=60)
    if not answer.ok:
        raise RuntimeError(answer.json()["detail"])
    return answer.json() if answer.content else None


def main():
    owner = os.environ["QUORATE_API_KEY"]
    campaign = call("POST", "/v1/campaigns", owner, {
        "name": "Spam, by Python",
        "type": "classification",
        "config": {"labels": ["spam", "ham"]},
        "instructions": "Is this e-mail spam?",
        "redundancy": 1,
        "goldRatio": 0,
        "budgetUsd": "5.00",
    })["id"]
    items = [{"key": "1", "text": "Buy now"}, {"key": "2", "text": "See you at noon"}]
    call("POST", f"/v1/campaigns/{campaign}/items", owner, items)
    annotator = call("POST", "/v1/annotators", owner, {"name": "Ada"})["apiKey"]
    call("POST", f"/v1/campaigns/{campaign}/start", owner)

    answered = 0
    while answered < len(items):
        # Waits up to 30 seconds for a task; the answer is empty when there is none.
        offer = call("POST", "/v1/assignments/next", annotator, {"campaignId": campaign, "waitS": 30})
        if offer is None:
            break
        label = "spam" if "Buy" in offer["task"]["payload"]["text"] else "ham"
        given = {"label": label, "timeSpentS": 12}
        call("POST", f"/v1/assignments/{offer['assignmentId']}/annotation", annotator, given)
        answered += 1
    print(f"answered {answered}")


if __name__ == "__main__":
    main()
