"""Sessions of people who need help: orders, deliveries, libraries and hotels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sessions_app.demo.build import GPT, GPT_MINI, Conversation, assistant, call, result, system, user

SUPPORT = {"agent_id": "order-support", "agent_name": "Order support", "model": GPT}
CONCIERGE = {"agent_id": "concierge", "agent_name": "Concierge", "model": GPT_MINI}
POLICY = (
    "You help customers of a shop for kitchen goods. Look an order up before you speak about it. "
    "Refund up to 100 EUR yourself; above that ask a colleague."
)


def documents(now: datetime) -> list[dict[str, Any]]:
    return [_refund(now), _refund_branch(now), _japanese(now), _arabic(now), _emoji(now), _approval(now)]


def _open_refund(conversation: Conversation) -> None:
    conversation.turn(
        system(POLICY),
        user("Hello, the lid of the casserole in order K-20817 arrived with a crack. What can we do?"),
        assistant(None, call("call_order", "get_order", order_id="K-20817"), tokens=(412, 24)),
        result(
            "call_order",
            "get_order",
            {
                "order_id": "K-20817",
                "status": "delivered",
                "items": [
                    {"sku": "CAS-28-RED", "title": "Casserole, 28 cm, red", "price": "89.00 EUR"},
                    {"sku": "SPN-3", "title": "Wooden spoons, set of 3", "price": "12.50 EUR"},
                ],
            },
        ),
        assistant(
            "I am sorry about that. I can send a new lid, which takes three working days, or refund the casserole "
            "(89.00 EUR). Which would you like?",
            tokens=(560, 48),
        ),
    )


def _refund(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-refund",
        now - timedelta(days=1, hours=3),
        **SUPPORT,
        user_id="ines.moreau",
        name="Cracked lid, order K-20817",
        metadata={"channel": "web", "language": "en", "priority": 2},
        summary={"summary": "Casserole arrived damaged; 89.00 EUR refunded.", "topics": ["refund", "damage"]},
        state={"order_id": "K-20817", "refunded": {"CAS-28-RED": "89.00 EUR"}, "steps_left": []},
        tags=["refund", "vip"],
        index_ids=["kb-returns", "kb-shipping"],
        shared_access="read_only",
    )
    _open_refund(conversation)
    conversation.later(minutes=6)
    conversation.turn(
        user("The refund, please."),
        assistant(None, call("call_refund", "refund_item", order_id="K-20817", sku="CAS-28-RED"), tokens=(640, 31)),
        result("call_refund", "refund_item", {"refund_id": "R-5531", "amount": "89.00 EUR", "days": 4}),
        assistant(
            "Done: **89.00 EUR** are on their way to your card (refund `R-5531`) and arrive within four days.",
            tokens=(716, 35),
        ),
    )
    conversation.later(minutes=2)
    conversation.turn(user("Perfect, thank you!"), assistant("Gladly. Enjoy the spoons!", tokens=(760, 9)))
    return conversation.document()


def _refund_branch(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-refund-branch",
        now - timedelta(days=1, hours=1),
        **SUPPORT,
        user_id="ines.moreau",
        metadata={"channel": "web", "language": "en"},
        parent_session_id="demo-refund",
        branched_at=4,
    )
    _open_refund(conversation)
    conversation.turn(
        user("Then I would rather have the new lid."),
        assistant(None, call("call_part", "send_spare_part", order_id="K-20817", part="LID-28-RED"), tokens=(652, 30)),
        result("call_part", "send_spare_part", {"shipment": "S-90412", "working_days": 3}),
        assistant("The lid ships today as `S-90412` and reaches you in three working days.", tokens=(731, 27)),
    )
    return conversation.document()


def _japanese(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-ryokan", now - timedelta(days=2, hours=7), **CONCIERGE, user_id="sato-77", metadata={"language": "ja"}
    )
    conversation.turn(
        user("来月の第二土曜日に、二人で泊まれる温泉宿を探しています。夕食付きで、予算は一人三万円までです。"),
        assistant(None, call("call_inn", "search_inns", guests=2, dinner=True, max_price=30000), tokens=(388, 33)),
        result(
            "call_inn",
            "search_inns",
            '[{"名前": "山水荘", "料金": 26500, "露天風呂": true}, {"名前": "花月", "料金": 29800, "露天風呂": false}]',
        ),
        assistant(
            "ご希望に合う宿が二軒ございます。\n\n"
            "| 宿 | 一人あたり | 露天風呂 |\n| --- | ---: | :---: |\n"
            "| 山水荘 | 26,500円 | あり |\n| 花月 | 29,800円 | なし |\n\n"
            "露天風呂をお望みでしたら「山水荘」がおすすめです。ご予約なさいますか？",  # noqa: RUF001
            tokens=(512, 121),
        ),
    )
    conversation.turn(
        user("山水荘でお願いします。"), assistant("承知いたしました。確認書をお送りします。", tokens=(640, 22))
    )
    return conversation.document()


def _arabic(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-library", now - timedelta(days=4, hours=2), **CONCIERGE, user_id="layla.h", metadata={"language": "ar"}
    )
    conversation.turn(
        user("مرحبًا، هل يمكنني تمديد استعارة كتاب «تاريخ العمارة» أسبوعين آخرين؟"),
        assistant(None, call("call_loan", "renew_loan", title="تاريخ العمارة", weeks=2), tokens=(371, 29)),
        result("call_loan", "renew_loan", '{"تم": true, "موعد الإرجاع": "بعد أسبوعين"}'),
        assistant("نعم، تم تمديد الاستعارة. موعد الإرجاع الجديد بعد أسبوعين من اليوم.", tokens=(455, 38)),
    )
    return conversation.document()


def _emoji(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-picnic", now - timedelta(hours=20), **CONCIERGE, user_id="o.brandt", metadata={"language": "de"}
    )
    conversation.turn(
        user("Picknick am Samstag 🧺 für 8 Leute, zwei davon vegan 🌱. Was soll ich einkaufen?"),
        assistant(
            "Vorschlag für acht Personen:\n\n- 🥖 4 Baguettes\n- 🍅 1,5 kg Tomaten und 🥒 3 Gurken\n"
            "- 🫘 800 g Hummus (vegan)\n- 🧀 500 g Bergkäse\n- 🍓 2 kg Erdbeeren\n- 💧 12 l Wasser\n\n"
            "Für die Familie 👨‍👩‍👧‍👦 mit Kindern noch Saft?",
            tokens=(298, 117),
        ),
    )
    return conversation.document()


def _approval(now: datetime) -> dict[str, Any]:
    conversation = Conversation(
        "demo-approval", now - timedelta(minutes=35), **SUPPORT, user_id="p.lindqvist", metadata={"channel": "phone"}
    )
    wanted = call("call_big", "refund_item", order_id="K-21144", sku="MIX-900", amount="349.00 EUR")
    conversation.turn(
        system(POLICY),
        user("My mixer stopped working after two days. Order K-21144. I want the 349 EUR back."),
        assistant("That is above what I may refund alone, so I have asked a colleague.", wanted, tokens=(467, 52)),
        status="PAUSED",
        details={"requirements": [{"tool_call_id": "call_big", "needs": "confirmation", "asked": "shift lead"}]},
    )
    return conversation.document()
