"""Sessions of people at work with one agent: analysts, developers, engineers, gardeners."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sessions_app.demo.build import CLAUDE, GPT, GPT_MINI, Conversation, assistant, call, result, system, user

ANALYST = {"agent_id": "data-analyst", "agent_name": "Data analyst", "model": CLAUDE}
ENGINEER = {"agent_id": "site-engineer", "agent_name": "Site engineer", "model": GPT}
GREENHOUSE = {"agent_id": "greenhouse", "agent_name": "Greenhouse watch", "model": GPT_MINI}
BEDS = ("tomatoes", "basil", "cucumbers", "peppers", "lettuce", "strawberries")
ROUNDS = 18
CHART = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAoAgMAAAAzoBR6AAAADFBMVEX///8vb7fIPDJ4eHhpT0ZqAAAAMklEQVR42mPgYUADlAloraC6gGgIrQ"
    "VEQ2giAIIkCEC4xAmAbCNCAMYdbAL/0QDhNAYAErlWrRud01sAAAAASUVORK5CYII="
)
"""A bar chart of seven columns, 64 by 40 pixels, as base64 of a PNG."""
QUERY_ANSWER = """Customers who came back within 90 days, by the month of their first order:

| First order | New customers | Came back | Share |
| --- | ---: | ---: | ---: |
| January | 1,204 | 385 | 32 % |
| February | 1,118 | 402 | **36 %** |
| March | 1,391 | 431 | 31 % |

```sql
SELECT date_trunc('month', first.placed_at) AS month,
       count(*) AS customers,
       count(*) FILTER (WHERE second.placed_at < first.placed_at + interval '90 days') AS came_back
FROM first_orders AS first
LEFT JOIN second_orders AS second USING (customer_id)
GROUP BY month
ORDER BY month;
```

February stands out since the spring voucher went to *new* customers only. Left out are orders that were

1. cancelled before they were paid, or
2. placed by our own staff."""


VISITS_ANSWER = """**The newsletter** of Friday evening:

| Source | Saturday | Usual |
| --- | ---: | ---: |
| Newsletter | 1,840 | 310 |
| Search | 960 | 940 |
| Direct | 410 | 395 |

> Without it, Saturday would have been a day like the others.

To see it week by week:

```python
weekly = visits.groupby(["week", "source"]).sum()
weekly.loc[:, "newsletter"].plot(kind="bar")
```"""


def documents(now: datetime) -> list[dict[str, Any]]:
    return [_retention(now), _chart(now), _capacity(now), _migration_failed(now), _greenhouse(now), _in_progress(now)]


def _retention(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-retention", now - timedelta(days=3), **ANALYST, user_id="t.okafor", tags=["quarterly report"]
    )
    conversation.turn(
        user("How many new customers of the first quarter came back within 90 days? Show me the query as well."),
        assistant(None, call("call_sql", "run_query", database="shop", limit=100), tokens=(1850, 160)),
        result("call_sql", "run_query", [["January", 1204, 385], ["February", 1118, 402], ["March", 1391, 431]]),
        assistant(QUERY_ANSWER, tokens=(2140, 318)),
        usage={"input_tokens": 3990, "output_tokens": 478, "cache_read_tokens": 1600, "cache_write_tokens": 240},
    )
    return conversation.document()


def _chart(now: datetime) -> dict[str, Any]:
    conversation = Conversation("demo-chart", now - timedelta(days=2, hours=1), **ANALYST, user_id="t.okafor")
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{CHART}"}}
    conversation.turn(
        user([{"type": "text", "text": "Visitors per day, last week. What is the red column?"}, picture]),
        assistant("Saturday, the highest of the seven: about half as many again as on Wednesday.", tokens=(905, 33)),
    )
    conversation.later(minutes=3)
    report = {"type": "file", "file": {"file_id": "file-8812", "filename": "campaigns.pdf"}}
    conversation.turn(
        user([{"type": "text", "text": "Why? The campaigns are in this file."}, report]),
        assistant(None, call("call_visits", "count_visits", day="Saturday", by="source"), tokens=(1120, 38)),
        result("call_visits", "count_visits", {"newsletter": 1840, "search": 960, "direct": 410}),
        assistant(
            VISITS_ANSWER,
            reasoning="The newsletter went out on Friday evening. On other Saturdays it brings about 300 visits, "
            "so some 1,500 of the 3,210 come from it.",
            tokens=(1310, 205),
        ),
        usage={"input_tokens": 2430, "output_tokens": 243, "reasoning_tokens": 96},
    )
    return conversation.document()


def _capacity(now: datetime) -> dict[str, Any]:
    conversation = Conversation("demo-capacity", now - timedelta(hours=9), **ENGINEER, user_id="j.nakamura")
    conversation.turn(
        user("We write 3.2 GB of logs a day and keep 45 days on a 200 GB disk. When is it full at 4 % growth a month?"),
        assistant(
            "You need **144 GB** now. At 4 % a month the 200 GB are reached after **about 8 months**; order the larger "
            "disk in six.",
            reasoning="45 days x 3.2 GB = 144 GB. 200 / 144 = 1.389. ln(1.389) / ln(1.04) = 0.3285 / 0.0392 = 8.4.",
            tokens=(214, 371),
        ),
        usage={"input_tokens": 214, "output_tokens": 371, "reasoning_tokens": 320},
    )
    conversation.later(minutes=4)
    conversation.turn(
        user("And if we compress after a week?"),
        assistant(
            "With logs at a fifth of their size after seven days: 7 x 3.2 + 38 x 0.64 = **46.7 GB**. The disk lasts "
            "for years.",
            reasoning="7 days raw are 22.4 GB; the other 38 days are 38 x 3.2 / 5 = 24.3 GB. Together 46.7 GB.",
            tokens=(612, 248),
        ),
        usage={"input_tokens": 612, "output_tokens": 248, "reasoning_tokens": 190, "cache_read_tokens": 512},
    )
    return conversation.document()


def _migration_failed(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-migration", now - timedelta(days=1, hours=6), **ENGINEER, user_id="a.ferrari", tags=["incident"]
    )
    conversation.turn(
        user("Move the staging database to the new host, please."),
        assistant(None, call("call_copy", "copy_database", source="staging-1", target="staging-2"), tokens=(530, 41)),
        result("call_copy", "copy_database", "could not extend file: No space left on device (staging-2:/var/lib)"),
        status="ERROR",
        error="copy_database failed: could not extend file: No space left on device (staging-2:/var/lib)",
        content=None,
    )
    conversation.later(minutes=11)
    conversation.turn(
        user("Stop, do not try again before I have looked at the disk."),
        status="CANCELLED",
        content="Cancelled by the user.",
    )
    conversation.later(minutes=40)
    conversation.turn(
        user("There is room now. Once more."),
        assistant(None, call("call_copy_2", "copy_database", source="staging-1", target="staging-2"), tokens=(790, 40)),
        result("call_copy_2", "copy_database", {"tables": 88, "rows": 4120553, "seconds": 734}),
        assistant("Copied: 88 tables, 4,120,553 rows, in a little over 12 minutes.", tokens=(861, 29)),
    )
    return conversation.document()


def _greenhouse(now: datetime) -> dict[str, Any]:
    """A long session: a visit to each bed in turn, three rounds of all six."""
    conversation = Conversation(
        "demo-greenhouse", now - timedelta(days=6), **GREENHOUSE, user_id="f.dubois", metadata={"site": "north house"}
    )
    conversation.say(
        system("Read the sensors when asked, compare with the targets, and water only where it is needed.")
    )
    for number in range(ROUNDS):
        _visit(conversation, number)
        conversation.later(hours=7)
    return conversation.document()


def _visit(conversation: Conversation, number: int) -> None:
    bed, moisture, warmth = BEDS[number % len(BEDS)], 31 + (number * 7) % 29, 17 + (number * 5) % 9
    is_dry = moisture < 40
    advice = f"That is too dry, so I gave {60 - moisture} litres." if is_dry else "No water needed."
    conversation.turn(
        user(f"How are the {bed}?" if number % 3 else f"Please look at the {bed} before I leave."),
        assistant(None, call(f"call_read_{number}", "read_sensors", bed=bed), tokens=(300 + 90 * number, 18)),
        result(f"call_read_{number}", "read_sensors", {"bed": bed, "moisture_percent": moisture, "celsius": warmth}),
        assistant(f"Soil moisture {moisture} %, {warmth} °C. {advice}", tokens=(340 + 90 * number, 30)),
    )


def _in_progress(now: datetime) -> dict[str, Any]:
    conversation = Conversation("demo-in-progress", now - timedelta(minutes=2), **ANALYST, user_id="m.castillo")
    conversation.turn(
        user("Go through the 40 interview notes and list what people say about the new checkout."),
        assistant(None, call("call_notes", "read_notes", folder="checkout", count=40), tokens=(420, 27)),
        status="RUNNING",
        duration_ms=None,
    )
    conversation.turn(
        user("When that is done, sort the list by how often it was said."), status="PENDING", duration_ms=None
    )
    return conversation.document()
