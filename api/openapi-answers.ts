// Recorded by test/api/openapi-examples.test.ts; renew it with `vitest -u`.
export const ANSWERS: Readonly<Record<string, Readonly<Record<number, unknown>>>> = {
 "DELETE /v1/members/:id": {
  "200": {
   "annotatorKeysEnded": 0,
   "withoutKey": []
  }
 },
 "GET /healthz": {
  "200": {
   "status": "ok"
  }
 },
 "GET /v1/annotators/:id": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "A0",
   "kind": "person",
   "workforce": "internal",
   "tier": "crowd",
   "specializations": [],
   "languages": [],
   "standing": "active",
   "standingReason": null,
   "qualityScore": 0.5,
   "goldTotal": 20,
   "goldCorrect": 20,
   "simulated": false,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "answers": 8,
   "standings": [],
   "standingChanges": []
  }
 },
 "GET /v1/annotators/:id/calibrations": {
  "200": {
   "items": [
    {
     "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
     "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
     "taskType": "classification",
     "reason": "recalibration",
     "state": "open",
     "questions": 6,
     "needed": 5,
     "answered": 1,
     "right": 1,
     "startedAt": "2026-05-04T09:30:00.000Z",
     "endedAt": null,
     "results": [
      {
       "number": 1,
       "itemId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
       "known": "delivery",
       "label": "delivery",
       "correct": true,
       "answeredAt": "2026-05-04T09:30:00.000Z"
      },
      {
       "number": 2,
       "itemId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
       "known": "delivery",
       "label": null,
       "correct": null,
       "answeredAt": null
      },
      {
       "number": 3,
       "itemId": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
       "known": "delivery",
       "label": null,
       "correct": null,
       "answeredAt": null
      }
     ]
    }
   ]
  }
 },
 "GET /v1/annotators/:id/consistency": {
  "200": {
   "items": []
  }
 },
 "GET /v1/annotators/:id/earnings": {
  "200": {
   "period": "2026-05",
   "answers": 0,
   "accruedUsd": "0.00",
   "accruedMicros": 0,
   "focusedHours": 0,
   "perHourUsd": null,
   "perHourMicros": null,
   "adjustedUsd": "0.00",
   "adjustedMicros": 0,
   "payouts": [],
   "paidUsd": "0.00",
   "paidMicros": 0,
   "pendingUsd": "0.00",
   "pendingMicros": 0,
   "owedUsd": "0.00",
   "owedMicros": 0,
   "unpaidAnswers": 0,
   "campaigns": []
  }
 },
 "GET /v1/annotators/:id/quarantine": {
  "200": {
   "examined": 8,
   "open": 0,
   "apart": 8,
   "stays": 0,
   "flips": 0,
   "unanswered": 0,
   "belowConfidence": 0,
   "affected": [],
   "repairUsd": "0.00",
   "repairMicros": 0,
   "reopenUsd": "0.00",
   "reopenMicros": 0,
   "replaceAllUsd": "0.00",
   "replaceAllMicros": 0,
   "nextCursor": null
  }
 },
 "GET /v1/assignments/:id/draft": {
  "200": {
   "content": {
    "label": "delivery"
   },
   "updatedAt": "2026-05-04T09:30:00.000Z"
  }
 },
 "GET /v1/auth/get-session": {
  "200": {
   "session": {
    "expiresAt": "2026-05-11T09:30:00.000Z",
    "token": "8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo",
    "createdAt": "2026-05-04T09:30:00.000Z",
    "updatedAt": "2026-05-04T09:30:00.000Z",
    "ipAddress": "",
    "userAgent": "lightMyRequest",
    "userId": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
    "id": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10"
   },
   "user": {
    "name": "Olga",
    "email": "olga@example.org",
    "emailVerified": true,
    "image": null,
    "createdAt": "2026-05-04T09:30:00.000Z",
    "updatedAt": "2026-05-04T09:30:00.000Z",
    "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10"
   }
  }
 },
 "GET /v1/budget": {
  "200": {
   "cap": null,
   "warnings": []
  }
 },
 "GET /v1/campaigns/:id/agreement/history": {
  "200": {
   "windows": []
  }
 },
 "GET /v1/campaigns/:id/budget": {
  "200": {
   "capUsd": "100.00",
   "capMicros": 100000000,
   "reservedUsd": "2.20",
   "reservedMicros": 2200000,
   "spentUsd": "0.00",
   "spentMicros": 0,
   "freeUsd": "97.80",
   "freeMicros": 97800000,
   "owedUsd": "0.00",
   "owedMicros": 0,
   "exposure": {
    "committedUsd": "2.20",
    "committedMicros": 2200000,
    "wholePoolUsd": "3.40",
    "wholePoolMicros": 3400000,
    "atMostUsd": "3.40",
    "atMostMicros": 3400000
   },
   "forecast": null,
   "daily": null,
   "limits": [],
   "organisation": null,
   "warnings": [],
   "waiting": null
  }
 },
 "GET /v1/campaigns/:id/judges": {
  "200": {
   "items": [],
   "nextCursor": null,
   "cards": [],
   "decidedAlone": 0,
   "aloneUsd": "0.00",
   "aloneMicros": 0,
   "decidedWithPeople": 0,
   "withPeopleUsd": "0.00",
   "withPeopleMicros": 0,
   "reopened": 0
  }
 },
 "GET /v1/campaigns/:id/pay": {
  "200": {
   "priceUsd": "0.05",
   "priceMicros": 50000,
   "regions": [
    {
     "region": "DE",
     "answers": 1,
     "secondsEach": 6.5,
     "hourlyUsd": null,
     "hourlyMicros": null,
     "floorUsd": "14.00",
     "floorMicros": 14000000,
     "meetsFloor": true,
     "rightPriceUsd": null,
     "rightPriceMicros": null
    }
   ],
   "warnings": [],
   "notices": []
  }
 },
 "GET /v1/campaigns/:id/platforms": {
  "200": {
   "window": 5000,
   "items": [
    {
     "platform": "internal",
     "kind": "person",
     "annotators": 1,
     "answers": 1,
     "spentUsd": "0.00",
     "spentMicros": 0,
     "answerUsd": "0.00",
     "answerMicros": 0,
     "secondsToAnswer": {
      "p50": 6.5,
      "p90": 6.5
     },
     "workSeconds": {
      "p50": 6.5,
      "p90": 6.5
     },
     "goldShare": 0,
     "accuracy": null,
     "agreement": null,
     "nearDecisions": null
    }
   ]
  }
 },
 "GET /v1/campaigns/:id/quality": {
  "200": {
   "verdict": "unknown",
   "advice": [
    "Only 0 tasks have two answers or more; it takes 30 to tell."
   ],
   "alpha": null,
   "answers": 1,
   "tasks": 0,
   "confused": [],
   "comments": [
    {
     "taskId": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
     "annotatorId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
     "on": "skip",
     "text": "My shift is over.",
     "at": "2026-05-04T09:30:00.000Z"
    },
    {
     "taskId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
     "annotatorId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
     "on": "skip",
     "text": "broken: the picture is missing",
     "at": "2026-05-04T09:30:00.000Z"
    },
    {
     "taskId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
     "annotatorId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
     "on": "skip",
     "text": "cannot_tell",
     "at": "2026-05-04T09:30:00.000Z"
    }
   ]
  }
 },
 "GET /v1/campaigns/:id/template": {
  "200": {
   "mode": "streaming",
   "name": "Support messages by topic (copy)",
   "seed": "quorate",
   "stop": {},
   "tier": "crowd",
   "type": "classification",
   "config": {
    "labels": [
     "billing",
     "delivery",
     "other"
    ]
   },
   "leaseMs": 1800000,
   "quality": {
    "tooFastS": 5,
    "tooSlowS": 600,
    "clockSkewS": 2,
    "copiedText": {
     "factor": 0.3,
     "minCharacters": 40,
     "minSimilarity": 0.8
    },
    "goldMinSeen": 10,
    "learnedTimes": null,
    "positionBias": {
     "factor": 0.5,
     "maxChance": 0.001,
     "minExcess": 0.2,
     "minAnswers": 20
    },
    "contradiction": {
     "factor": 0.7,
     "minDistance": 0.5,
     "minSimilarity": 0.9
    },
    "recentAnswers": 50,
    "tooFastFactor": 0.3,
    "tooSlowFactor": 0.8,
    "straightLining": {
     "factor": 0.5,
     "minRun": 10,
     "maxChance": 0.001,
     "minPeerAnswers": 30
    },
    "belowGoldFactor": 0.3,
    "goldMinAccuracy": 0.7,
    "lowPeerAgreement": {
     "share": 0.5,
     "factor": 0.5,
     "minTasks": 15,
     "certainty": 0.99,
     "minPeerExcess": 0.2
    },
    "goldIncorrectFactor": 0.5,
    "honeypotFailedFactor": 0.3,
    "timeOverstatedFactor": 0.8
   },
   "strategy": "combined",
   "windowMs": 259200000,
   "batchSize": 100,
   "goldFloor": 10,
   "goldRatio": 0.05,
   "maxLeases": 5,
   "simulated": false,
   "escalation": [
    {
     "step": "raise_priority"
    },
    {
     "step": "widen_tier"
    },
    {
     "step": "give_up"
    }
   ],
   "firstBatch": 25,
   "redundancy": 5,
   "refitEvery": 100,
   "workforces": [
    "internal"
   ],
   "calibration": {
    "examples": 3,
    "required": false,
    "questions": 10,
    "passAccuracy": 0.7,
    "retryAfterDays": 7
   },
   "consistency": null,
   "lateAnswers": "pay",
   "maxInFlight": 500,
   "instructions": "Choose what the customer wants something done about.",
   "maxRedundancy": 5,
   "minConfidence": 0.6,
   "whenContested": "accept",
   "adjudicationMs": 604800000,
   "onDisagreement": "accept",
   "redundancyPolicy": "fixed",
   "budgetUsd": "150.00",
   "priceUsd": "0.05",
   "agreementWatch": {
    "minTasks": 50,
    "pauseBelow": 0.6,
    "windowAnswers": 2000,
    "calibratedAbove": 0.8
   },
   "evaluation": {
    "share": 0.1
   }
  }
 },
 "GET /v1/cost": {
  "200": {
   "unusual": [],
   "campaign": null,
   "measured": null,
   "measuredElsewhere": [],
   "estimates": [
    {
     "platform": "mturk",
     "tasks": 1000,
     "redundancy": 3,
     "totalAnnotations": 3150,
     "costPerAnnotation": 0.625,
     "baseCost": 1969,
     "platformFee": 393.8,
     "reviewCost": 125,
     "totalCost": 2488,
     "costPerTask": 2.488
    }
   ],
   "breakEven": {
    "hostingUsd": "10000.00",
    "hostingMicros": 10000000000,
    "platforms": [
     {
      "platform": "mturk",
      "tasksAMonth": 33863
     }
    ]
   },
   "listPrices": null
  }
 },
 "GET /v1/cost/settings": {
  "200": {
   "set": {
    "hourlyUsd": {
     "crowd": "14.00"
    },
    "seconds": {
     "span": 70
    },
    "fee": {
     "scale_ai": 0.35
    }
   },
   "figures": [
    {
     "name": "hourlyUsd.crowd",
     "value": 14,
     "usual": 12
    },
    {
     "name": "hourlyUsd.trained",
     "value": 25,
     "usual": 25
    },
    {
     "name": "hourlyUsd.expert",
     "value": 50,
     "usual": 50
    }
   ]
  }
 },
 "GET /v1/invitations/:token": {
  "200": {
   "email": "ana@example.org",
   "role": "annotator",
   "organisation": "Acme",
   "expiresAt": "2026-05-11T09:30:00.000Z"
  }
 },
 "GET /v1/ledger/entries": {
  "200": {
   "items": [
    {
     "id": "51",
     "at": "2026-05-04T09:30:00.000Z",
     "kind": "bonus",
     "payee": "annotator",
     "fromAccount": "reserved",
     "toAccount": "annotator_payable",
     "amountUsd": "2.50",
     "amountMicros": 2500000,
     "campaignId": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
     "taskId": null,
     "assignmentId": null,
     "annotationId": null,
     "annotatorId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
     "orderId": null,
     "adjustmentId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
     "paymentId": null,
     "key": "bonus:0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10"
    },
    {
     "id": "50",
     "at": "2026-05-04T09:30:00.000Z",
     "kind": "reserve",
     "payee": "annotator",
     "fromAccount": "requester_funds",
     "toAccount": "reserved",
     "amountUsd": "2.50",
     "amountMicros": 2500000,
     "campaignId": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
     "taskId": null,
     "assignmentId": null,
     "annotationId": null,
     "annotatorId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
     "orderId": null,
     "adjustmentId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
     "paymentId": null,
     "key": "reserve:0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10"
    },
    {
     "id": "49",
     "at": "2026-05-04T09:30:00.000Z",
     "kind": "spend",
     "payee": "annotator",
     "fromAccount": "reserved",
     "toAccount": "annotator_payable",
     "amountUsd": "0.05",
     "amountMicros": 50000,
     "campaignId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
     "taskId": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
     "assignmentId": "0192f5b0-0006-7c1a-9b1e-3f2f6c1f8a10",
     "annotationId": "0192f5b0-0007-7c1a-9b1e-3f2f6c1f8a10",
     "annotatorId": "0192f5b0-0008-7c1a-9b1e-3f2f6c1f8a10",
     "orderId": null,
     "adjustmentId": null,
     "paymentId": null,
     "key": "spend:0192f5b0-0007-7c1a-9b1e-3f2f6c1f8a10"
    }
   ],
   "nextCursor": "2"
  }
 },
 "GET /v1/me": {
  "200": {
   "user": null,
   "role": "annotator",
   "organisation": {
    "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
    "name": "Default",
    "first": true
   },
   "annotatorId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "annotator": {
    "id": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
    "name": "A0",
    "tier": "crowd",
    "specializations": [],
    "standing": "active",
    "standingReason": null,
    "answers": 1
   }
  }
 },
 "GET /v1/me/answers": {
  "200": {
   "items": [
    {
     "annotationId": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
     "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
     "campaign": "Spam",
     "shown": "Message 0",
     "label": "delivery",
     "submittedAt": "2026-05-04T09:30:00.000Z",
     "contested": false
    }
   ],
   "nextCursor": null
  }
 },
 "GET /v1/me/assignments": {
  "200": {
   "items": []
  }
 },
 "GET /v1/me/calibrations": {
  "200": {
   "items": [],
   "heldBack": []
  }
 },
 "GET /v1/me/calibrations/:id": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "taskType": "classification",
   "reason": "recalibration",
   "state": "open",
   "questions": 6,
   "needed": 5,
   "answered": 0,
   "right": 0,
   "startedAt": "2026-05-04T09:30:00.000Z",
   "endedAt": null,
   "type": "classification",
   "config": {
    "labels": [
     "billing",
     "delivery",
     "other"
    ]
   },
   "instructions": "Is this e-mail spam?",
   "paid": false,
   "examples": [
    {
     "number": 1,
     "payload": {
      "text": "Where is my parcel?"
     },
     "label": "delivery"
    },
    {
     "number": 2,
     "payload": {
      "text": "Where is my parcel?"
     },
     "label": "delivery"
    }
   ],
   "question": {
    "number": 1,
    "payload": {
     "text": "Where is my parcel?"
    }
   }
  }
 },
 "GET /v1/me/earnings": {
  "200": {
   "period": "2026-05",
   "answers": 0,
   "accruedUsd": "0.00",
   "accruedMicros": 0,
   "focusedHours": 0,
   "perHourUsd": null,
   "perHourMicros": null,
   "adjustedUsd": "0.00",
   "adjustedMicros": 0,
   "payouts": [],
   "campaigns": []
  }
 },
 "GET /v1/me/payout-account": {
  "200": {
   "holder": "Ana Müller",
   "account": "DE89370400440532013000",
   "bic": "COBADEFFXXX",
   "region": null,
   "regionAsked": "DE"
  }
 },
 "GET /v1/me/statistics": {
  "200": {
   "answers": 1,
   "answersToday": 1,
   "earnedUsd": "0.00",
   "earnedMicros": 0,
   "pendingUsd": "0.05",
   "pendingMicros": 50000,
   "sentUsd": "0.00",
   "sentMicros": 0,
   "standing": "active",
   "standingReason": null,
   "standings": [],
   "recent": [
    {
     "annotationId": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
     "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
     "campaign": "Spam",
     "shown": "Message 0",
     "label": "delivery",
     "submittedAt": "2026-05-04T09:30:00.000Z",
     "contested": false
    }
   ]
  }
 },
 "GET /v1/me/work": {
  "200": {
   "why": "none",
   "until": null
  }
 },
 "GET /v1/pay-floors": {
  "200": {
   "floors": [
    {
     "region": "DE",
     "hourlyUsd": "14.00",
     "hourlyMicros": 14000000
    }
   ]
  }
 },
 "GET /v1/payouts/:id": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "period": "2026-05",
   "state": "exported",
   "startedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "startedByName": "owner",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "frozenAt": "2026-05-04T09:30:00.000Z",
   "approvedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "approvedByName": "owner",
   "exportedAt": "2026-05-04T09:30:00.000Z",
   "closedAt": null,
   "note": null,
   "items": 2,
   "ambiguous": 0,
   "withoutAccount": 1,
   "withoutAccountUsd": "0.40",
   "withoutAccountMicros": 400000,
   "totalUsd": "2.60",
   "totalMicros": 2600000,
   "waitingUsd": "2.60",
   "waitingMicros": 2600000,
   "paidUsd": "0.00",
   "paidMicros": 0,
   "failedUsd": "0.00",
   "failedMicros": 0,
   "differenceUsd": "2.60",
   "differenceMicros": 2600000,
   "fourEyes": false,
   "cannotApprove": null,
   "payments": [
    {
     "id": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
     "recipient": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
     "name": "A0",
     "channel": "bank",
     "paidBy": "transfer",
     "state": "sent",
     "reference": "0192f5b000017c1a9b1e3f2f6c1f8a10",
     "amountUsd": "2.55",
     "amountMicros": 2550000,
     "note": null,
     "settlement": null
    },
    {
     "id": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
     "recipient": "0192f5b0-0006-7c1a-9b1e-3f2f6c1f8a10",
     "name": "A0",
     "channel": "bank",
     "paidBy": "transfer",
     "state": "sent",
     "reference": "0192f5b000017c1a9b1e3f2f6c1f8a10",
     "amountUsd": "0.05",
     "amountMicros": 50000,
     "note": null,
     "settlement": null
    }
   ],
   "paymentsCursor": null
  }
 },
 "GET /v1/setup": {
  "200": {
   "needsOwner": true,
   "singleSignOn": {
    "providerId": "oidc",
    "name": "Acme login"
   },
   "mails": true
  }
 },
 "GET /v1/tasks/:id": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "key": "message-0",
   "kind": "work",
   "state": "open",
   "round": 1,
   "redundancy": 3,
   "priority": 1,
   "tier": "crowd",
   "workforce": "internal",
   "domain": null,
   "group": null,
   "priceUsd": "0.05",
   "priceMicros": 50000,
   "policyVersion": 1,
   "instructionsVersion": 1,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "closedAt": null,
   "decision": null,
   "story": {
    "workflowUrl": null,
    "payload": {
     "text": "Message 0"
    },
    "gold": null,
    "selection": {
     "strategy": "random"
    },
    "assignments": [
     {
      "id": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
      "annotatorId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
      "annotator": "A0",
      "state": "submitted",
      "priceUsd": "0.05",
      "priceMicros": 50000,
      "leasedAt": "2026-05-04T09:30:00.000Z",
      "expiresAt": "2026-05-11T09:30:00.000Z",
      "closedAt": "2026-05-04T09:30:00.000Z",
      "note": null,
      "routing": {
       "score": 1.5,
       "quality": 1,
       "priority": 0.5,
       "specialization": 0,
       "why": "crowd meets crowd; quality 0.50 x 2 + priority 1 x 0.5 = 1.50 by today's quality; equals go in the order of the queue"
      }
     }
    ],
    "annotations": [
     {
      "id": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
      "assignmentId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
      "annotatorId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
      "annotator": "A0",
      "label": "delivery",
      "presentation": null,
      "counted": true,
      "timeSpentS": 6.5,
      "confidence": 0.9,
      "score": null,
      "confidenceWithout": null,
      "flags": [],
      "evidence": null,
      "comment": null,
      "priceUsd": "0.05",
      "priceMicros": 50000,
      "payState": "pending",
      "submittedAt": "2026-05-04T09:30:00.000Z"
     }
    ],
    "judgement": {
     "label": "delivery",
     "confidence": 1,
     "distribution": {
      "delivery": 1
     },
     "method": "weighted_vote",
     "answers": [
      {
       "annotationId": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
       "weight": 0.5,
       "share": 1,
       "confidenceWithout": null
      }
     ]
    },
    "events": [],
    "reopenings": [],
    "rulings": [],
    "revisions": [],
    "ledger": [
     {
      "kind": "reserve",
      "amountUsd": "0.15",
      "amountMicros": 150000,
      "key": "reserve:0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
      "annotatorId": null,
      "createdAt": "2026-05-04T09:30:00.000Z"
     }
    ]
   }
  }
 },
 "PATCH /v1/annotators/:id": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "A0",
   "kind": "person",
   "workforce": "night shift",
   "tier": "expert",
   "specializations": [],
   "languages": [
    "en",
    "ar"
   ],
   "standing": "active",
   "standingReason": null,
   "qualityScore": 0.5,
   "goldTotal": 20,
   "goldCorrect": 20,
   "simulated": false,
   "createdAt": "2026-05-04T09:30:00.000Z"
  }
 },
 "PATCH /v1/campaigns/:id": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "Support messages by topic",
   "type": "classification",
   "strategy": "combined",
   "tier": "crowd",
   "state": "draft",
   "stopReason": null,
   "simulated": false,
   "policyVersion": 2,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "startedAt": null,
   "pausedAt": null,
   "endedAt": null,
   "round": 0,
   "counts": {
    "pool": 1,
    "gold": 1,
    "tasksOpen": 0,
    "tasksAdjudicating": 0,
    "tasksDecided": 0,
    "tasksAdjudicated": 0,
    "tasksUnresolved": 0,
    "tasksCancelled": 0,
    "annotations": 0,
    "goldAnnotations": 0,
    "expiredLeases": 0,
    "windowsElapsed": 0,
    "escalations": 0
   },
   "budget": {
    "capUsd": "150.00",
    "capMicros": 150000000,
    "reservedUsd": "0.00",
    "reservedMicros": 0,
    "spentUsd": "0.00",
    "spentMicros": 0,
    "freeUsd": "150.00",
    "freeMicros": 150000000
   },
   "rounds": [],
   "forecast": null,
   "autoLabeling": null,
   "agreement": {
    "metric": "krippendorff_alpha",
    "alpha": null,
    "undefinedBecause": "no task has two answers",
    "byScale": {},
    "answers": 0
   },
   "eligibleAnnotators": 0,
   "settings": {
    "mode": "streaming",
    "name": "Support messages by topic",
    "seed": "quorate",
    "stop": {},
    "tier": "crowd",
    "type": "classification",
    "config": {
     "labels": [
      "billing",
      "delivery",
      "other"
     ]
    },
    "leaseMs": 1800000,
    "quality": {
     "tooFastS": 5,
     "tooSlowS": 600,
     "clockSkewS": 2,
     "copiedText": {
      "factor": 0.3,
      "minCharacters": 40,
      "minSimilarity": 0.8
     },
     "goldMinSeen": 10,
     "learnedTimes": null,
     "positionBias": {
      "factor": 0.5,
      "maxChance": 0.001,
      "minExcess": 0.2,
      "minAnswers": 20
     },
     "contradiction": {
      "factor": 0.7,
      "minDistance": 0.5,
      "minSimilarity": 0.9
     },
     "recentAnswers": 50,
     "tooFastFactor": 0.3,
     "tooSlowFactor": 0.8,
     "straightLining": {
      "factor": 0.5,
      "minRun": 10,
      "maxChance": 0.001,
      "minPeerAnswers": 30
     },
     "belowGoldFactor": 0.3,
     "goldMinAccuracy": 0.7,
     "lowPeerAgreement": {
      "share": 0.5,
      "factor": 0.5,
      "minTasks": 15,
      "certainty": 0.99,
      "minPeerExcess": 0.2
     },
     "goldIncorrectFactor": 0.5,
     "honeypotFailedFactor": 0.3,
     "timeOverstatedFactor": 0.8
    },
    "strategy": "combined",
    "windowMs": 259200000,
    "batchSize": 100,
    "goldFloor": 10,
    "goldRatio": 0.05,
    "maxLeases": 5,
    "simulated": false,
    "escalation": [
     {
      "step": "raise_priority"
     },
     {
      "step": "widen_tier"
     },
     {
      "step": "give_up"
     }
    ],
    "evaluation": {
     "share": 0.1
    },
    "firstBatch": 25,
    "redundancy": 5,
    "refitEvery": 100,
    "workforces": [
     "internal"
    ],
    "calibration": {
     "examples": 3,
     "required": false,
     "questions": 10,
     "passAccuracy": 0.7,
     "retryAfterDays": 7
    },
    "consistency": null,
    "lateAnswers": "pay",
    "maxInFlight": 500,
    "instructions": "Choose what the customer wants something done about.",
    "maxRedundancy": 5,
    "minConfidence": 0.6,
    "whenContested": "accept",
    "adjudicationMs": 604800000,
    "agreementWatch": {
     "minTasks": 50,
     "pauseBelow": 0.6,
     "windowAnswers": 2000,
     "calibratedAbove": 0.8
    },
    "onDisagreement": "accept",
    "redundancyPolicy": "fixed",
    "priceUsd": "0.05",
    "priceMicros": 50000
   }
  }
 },
 "PATCH /v1/members/:id": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "rosa",
   "email": "rosa@example.org",
   "role": "reviewer",
   "annotatorId": null,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "annotatorKeysEnded": 0,
   "withoutKey": []
  }
 },
 "POST /v1/adjustments/:id/dispute": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "kind": "deduction",
   "state": "proposed",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "annotatorId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
   "annotationId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
   "amountUsd": "0.05",
   "amountMicros": 50000,
   "reason": "Answered without reading.",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "disputableUntil": "2026-05-11T09:30:00.000Z",
   "statement": "The text was short; I did read it.",
   "reviewedAt": null,
   "note": null,
   "vendorBonus": null
  }
 },
 "POST /v1/adjustments/:id/review": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "kind": "deduction",
   "state": "dismissed",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "annotatorId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
   "annotationId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
   "amountUsd": "0.05",
   "amountMicros": 50000,
   "reason": "Answered without reading.",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "disputableUntil": "2026-05-11T09:30:00.000Z",
   "statement": "The text was short; I did read it.",
   "reviewedAt": "2026-05-04T09:30:00.000Z",
   "note": "The answer is right.",
   "vendorBonus": null,
   "annotator": "A0",
   "campaign": "Spam",
   "taskId": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10"
  }
 },
 "POST /v1/annotations/:id/contest": {
  "201": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "annotationId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "createdAt": "2026-05-04T09:30:00.000Z"
  }
 },
 "POST /v1/annotations/:id/deduction": {
  "201": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "kind": "deduction",
   "state": "proposed",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "annotatorId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
   "annotationId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
   "amountUsd": "0.05",
   "amountMicros": 50000,
   "reason": "Answered without reading.",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "disputableUntil": "2026-05-11T09:30:00.000Z",
   "statement": null,
   "reviewedAt": null,
   "note": null,
   "vendorBonus": null,
   "annotator": "A0",
   "campaign": "Spam",
   "taskId": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10"
  }
 },
 "POST /v1/annotators/:id/key": {
  "201": {
   "apiKey": "qk_shown_this_once"
  }
 },
 "POST /v1/annotators/:id/quarantine": {
  "200": {
   "examined": 8,
   "open": 0,
   "apart": 8,
   "stays": 0,
   "flips": 0,
   "unanswered": 0,
   "belowConfidence": 0,
   "affected": [],
   "repairUsd": "0.00",
   "repairMicros": 0,
   "reopenUsd": "0.00",
   "reopenMicros": 0,
   "replaceAllUsd": "0.00",
   "replaceAllMicros": 0,
   "nextCursor": null,
   "revised": 0,
   "missed": 0,
   "reopened": 0,
   "overBudget": 0,
   "reservedUsd": "0.00",
   "reservedMicros": 0
  }
 },
 "POST /v1/annotators/:id/recalibrate": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "A0",
   "kind": "person",
   "workforce": "internal",
   "tier": "crowd",
   "specializations": [],
   "languages": [],
   "standing": "active",
   "standingReason": null,
   "qualityScore": 0.5,
   "goldTotal": 20,
   "goldCorrect": 20,
   "simulated": false,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "answers": 8,
   "standings": [],
   "standingChanges": []
  }
 },
 "POST /v1/annotators/:id/region": {
  "200": {
   "done": true
  }
 },
 "POST /v1/annotators/:id/reinstate": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "A0",
   "kind": "person",
   "workforce": "internal",
   "tier": "crowd",
   "specializations": [],
   "languages": [],
   "standing": "active",
   "standingReason": null,
   "qualityScore": 0.5,
   "goldTotal": 20,
   "goldCorrect": 20,
   "simulated": false,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "answers": 8,
   "standings": [],
   "standingChanges": []
  }
 },
 "POST /v1/annotators/:id/suspend": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "A0",
   "kind": "person",
   "workforce": "internal",
   "tier": "crowd",
   "specializations": [],
   "languages": [],
   "standing": "active",
   "standingReason": null,
   "qualityScore": 0.5,
   "goldTotal": 20,
   "goldCorrect": 20,
   "simulated": false,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "answers": 8,
   "standings": [],
   "standingChanges": []
  }
 },
 "POST /v1/appeals/:id/resolve": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "state": "rejected",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "campaign": "Spam",
   "taskId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
   "key": "message-0",
   "kind": "work",
   "annotationId": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
   "annotatorId": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
   "annotator": "A0",
   "label": "other",
   "gold": null,
   "reason": "The text names both, and the instructions say the first.",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "resolvedBy": "0192f5b0-0006-7c1a-9b1e-3f2f6c1f8a10",
   "note": "The instructions say the last.",
   "resolvedAt": "2026-05-04T09:30:00.000Z",
   "goldBefore": null,
   "changedVerdicts": null
  }
 },
 "POST /v1/assignments/:id/extend": {
  "200": {
   "assignmentId": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "expiresAt": "2026-05-11T09:30:00.000Z"
  }
 },
 "POST /v1/auth/change-password": {
  "200": {
   "token": "8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo",
   "user": {
    "name": "Ana",
    "email": "ana@example.org",
    "emailVerified": true,
    "image": null,
    "createdAt": "2026-05-04T09:30:00.000Z",
    "updatedAt": "2026-05-04T09:30:00.000Z",
    "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10"
   }
  }
 },
 "POST /v1/auth/request-password-reset": {
  "200": {
   "status": true,
   "message": "If this email exists in our system, check your email for the reset link"
  }
 },
 "POST /v1/auth/reset-password": {
  "200": {
   "status": true
  }
 },
 "POST /v1/auth/sign-in/email": {
  "200": {
   "redirect": false,
   "token": "8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo",
   "user": {
    "name": "Ana",
    "email": "ana@example.org",
    "emailVerified": true,
    "image": null,
    "createdAt": "2026-05-04T09:30:00.000Z",
    "updatedAt": "2026-05-04T09:30:00.000Z",
    "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10"
   }
  }
 },
 "POST /v1/auth/sign-in/social": {
  "200": {
   "url": "https://login.example.org/authorize?response_type=code&client_id=quorate&state=8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo&scope=openid+email+profile&redirect_uri=http%3A%2F%2Flocalhost%3A7400%2Fv1%2Fauth%2Fcallback%2Foidc&nonce=8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo&code_challenge_method=S256&code_challenge=8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo",
   "redirect": true
  }
 },
 "POST /v1/auth/sign-out": {
  "200": {
   "success": true
  }
 },
 "POST /v1/campaigns/:id/bonuses": {
  "201": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "kind": "bonus",
   "state": "applied",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "annotatorId": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
   "annotationId": null,
   "amountUsd": "2.50",
   "amountMicros": 2500000,
   "reason": "Found what was wrong with the instructions.",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "disputableUntil": null,
   "statement": null,
   "reviewedAt": null,
   "note": null,
   "vendorBonus": null,
   "annotator": "A0",
   "campaign": "Spam",
   "taskId": null
  }
 },
 "POST /v1/campaigns/:id/judges/:annotatorId/measure-anew": {
  "200": {
   "trust": "learning"
  }
 },
 "POST /v1/campaigns/:id/judges/:annotatorId/re-ask": {
  "200": {
   "reopened": 0,
   "taskIds": [],
   "overBudget": 0,
   "left": 0,
   "reservedUsd": "0.00",
   "reservedMicros": 0
  }
 },
 "POST /v1/campaigns/:id/judges/:annotatorId/re-ask/preview": {
  "200": {
   "judge": "judge:m-1:v1",
   "replacedBy": null,
   "tasks": 0,
   "answers": 1,
   "costUsd": "0.00",
   "costMicros": 0,
   "reserveUsd": "0.00",
   "reserveMicros": 0,
   "freeUsd": "98.20",
   "freeMicros": 98200000
  }
 },
 "POST /v1/campaigns/:id/pause": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "Support messages by topic",
   "type": "classification",
   "strategy": "combined",
   "tier": "crowd",
   "state": "running",
   "stopReason": null,
   "simulated": false,
   "policyVersion": 2,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "startedAt": "2026-05-04T09:30:00.000Z",
   "pausedAt": null,
   "endedAt": null,
   "round": 0,
   "counts": {
    "pool": 1,
    "gold": 1,
    "tasksOpen": 0,
    "tasksAdjudicating": 0,
    "tasksDecided": 0,
    "tasksAdjudicated": 0,
    "tasksUnresolved": 0,
    "tasksCancelled": 0,
    "annotations": 0,
    "goldAnnotations": 0,
    "expiredLeases": 0,
    "windowsElapsed": 0,
    "escalations": 0
   },
   "budget": {
    "capUsd": "150.00",
    "capMicros": 150000000,
    "reservedUsd": "0.00",
    "reservedMicros": 0,
    "spentUsd": "0.00",
    "spentMicros": 0,
    "freeUsd": "150.00",
    "freeMicros": 150000000
   },
   "rounds": [],
   "forecast": null,
   "autoLabeling": null,
   "agreement": {
    "metric": "krippendorff_alpha",
    "alpha": null,
    "undefinedBecause": "no task has two answers",
    "byScale": {},
    "answers": 0
   },
   "eligibleAnnotators": 5,
   "settings": {
    "mode": "streaming",
    "name": "Support messages by topic",
    "seed": "quorate",
    "stop": {},
    "tier": "crowd",
    "type": "classification",
    "config": {
     "labels": [
      "billing",
      "delivery",
      "other"
     ]
    },
    "leaseMs": 1800000,
    "quality": {
     "tooFastS": 5,
     "tooSlowS": 600,
     "clockSkewS": 2,
     "copiedText": {
      "factor": 0.3,
      "minCharacters": 40,
      "minSimilarity": 0.8
     },
     "goldMinSeen": 10,
     "learnedTimes": null,
     "positionBias": {
      "factor": 0.5,
      "maxChance": 0.001,
      "minExcess": 0.2,
      "minAnswers": 20
     },
     "contradiction": {
      "factor": 0.7,
      "minDistance": 0.5,
      "minSimilarity": 0.9
     },
     "recentAnswers": 50,
     "tooFastFactor": 0.3,
     "tooSlowFactor": 0.8,
     "straightLining": {
      "factor": 0.5,
      "minRun": 10,
      "maxChance": 0.001,
      "minPeerAnswers": 30
     },
     "belowGoldFactor": 0.3,
     "goldMinAccuracy": 0.7,
     "lowPeerAgreement": {
      "share": 0.5,
      "factor": 0.5,
      "minTasks": 15,
      "certainty": 0.99,
      "minPeerExcess": 0.2
     },
     "goldIncorrectFactor": 0.5,
     "honeypotFailedFactor": 0.3,
     "timeOverstatedFactor": 0.8
    },
    "strategy": "combined",
    "windowMs": 259200000,
    "batchSize": 100,
    "goldFloor": 10,
    "goldRatio": 0.05,
    "maxLeases": 5,
    "simulated": false,
    "escalation": [
     {
      "step": "raise_priority"
     },
     {
      "step": "widen_tier"
     },
     {
      "step": "give_up"
     }
    ],
    "evaluation": {
     "share": 0.1
    },
    "firstBatch": 25,
    "redundancy": 5,
    "refitEvery": 100,
    "workforces": [
     "internal"
    ],
    "calibration": {
     "examples": 3,
     "required": false,
     "questions": 10,
     "passAccuracy": 0.7,
     "retryAfterDays": 7
    },
    "consistency": null,
    "lateAnswers": "pay",
    "maxInFlight": 500,
    "instructions": "Choose what the customer wants something done about.",
    "maxRedundancy": 5,
    "minConfidence": 0.6,
    "whenContested": "accept",
    "adjudicationMs": 604800000,
    "agreementWatch": {
     "minTasks": 50,
     "pauseBelow": 0.6,
     "windowAnswers": 2000,
     "calibratedAbove": 0.8
    },
    "onDisagreement": "accept",
    "redundancyPolicy": "fixed",
    "priceUsd": "0.05",
    "priceMicros": 50000
   }
  }
 },
 "POST /v1/campaigns/:id/predictions": {
  "200": {
   "accepted": 2,
   "rejected": [],
   "rejectedCount": 0
  }
 },
 "POST /v1/campaigns/:id/re-ask": {
  "200": {
   "reopened": 8,
   "taskIds": [
    "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
    "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
    "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
    "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
    "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
    "0192f5b0-0006-7c1a-9b1e-3f2f6c1f8a10",
    "0192f5b0-0007-7c1a-9b1e-3f2f6c1f8a10",
    "0192f5b0-0008-7c1a-9b1e-3f2f6c1f8a10"
   ],
   "overBudget": 0,
   "left": 0,
   "reservedUsd": "0.40",
   "reservedMicros": 400000
  }
 },
 "POST /v1/campaigns/:id/re-ask/preview": {
  "200": {
   "instructionsVersion": 2,
   "tasks": 0,
   "answers": 1,
   "costUsd": "0.00",
   "costMicros": 0,
   "reserveUsd": "0.00",
   "reserveMicros": 0,
   "freeUsd": "98.60",
   "freeMicros": 98600000,
   "sample": []
  }
 },
 "POST /v1/campaigns/:id/resume": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "Support messages by topic",
   "type": "classification",
   "strategy": "combined",
   "tier": "crowd",
   "state": "running",
   "stopReason": null,
   "simulated": false,
   "policyVersion": 2,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "startedAt": "2026-05-04T09:30:00.000Z",
   "pausedAt": null,
   "endedAt": null,
   "round": 0,
   "counts": {
    "pool": 1,
    "gold": 1,
    "tasksOpen": 0,
    "tasksAdjudicating": 0,
    "tasksDecided": 0,
    "tasksAdjudicated": 0,
    "tasksUnresolved": 0,
    "tasksCancelled": 0,
    "annotations": 0,
    "goldAnnotations": 0,
    "expiredLeases": 0,
    "windowsElapsed": 0,
    "escalations": 0
   },
   "budget": {
    "capUsd": "150.00",
    "capMicros": 150000000,
    "reservedUsd": "0.00",
    "reservedMicros": 0,
    "spentUsd": "0.00",
    "spentMicros": 0,
    "freeUsd": "150.00",
    "freeMicros": 150000000
   },
   "rounds": [],
   "forecast": null,
   "autoLabeling": null,
   "agreement": {
    "metric": "krippendorff_alpha",
    "alpha": null,
    "undefinedBecause": "no task has two answers",
    "byScale": {},
    "answers": 0
   },
   "eligibleAnnotators": 5,
   "settings": {
    "mode": "streaming",
    "name": "Support messages by topic",
    "seed": "quorate",
    "stop": {},
    "tier": "crowd",
    "type": "classification",
    "config": {
     "labels": [
      "billing",
      "delivery",
      "other"
     ]
    },
    "leaseMs": 1800000,
    "quality": {
     "tooFastS": 5,
     "tooSlowS": 600,
     "clockSkewS": 2,
     "copiedText": {
      "factor": 0.3,
      "minCharacters": 40,
      "minSimilarity": 0.8
     },
     "goldMinSeen": 10,
     "learnedTimes": null,
     "positionBias": {
      "factor": 0.5,
      "maxChance": 0.001,
      "minExcess": 0.2,
      "minAnswers": 20
     },
     "contradiction": {
      "factor": 0.7,
      "minDistance": 0.5,
      "minSimilarity": 0.9
     },
     "recentAnswers": 50,
     "tooFastFactor": 0.3,
     "tooSlowFactor": 0.8,
     "straightLining": {
      "factor": 0.5,
      "minRun": 10,
      "maxChance": 0.001,
      "minPeerAnswers": 30
     },
     "belowGoldFactor": 0.3,
     "goldMinAccuracy": 0.7,
     "lowPeerAgreement": {
      "share": 0.5,
      "factor": 0.5,
      "minTasks": 15,
      "certainty": 0.99,
      "minPeerExcess": 0.2
     },
     "goldIncorrectFactor": 0.5,
     "honeypotFailedFactor": 0.3,
     "timeOverstatedFactor": 0.8
    },
    "strategy": "combined",
    "windowMs": 259200000,
    "batchSize": 100,
    "goldFloor": 10,
    "goldRatio": 0.05,
    "maxLeases": 5,
    "simulated": false,
    "escalation": [
     {
      "step": "raise_priority"
     },
     {
      "step": "widen_tier"
     },
     {
      "step": "give_up"
     }
    ],
    "evaluation": {
     "share": 0.1
    },
    "firstBatch": 25,
    "redundancy": 5,
    "refitEvery": 100,
    "workforces": [
     "internal"
    ],
    "calibration": {
     "examples": 3,
     "required": false,
     "questions": 10,
     "passAccuracy": 0.7,
     "retryAfterDays": 7
    },
    "consistency": null,
    "lateAnswers": "pay",
    "maxInFlight": 500,
    "instructions": "Choose what the customer wants something done about.",
    "maxRedundancy": 5,
    "minConfidence": 0.6,
    "whenContested": "accept",
    "adjudicationMs": 604800000,
    "agreementWatch": {
     "minTasks": 50,
     "pauseBelow": 0.6,
     "windowAnswers": 2000,
     "calibratedAbove": 0.8
    },
    "onDisagreement": "accept",
    "redundancyPolicy": "fixed",
    "priceUsd": "0.05",
    "priceMicros": 50000
   }
  }
 },
 "POST /v1/campaigns/:id/selection/preview": {
  "200": {
   "strategy": "combined",
   "round": 1,
   "byModel": false,
   "again": null,
   "items": []
  }
 },
 "POST /v1/campaigns/:id/start": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "Support messages by topic",
   "type": "classification",
   "strategy": "combined",
   "tier": "crowd",
   "state": "running",
   "stopReason": null,
   "simulated": false,
   "policyVersion": 2,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "startedAt": "2026-05-04T09:30:00.000Z",
   "pausedAt": null,
   "endedAt": null,
   "round": 0,
   "counts": {
    "pool": 1,
    "gold": 1,
    "tasksOpen": 0,
    "tasksAdjudicating": 0,
    "tasksDecided": 0,
    "tasksAdjudicated": 0,
    "tasksUnresolved": 0,
    "tasksCancelled": 0,
    "annotations": 0,
    "goldAnnotations": 0,
    "expiredLeases": 0,
    "windowsElapsed": 0,
    "escalations": 0
   },
   "budget": {
    "capUsd": "150.00",
    "capMicros": 150000000,
    "reservedUsd": "0.00",
    "reservedMicros": 0,
    "spentUsd": "0.00",
    "spentMicros": 0,
    "freeUsd": "150.00",
    "freeMicros": 150000000
   },
   "rounds": [],
   "forecast": null,
   "autoLabeling": null,
   "agreement": {
    "metric": "krippendorff_alpha",
    "alpha": null,
    "undefinedBecause": "no task has two answers",
    "byScale": {},
    "answers": 0
   },
   "eligibleAnnotators": 5,
   "settings": {
    "mode": "streaming",
    "name": "Support messages by topic",
    "seed": "quorate",
    "stop": {},
    "tier": "crowd",
    "type": "classification",
    "config": {
     "labels": [
      "billing",
      "delivery",
      "other"
     ]
    },
    "leaseMs": 1800000,
    "quality": {
     "tooFastS": 5,
     "tooSlowS": 600,
     "clockSkewS": 2,
     "copiedText": {
      "factor": 0.3,
      "minCharacters": 40,
      "minSimilarity": 0.8
     },
     "goldMinSeen": 10,
     "learnedTimes": null,
     "positionBias": {
      "factor": 0.5,
      "maxChance": 0.001,
      "minExcess": 0.2,
      "minAnswers": 20
     },
     "contradiction": {
      "factor": 0.7,
      "minDistance": 0.5,
      "minSimilarity": 0.9
     },
     "recentAnswers": 50,
     "tooFastFactor": 0.3,
     "tooSlowFactor": 0.8,
     "straightLining": {
      "factor": 0.5,
      "minRun": 10,
      "maxChance": 0.001,
      "minPeerAnswers": 30
     },
     "belowGoldFactor": 0.3,
     "goldMinAccuracy": 0.7,
     "lowPeerAgreement": {
      "share": 0.5,
      "factor": 0.5,
      "minTasks": 15,
      "certainty": 0.99,
      "minPeerExcess": 0.2
     },
     "goldIncorrectFactor": 0.5,
     "honeypotFailedFactor": 0.3,
     "timeOverstatedFactor": 0.8
    },
    "strategy": "combined",
    "windowMs": 259200000,
    "batchSize": 100,
    "goldFloor": 10,
    "goldRatio": 0.05,
    "maxLeases": 5,
    "simulated": false,
    "escalation": [
     {
      "step": "raise_priority"
     },
     {
      "step": "widen_tier"
     },
     {
      "step": "give_up"
     }
    ],
    "evaluation": {
     "share": 0.1
    },
    "firstBatch": 25,
    "redundancy": 5,
    "refitEvery": 100,
    "workforces": [
     "internal"
    ],
    "calibration": {
     "examples": 3,
     "required": false,
     "questions": 10,
     "passAccuracy": 0.7,
     "retryAfterDays": 7
    },
    "consistency": null,
    "lateAnswers": "pay",
    "maxInFlight": 500,
    "instructions": "Choose what the customer wants something done about.",
    "maxRedundancy": 5,
    "minConfidence": 0.6,
    "whenContested": "accept",
    "adjudicationMs": 604800000,
    "agreementWatch": {
     "minTasks": 50,
     "pauseBelow": 0.6,
     "windowAnswers": 2000,
     "calibratedAbove": 0.8
    },
    "onDisagreement": "accept",
    "redundancyPolicy": "fixed",
    "priceUsd": "0.05",
    "priceMicros": 50000
   },
   "warnings": []
  }
 },
 "POST /v1/campaigns/:id/stop": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "Spam",
   "type": "classification",
   "strategy": "combined",
   "tier": "crowd",
   "state": "running",
   "stopReason": null,
   "simulated": false,
   "policyVersion": 1,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "startedAt": "2026-05-04T09:30:00.000Z",
   "pausedAt": null,
   "endedAt": null,
   "round": 1,
   "counts": {
    "pool": 0,
    "gold": 0,
    "tasksOpen": 8,
    "tasksAdjudicating": 0,
    "tasksDecided": 0,
    "tasksAdjudicated": 0,
    "tasksUnresolved": 0,
    "tasksCancelled": 0,
    "annotations": 1,
    "goldAnnotations": 0,
    "expiredLeases": 0,
    "windowsElapsed": 0,
    "escalations": 0
   },
   "budget": {
    "capUsd": "100.00",
    "capMicros": 100000000,
    "reservedUsd": "2.20",
    "reservedMicros": 2200000,
    "spentUsd": "0.00",
    "spentMicros": 0,
    "freeUsd": "97.80",
    "freeMicros": 97800000
   },
   "rounds": [
    {
     "round": 1,
     "state": "selected",
     "strategy": "random",
     "tasks": 8,
     "progress": {
      "open": 8,
      "adjudicating": 0,
      "decided": 0,
      "adjudicated": 0,
      "unresolved": 0,
      "cancelled": 0
     },
     "reservedUsd": "2.20",
     "reservedMicros": 2200000,
     "spentUsd": null,
     "spentMicros": null,
     "trainedOn": null,
     "labels": null,
     "heldOut": null,
     "selectedAt": "2026-05-04T09:30:00.000Z",
     "fittedAt": null
    }
   ],
   "forecast": null,
   "autoLabeling": null,
   "agreement": {
    "metric": "krippendorff_alpha",
    "alpha": null,
    "undefinedBecause": "no task has two answers",
    "byScale": {},
    "answers": 0
   },
   "eligibleAnnotators": 9,
   "settings": {
    "mode": "streaming",
    "name": "Spam",
    "seed": "quorate",
    "stop": {},
    "tier": "crowd",
    "type": "classification",
    "config": {
     "labels": [
      "billing",
      "delivery",
      "other"
     ]
    },
    "leaseMs": 1800000,
    "quality": {
     "tooFastS": 5,
     "tooSlowS": 600,
     "clockSkewS": 2,
     "copiedText": {
      "factor": 0.3,
      "minCharacters": 40,
      "minSimilarity": 0.8
     },
     "goldMinSeen": 10,
     "learnedTimes": null,
     "positionBias": {
      "factor": 0.5,
      "maxChance": 0.001,
      "minExcess": 0.2,
      "minAnswers": 20
     },
     "contradiction": {
      "factor": 0.7,
      "minDistance": 0.5,
      "minSimilarity": 0.9
     },
     "recentAnswers": 50,
     "tooFastFactor": 0.3,
     "tooSlowFactor": 0.8,
     "straightLining": {
      "factor": 0.5,
      "minRun": 10,
      "maxChance": 0.001,
      "minPeerAnswers": 30
     },
     "belowGoldFactor": 0.3,
     "goldMinAccuracy": 0.7,
     "lowPeerAgreement": {
      "share": 0.5,
      "factor": 0.5,
      "minTasks": 15,
      "certainty": 0.99,
      "minPeerExcess": 0.2
     },
     "goldIncorrectFactor": 0.5,
     "honeypotFailedFactor": 0.3,
     "timeOverstatedFactor": 0.8
    },
    "strategy": "combined",
    "windowMs": 259200000,
    "batchSize": 100,
    "goldFloor": 10,
    "goldRatio": 0,
    "maxLeases": 9,
    "simulated": false,
    "escalation": [
     {
      "step": "raise_priority"
     },
     {
      "step": "widen_tier"
     },
     {
      "step": "give_up"
     }
    ],
    "evaluation": {
     "share": 0.1
    },
    "firstBatch": 25,
    "redundancy": 3,
    "refitEvery": 100,
    "workforces": [
     "internal"
    ],
    "calibration": {
     "examples": 3,
     "required": false,
     "questions": 10,
     "passAccuracy": 0.7,
     "retryAfterDays": 7
    },
    "consistency": null,
    "lateAnswers": "pay",
    "maxInFlight": 500,
    "instructions": "Is this e-mail spam?",
    "maxRedundancy": 3,
    "minConfidence": 0.6,
    "whenContested": "accept",
    "adjudicationMs": 604800000,
    "agreementWatch": {
     "minTasks": 50,
     "pauseBelow": 0.6,
     "windowAnswers": 2000,
     "calibratedAbove": 0.8
    },
    "onDisagreement": "accept",
    "redundancyPolicy": "fixed",
    "priceUsd": "0.05",
    "priceMicros": 50000
   }
  }
 },
 "POST /v1/campaigns/:id/vendor-incidents/:incidentId/resolve": {
  "200": {
   "resolved": true
  }
 },
 "POST /v1/invitations": {
  "201": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "email": "ana@example.org",
   "role": "annotator",
   "tier": "trained",
   "workforce": "internal",
   "specializations": [],
   "languages": [
    "en",
    "ar"
   ],
   "state": "open",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "expiresAt": "2026-05-11T09:30:00.000Z",
   "link": "http://localhost:7400/invitations/8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo",
   "mailed": true
  }
 },
 "POST /v1/invitations/:token/accept": {
  "201": {
   "email": "ana@example.org"
  }
 },
 "POST /v1/me/calibrations": {
  "201": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "taskType": "classification",
   "reason": "recalibration",
   "state": "open",
   "questions": 6,
   "needed": 5,
   "answered": 0,
   "right": 0,
   "startedAt": "2026-05-04T09:30:00.000Z",
   "endedAt": null,
   "type": "classification",
   "config": {
    "labels": [
     "billing",
     "delivery",
     "other"
    ]
   },
   "instructions": "Is this e-mail spam?",
   "paid": false,
   "examples": [
    {
     "number": 1,
     "payload": {
      "text": "Where is my parcel?"
     },
     "label": "delivery"
    },
    {
     "number": 2,
     "payload": {
      "text": "Where is my parcel?"
     },
     "label": "delivery"
    }
   ],
   "question": {
    "number": 1,
    "payload": {
     "text": "Where is my parcel?"
    }
   }
  }
 },
 "POST /v1/me/calibrations/:id/answers": {
  "201": {
   "number": 1,
   "correct": true,
   "known": "delivery",
   "session": {
    "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
    "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
    "taskType": "classification",
    "reason": "recalibration",
    "state": "open",
    "questions": 6,
    "needed": 5,
    "answered": 1,
    "right": 1,
    "startedAt": "2026-05-04T09:30:00.000Z",
    "endedAt": null,
    "type": "classification",
    "config": {
     "labels": [
      "billing",
      "delivery",
      "other"
     ]
    },
    "instructions": "Is this e-mail spam?",
    "paid": false,
    "examples": [
     {
      "number": 1,
      "payload": {
       "text": "Where is my parcel?"
      },
      "label": "delivery"
     },
     {
      "number": 2,
      "payload": {
       "text": "Where is my parcel?"
      },
      "label": "delivery"
     }
    ],
    "question": {
     "number": 2,
     "payload": {
      "text": "Where is my parcel?"
     }
    }
   }
  }
 },
 "POST /v1/organisations": {
  "201": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "name": "Radiology",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "invitation": {
    "id": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
    "email": "rita@example.org",
    "role": "owner",
    "tier": null,
    "workforce": null,
    "specializations": [],
    "languages": [],
    "state": "open",
    "createdAt": "2026-05-04T09:30:00.000Z",
    "expiresAt": "2026-05-11T09:30:00.000Z",
    "link": "http://localhost:7400/invitations/8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo",
    "mailed": true
   }
  }
 },
 "POST /v1/payouts": {
  "201": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "period": "2026-05",
   "state": "collecting",
   "startedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "startedByName": "owner",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "frozenAt": null,
   "approvedBy": null,
   "approvedByName": null,
   "exportedAt": null,
   "closedAt": null,
   "note": null,
   "items": 0,
   "ambiguous": 0,
   "withoutAccount": 0,
   "withoutAccountUsd": "0.00",
   "withoutAccountMicros": 0,
   "totalUsd": "0.00",
   "totalMicros": 0,
   "waitingUsd": "0.00",
   "waitingMicros": 0,
   "paidUsd": "0.00",
   "paidMicros": 0,
   "failedUsd": "0.00",
   "failedMicros": 0,
   "differenceUsd": "0.00",
   "differenceMicros": 0,
   "fourEyes": false,
   "cannotApprove": null,
   "payments": [],
   "paymentsCursor": null
  }
 },
 "POST /v1/payouts/:id/approve": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "period": "2026-05",
   "state": "approved",
   "startedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "startedByName": "owner",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "frozenAt": "2026-05-04T09:30:00.000Z",
   "approvedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "approvedByName": "owner",
   "exportedAt": null,
   "closedAt": null,
   "note": null,
   "items": 2,
   "ambiguous": 0,
   "withoutAccount": 1,
   "withoutAccountUsd": "0.40",
   "withoutAccountMicros": 400000,
   "totalUsd": "2.60",
   "totalMicros": 2600000,
   "waitingUsd": "2.60",
   "waitingMicros": 2600000,
   "paidUsd": "0.00",
   "paidMicros": 0,
   "failedUsd": "0.00",
   "failedMicros": 0,
   "differenceUsd": "2.60",
   "differenceMicros": 2600000,
   "fourEyes": false,
   "cannotApprove": null,
   "payments": [
    {
     "id": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
     "recipient": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
     "name": "A0",
     "channel": "bank",
     "paidBy": "transfer",
     "state": "frozen",
     "reference": "0192f5b000017c1a9b1e3f2f6c1f8a10",
     "amountUsd": "2.55",
     "amountMicros": 2550000,
     "note": null,
     "settlement": null
    },
    {
     "id": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
     "recipient": "0192f5b0-0006-7c1a-9b1e-3f2f6c1f8a10",
     "name": "A0",
     "channel": "bank",
     "paidBy": "transfer",
     "state": "frozen",
     "reference": "0192f5b000017c1a9b1e3f2f6c1f8a10",
     "amountUsd": "0.05",
     "amountMicros": 50000,
     "note": null,
     "settlement": null
    }
   ],
   "paymentsCursor": null
  }
 },
 "POST /v1/payouts/:id/cancel": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "period": "2026-05",
   "state": "cancelled",
   "startedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "startedByName": "owner",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "frozenAt": null,
   "approvedBy": null,
   "approvedByName": null,
   "exportedAt": null,
   "closedAt": "2026-05-04T09:30:00.000Z",
   "note": "Begun for the wrong month.",
   "items": 0,
   "ambiguous": 0,
   "withoutAccount": 0,
   "withoutAccountUsd": "0.00",
   "withoutAccountMicros": 0,
   "totalUsd": "0.00",
   "totalMicros": 0,
   "waitingUsd": "0.00",
   "waitingMicros": 0,
   "paidUsd": "0.00",
   "paidMicros": 0,
   "failedUsd": "0.00",
   "failedMicros": 0,
   "differenceUsd": "0.00",
   "differenceMicros": 0,
   "fourEyes": false,
   "cannotApprove": null,
   "payments": [],
   "paymentsCursor": null
  }
 },
 "POST /v1/payouts/:id/report": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "period": "2026-05",
   "state": "exported",
   "startedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "startedByName": "owner",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "frozenAt": "2026-05-04T09:30:00.000Z",
   "approvedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "approvedByName": "owner",
   "exportedAt": "2026-05-04T09:30:00.000Z",
   "closedAt": null,
   "note": null,
   "items": 2,
   "ambiguous": 0,
   "withoutAccount": 1,
   "withoutAccountUsd": "0.40",
   "withoutAccountMicros": 400000,
   "totalUsd": "2.60",
   "totalMicros": 2600000,
   "waitingUsd": "0.05",
   "waitingMicros": 50000,
   "paidUsd": "2.55",
   "paidMicros": 2550000,
   "failedUsd": "0.00",
   "failedMicros": 0,
   "differenceUsd": "0.05",
   "differenceMicros": 50000,
   "fourEyes": false,
   "cannotApprove": null,
   "payments": [
    {
     "id": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
     "recipient": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
     "name": "A0",
     "channel": "bank",
     "paidBy": "transfer",
     "state": "paid",
     "reference": "0192f5b000017c1a9b1e3f2f6c1f8a10",
     "amountUsd": "2.55",
     "amountMicros": 2550000,
     "note": "The bank confirmed it by telephone.",
     "settlement": null
    },
    {
     "id": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
     "recipient": "0192f5b0-0006-7c1a-9b1e-3f2f6c1f8a10",
     "name": "A0",
     "channel": "bank",
     "paidBy": "transfer",
     "state": "sent",
     "reference": "0192f5b000017c1a9b1e3f2f6c1f8a10",
     "amountUsd": "0.05",
     "amountMicros": 50000,
     "note": null,
     "settlement": null
    }
   ],
   "paymentsCursor": null
  }
 },
 "POST /v1/payouts/:id/resolve": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "period": "2026-05",
   "state": "exported",
   "startedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "startedByName": "owner",
   "createdAt": "2026-05-04T09:30:00.000Z",
   "frozenAt": "2026-05-04T09:30:00.000Z",
   "approvedBy": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "approvedByName": "owner",
   "exportedAt": "2026-05-04T09:30:00.000Z",
   "closedAt": null,
   "note": null,
   "items": 2,
   "ambiguous": 0,
   "withoutAccount": 1,
   "withoutAccountUsd": "0.40",
   "withoutAccountMicros": 400000,
   "totalUsd": "2.60",
   "totalMicros": 2600000,
   "waitingUsd": "0.05",
   "waitingMicros": 50000,
   "paidUsd": "2.55",
   "paidMicros": 2550000,
   "failedUsd": "0.00",
   "failedMicros": 0,
   "differenceUsd": "0.05",
   "differenceMicros": 50000,
   "fourEyes": false,
   "cannotApprove": null,
   "payments": [
    {
     "id": "0192f5b0-0003-7c1a-9b1e-3f2f6c1f8a10",
     "recipient": "0192f5b0-0004-7c1a-9b1e-3f2f6c1f8a10",
     "name": "A0",
     "channel": "bank",
     "paidBy": "transfer",
     "state": "paid",
     "reference": "0192f5b000017c1a9b1e3f2f6c1f8a10",
     "amountUsd": "2.55",
     "amountMicros": 2550000,
     "note": "The bank confirmed it by telephone.",
     "settlement": null
    },
    {
     "id": "0192f5b0-0005-7c1a-9b1e-3f2f6c1f8a10",
     "recipient": "0192f5b0-0006-7c1a-9b1e-3f2f6c1f8a10",
     "name": "A0",
     "channel": "bank",
     "paidBy": "transfer",
     "state": "sent",
     "reference": "0192f5b000017c1a9b1e3f2f6c1f8a10",
     "amountUsd": "0.05",
     "amountMicros": 50000,
     "note": null,
     "settlement": null
    }
   ],
   "paymentsCursor": null
  }
 },
 "POST /v1/plan": {
  "200": {
   "options": [
    {
     "name": "fixed:1",
     "asks": {
      "least": 1,
      "most": 1,
      "minConfidence": 0.6
     },
     "judge": false,
     "costUsd": {
      "p10": 57.38,
      "p50": 59.3,
      "p90": 61.56
     },
     "costMicros": {
      "p10": 57380000,
      "p50": 59300000,
      "p90": 61560000
     },
     "hours": {
      "p10": 9.95,
      "p50": 10.1,
      "p90": 10.42
     },
     "finishAt": {
      "p10": "2026-05-04T09:30:00.000Z",
      "p50": "2026-05-04T09:30:00.000Z",
      "p90": "2026-05-04T09:30:00.000Z"
     },
     "accuracy": {
      "p10": 0.75,
      "p50": 0.7987,
      "p90": 0.8542
     },
     "unresolved": {
      "p10": 0,
      "p50": 0,
      "p90": 0
     },
     "answersPerTask": {
      "p10": 1,
      "p50": 1,
      "p90": 1
     },
     "cap": null
    },
    {
     "name": "fixed:3",
     "asks": {
      "least": 3,
      "most": 3,
      "minConfidence": 0.6
     },
     "judge": false,
     "costUsd": {
      "p10": 163.8,
      "p50": 166.9,
      "p90": 172.5
     },
     "costMicros": {
      "p10": 163755000,
      "p50": 166850000,
      "p90": 172470000
     },
     "hours": {
      "p10": 10.77,
      "p50": 11.65,
      "p90": 13.35
     },
     "finishAt": {
      "p10": "2026-05-04T09:30:00.000Z",
      "p50": "2026-05-04T09:30:00.000Z",
      "p90": "2026-05-04T09:30:00.000Z"
     },
     "accuracy": {
      "p10": 0.8287,
      "p50": 0.9252,
      "p90": 0.9707
     },
     "unresolved": {
      "p10": 0,
      "p50": 0,
      "p90": 0
     },
     "answersPerTask": {
      "p10": 3,
      "p50": 3,
      "p90": 3
     },
     "cap": null
    },
    {
     "name": "fixed:5",
     "asks": {
      "least": 5,
      "most": 5,
      "minConfidence": 0.6
     },
     "judge": false,
     "costUsd": {
      "p10": 269.4,
      "p50": 274.4,
      "p90": 280.1
     },
     "costMicros": {
      "p10": 269450000,
      "p50": 274350000,
      "p90": 280065000
     },
     "hours": {
      "p10": 11.6,
      "p50": 13.35,
      "p90": 16.25
     },
     "finishAt": {
      "p10": "2026-05-04T09:30:00.000Z",
      "p50": "2026-05-04T09:30:00.000Z",
      "p90": "2026-05-04T09:30:00.000Z"
     },
     "accuracy": {
      "p10": 0.8914,
      "p50": 0.9598,
      "p90": 1
     },
     "unresolved": {
      "p10": 0,
      "p50": 0,
      "p90": 0
     },
     "answersPerTask": {
      "p10": 5,
      "p50": 5,
      "p90": 5
     },
     "cap": null
    }
   ],
   "leftOut": [],
   "frontier": [
    "fixed:1",
    "fixed:3",
    "adaptive",
    "fixed:5"
   ],
   "recommended": "fixed:3",
   "startAt": "2026-05-04T09:30:00.000Z",
   "runs": 20,
   "played": {
    "by": "simulation",
    "tasks": 100
   },
   "own": null,
   "cap": null,
   "notes": [],
   "seed": "quorate",
   "assumptions": {
    "source": "as stated",
    "tasks": 1000,
    "unsure": 0.2,
    "lapses": 0.02,
    "turnoutLogSd": 0.15,
    "annotators": 20,
    "atWork": [
     0,
     0,
     0,
     0,
     0,
     0,
     0,
     0,
     0,
     10,
     10,
     10,
     10,
     10,
     10,
     10,
     10,
     0,
     0,
     0,
     0,
     0,
     0,
     0
    ],
    "accuracy": 0.8,
    "choices": 2,
    "skillSd": 0.9,
    "leanSd": 0,
    "easeSd": 0.9,
    "lureShare": 0.5,
    "classes": null,
    "secondsMedian": 15,
    "secondsLogSd": 0.6,
    "goldRatio": 0.05,
    "goldFloor": 10,
    "feeRatio": 0,
    "priceUsd": "0.05",
    "priceMicros": 50000,
    "hourlyUsd": null,
    "judge": null
   }
  }
 },
 "POST /v1/plan/start": {
  "200": {
   "tasks": 100,
   "needsUsd": "18.25",
   "needsMicros": 18250000,
   "reasons": [],
   "warnings": []
  }
 },
 "POST /v1/setup": {
  "201": {
   "email": "olga@example.org"
  }
 },
 "POST /v1/tasks/:id/adjudicate": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "key": "message-1",
   "kind": "work",
   "state": "adjudicating",
   "round": 1,
   "redundancy": 1,
   "priority": 1,
   "tier": "crowd",
   "workforce": "internal",
   "domain": null,
   "group": null,
   "priceUsd": "0.05",
   "priceMicros": 50000,
   "policyVersion": 1,
   "instructionsVersion": 1,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "closedAt": null,
   "decision": null,
   "story": {
    "workflowUrl": null,
    "payload": {
     "text": "Message 1"
    },
    "gold": null,
    "selection": {
     "strategy": "random"
    },
    "assignments": [],
    "annotations": [],
    "judgement": null,
    "events": [],
    "reopenings": [],
    "rulings": [],
    "revisions": [],
    "ledger": [
     {
      "kind": "reserve",
      "amountUsd": "0.05",
      "amountMicros": 50000,
      "key": "reserve:0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
      "annotatorId": null,
      "createdAt": "2026-05-04T09:30:00.000Z"
     }
    ]
   }
  }
 },
 "POST /v1/tasks/:id/cancel": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "key": "message-0",
   "kind": "work",
   "state": "open",
   "round": 1,
   "redundancy": 1,
   "priority": 1,
   "tier": "crowd",
   "workforce": "internal",
   "domain": null,
   "group": null,
   "priceUsd": "0.05",
   "priceMicros": 50000,
   "policyVersion": 1,
   "instructionsVersion": 1,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "closedAt": null,
   "decision": null,
   "story": {
    "workflowUrl": null,
    "payload": {
     "text": "Message 0"
    },
    "gold": null,
    "selection": {
     "strategy": "random"
    },
    "assignments": [],
    "annotations": [],
    "judgement": null,
    "events": [],
    "reopenings": [],
    "rulings": [],
    "revisions": [],
    "ledger": [
     {
      "kind": "reserve",
      "amountUsd": "0.05",
      "amountMicros": 50000,
      "key": "reserve:0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
      "annotatorId": null,
      "createdAt": "2026-05-04T09:30:00.000Z"
     }
    ]
   }
  }
 },
 "POST /v1/tasks/:id/promote": {
  "201": {
   "itemId": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "key": "gold:message-2"
  }
 },
 "POST /v1/tasks/:id/redundancy": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "key": "message-0",
   "kind": "work",
   "state": "open",
   "round": 1,
   "redundancy": 1,
   "priority": 1,
   "tier": "crowd",
   "workforce": "internal",
   "domain": null,
   "group": null,
   "priceUsd": "0.05",
   "priceMicros": 50000,
   "policyVersion": 1,
   "instructionsVersion": 1,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "closedAt": null,
   "decision": null,
   "story": {
    "workflowUrl": null,
    "payload": {
     "text": "Message 0"
    },
    "gold": null,
    "selection": {
     "strategy": "random"
    },
    "assignments": [],
    "annotations": [],
    "judgement": null,
    "events": [],
    "reopenings": [],
    "rulings": [],
    "revisions": [],
    "ledger": [
     {
      "kind": "reserve",
      "amountUsd": "0.05",
      "amountMicros": 50000,
      "key": "reserve:0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
      "annotatorId": null,
      "createdAt": "2026-05-04T09:30:00.000Z"
     }
    ]
   }
  }
 },
 "POST /v1/tasks/:id/reprioritize": {
  "200": {
   "id": "0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
   "campaignId": "0192f5b0-0002-7c1a-9b1e-3f2f6c1f8a10",
   "key": "message-0",
   "kind": "work",
   "state": "open",
   "round": 1,
   "redundancy": 1,
   "priority": 1,
   "tier": "crowd",
   "workforce": "internal",
   "domain": null,
   "group": null,
   "priceUsd": "0.05",
   "priceMicros": 50000,
   "policyVersion": 1,
   "instructionsVersion": 1,
   "createdAt": "2026-05-04T09:30:00.000Z",
   "closedAt": null,
   "decision": null,
   "story": {
    "workflowUrl": null,
    "payload": {
     "text": "Message 0"
    },
    "gold": null,
    "selection": {
     "strategy": "random"
    },
    "assignments": [],
    "annotations": [],
    "judgement": null,
    "events": [],
    "reopenings": [],
    "rulings": [],
    "revisions": [],
    "ledger": [
     {
      "kind": "reserve",
      "amountUsd": "0.05",
      "amountMicros": 50000,
      "key": "reserve:0192f5b0-0001-7c1a-9b1e-3f2f6c1f8a10",
      "annotatorId": null,
      "createdAt": "2026-05-04T09:30:00.000Z"
     }
    ]
   }
  }
 },
 "PUT /v1/annotators/:id/payout-account": {
  "200": {
   "holder": "Ana Müller",
   "account": "DE89370400440532013000",
   "bic": "COBADEFFXXX",
   "region": "DE",
   "regionAsked": null
  }
 },
 "PUT /v1/assignments/:id/draft": {
  "200": {
   "updatedAt": "2026-05-04T09:30:00.000Z"
  }
 },
 "PUT /v1/budget": {
  "200": {
   "cap": {
    "capUsd": "5000.00",
    "capMicros": 5000000000,
    "drawnUsd": "6.20",
    "drawnMicros": 6200000
   },
   "warnings": []
  }
 },
 "PUT /v1/campaigns/:id/limits": {
  "200": {
   "capUsd": "150.00",
   "capMicros": 150000000,
   "reservedUsd": "0.00",
   "reservedMicros": 0,
   "spentUsd": "0.00",
   "spentMicros": 0,
   "freeUsd": "150.00",
   "freeMicros": 150000000,
   "owedUsd": "0.00",
   "owedMicros": 0,
   "exposure": {
    "committedUsd": "0.00",
    "committedMicros": 0,
    "wholePoolUsd": "0.30",
    "wholePoolMicros": 300000,
    "atMostUsd": "0.30",
    "atMostMicros": 300000
   },
   "forecast": null,
   "daily": {
    "capUsd": "20.00",
    "capMicros": 20000000,
    "usedUsd": "0.00",
    "usedMicros": 0
   },
   "limits": [
    {
     "scope": "workforce",
     "name": "internal",
     "capUsd": "80.00",
     "capMicros": 80000000,
     "drawnUsd": "0.00",
     "drawnMicros": 0
    }
   ],
   "organisation": null,
   "warnings": [],
   "waiting": null
  }
 },
 "PUT /v1/cost/settings": {
  "200": {
   "set": {
    "hourlyUsd": {
     "crowd": "14.00"
    },
    "seconds": {
     "span": 70
    },
    "fee": {
     "scale_ai": 0.35
    }
   },
   "figures": [
    {
     "name": "hourlyUsd.crowd",
     "value": 14,
     "usual": 12
    },
    {
     "name": "hourlyUsd.trained",
     "value": 25,
     "usual": 25
    },
    {
     "name": "hourlyUsd.expert",
     "value": 50,
     "usual": 50
    }
   ]
  }
 },
 "PUT /v1/me/payout-account": {
  "200": {
   "holder": "Ana Müller",
   "account": "DE89370400440532013000",
   "bic": "COBADEFFXXX",
   "region": null,
   "regionAsked": "DE"
  }
 },
 "PUT /v1/pay-floors": {
  "200": {
   "floors": [
    {
     "region": "DE",
     "hourlyUsd": "14.00",
     "hourlyMicros": 14000000
    }
   ]
  }
 }
};
