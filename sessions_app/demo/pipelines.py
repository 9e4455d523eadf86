"""Sessions of several agents: a team that shares a question, workflows with steps, and one without any agent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sessions_app.demo.build import CLAUDE, GPT, GPT_MINI, Conversation, assistant, call, result, user

MARKET_TEAM = {"type": "team", "agent_id": "market-team", "agent_name": "Market team", "model": CLAUDE}
INVOICES = {"type": "workflow", "agent_id": "invoice-intake", "agent_name": "Invoice intake", "model": GPT_MINI}
REPORT = """## Cargo bikes in mid-sized towns

| | Town A | Town B |
| --- | ---: | ---: |
| Households with a car | 58 % | 71 % |
| Bike shops | 14 | 6 |
| Grant per bike | 800 EUR | none |

**Start in town A**: the grant covers a fifth of the price, and two shops would take our workshop service."""


def documents(now: datetime) -> list[dict[str, Any]]:
    return [_team(now), _workflow(now), _note(now)]


def _member(agent_id: str, name: str, model: dict[str, str], parent_run_id: str) -> dict[str, Any]:
    return {
        "agent_id": agent_id,
        "agent_type": "agent",
        "agent_name": name,
        "model": {"provider": model["provider"], "id": model["id"]},
        "parent_run_id": parent_run_id,
    }


def _team(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-market-team",
        now - timedelta(days=1, hours=10),
        **MARKET_TEAM,
        user_id="r.haddad",
        tags=["research", "quarterly report"],
        state={"towns": ["A", "B"], "budget_eur": 250000},
    )
    leader = conversation.turn(
        user("In which of the two towns should we open the first cargo bike shop?"),
        assistant(
            None,
            call("call_numbers", "delegate", member="statistician", task="Households, cars and shops in both towns"),
            call("call_grants", "delegate", member="grants-expert", task="Grants for cargo bikes in both towns"),
            tokens=(880, 92),
        ),
        result("call_numbers", "delegate", "A: 58 % with a car, 14 shops. B: 71 % with a car, 6 shops."),
        result("call_grants", "delegate", "A pays 800 EUR for each bike, B nothing."),
        assistant(REPORT, tokens=(1310, 164)),
    )
    conversation.turn(
        user("Households, cars and shops in both towns"),
        assistant(None, call("call_census", "query_census", towns=["A", "B"]), tokens=(310, 25)),
        result("call_census", "query_census", {"A": {"cars": 0.58, "shops": 14}, "B": {"cars": 0.71, "shops": 6}}),
        assistant("A: 58 % with a car, 14 shops. B: 71 % with a car, 6 shops.", tokens=(402, 31)),
        **_member("statistician", "Statistician", GPT, leader),
    )
    conversation.turn(
        user("Grants for cargo bikes in both towns"),
        assistant("A pays 800 EUR for each bike, B nothing.", tokens=(288, 16)),
        **_member("grants-expert", "Grants expert", GPT_MINI, leader),
    )
    return conversation.document()


def _workflow(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-invoices",
        now - timedelta(hours=5),
        **INVOICES,
        user_id="accounts-payable",
        metadata={"source": "mailbox", "batch": 118},
    )
    invoice = {"file": "invoice-4471.pdf", "supplier": "Nordlicht Paper", "total": "1,284.60 EUR"}
    whole = conversation.turn(
        input=invoice,
        content={"booked": True, "entry": "118-07", "account": "6815"},
        duration_ms=9412.5,
        turns=3,
        usage={},
        details={"steps": [{"name": "read", "ok": True}, {"name": "check", "ok": True}, {"name": "book", "ok": True}]},
    )
    conversation.turn(
        user("Read invoice-4471.pdf and give supplier, date, items and total as JSON."),
        assistant(
            '{"supplier": "Nordlicht Paper", "items": 3, "total": "1284.60", "currency": "EUR"}', tokens=(2110, 61)
        ),
        **_member("invoice-reader", "Invoice reader", GPT_MINI, whole),
    )
    conversation.turn(
        user("Compare with purchase order 90-2213."),
        assistant(None, call("call_po", "get_purchase_order", number="90-2213"), tokens=(540, 22)),
        result("call_po", "get_purchase_order", {"number": "90-2213", "total": "1284.60", "open": True}),
        assistant("The totals agree and the order is open.", tokens=(602, 11)),
        **_member("invoice-checker", "Invoice checker", GPT, whole),
        export_config_ids=["ledger", "archive"],
    )
    return conversation.document()


def _note(now: datetime) -> dict[str, Any]:
    """Messages alone, without agent and runs: what a client keeps that knows neither."""
    conversation = Conversation("demo-note", now - timedelta(days=5), user_id="w.ng")
    conversation.say(
        user("Which paper size is closest to US letter?"),
        {"role": "assistant", "content": "A4: 210 x 297 mm, against 216 x 279 mm for letter."},
    )
    return conversation.document()
