"""What runs cost in US dollars, where genai-prices (the extra ``prices``) knows their model.

Its price list comes with the package; nothing is ever fetched. The price is that of plain text tokens, at the lowest
tier that the provider lists: a run may be several calls of the model, and how long each of them was is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import add
from types import ModuleType
from typing import Any

from django.db.models import BigIntegerField, Case, F, FloatField, Sum, Value, When
from django.db.models.functions import Cast

from sessions_app.models import RunMetadata, Session

MODELS = 50
"""Models that one sum tells apart, those with most tokens first."""

Model = tuple[str, str]
"""Provider (or "") and model, as runs name them."""

_CACHED = F("cache_read_tokens") + F("cache_write_tokens")
TOKENS: dict[str, Any] = {
    # Most count cached tokens as part of the input; where there are more of them than that, they lie beside it.
    "plain": Case(
        When(input_tokens__gte=_CACHED, then=F("input_tokens") - _CACHED),
        default=F("input_tokens"),
        output_field=BigIntegerField(),
    ),
    "output": F("output_tokens"),
    "cache_read": F("cache_read_tokens"),
    "cache_write": F("cache_write_tokens"),
}
"""A run's tokens by what they cost, as SQL; the names are those of ``Rates``."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What one token costs, by its kind. ``plain`` is for input that came from no cache."""

    plain: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal

    def cost(self, tokens: Mapping[str, int]) -> Decimal:
        """The cost of tokens by their kind."""
        return sum((count * getattr(self, kind) for kind, count in tokens.items()), Decimal())


def is_available() -> bool:
    """Whether the extra is installed."""
    return _library() is not None


def rates_of(model: Model, at: datetime) -> Rates | None:
    """The prices of a model at a moment; None where they are not known."""
    library = _library()
    if library is None or not model[1]:
        return None

    def price(**usage: int) -> Decimal:
        total: Decimal = library.calc_price(
            library.Usage(**usage), model[1], provider_id=model[0] or None, genai_request_timestamp=at
        ).total_price
        return total

    try:
        fee = price()  # Some providers take one for each call; how many there were is not known.
        return Rates(
            plain=price(input_tokens=1) - fee,
            output=price(output_tokens=1) - fee,
            cache_read=price(input_tokens=1, cache_read_tokens=1) - fee,
            cache_write=price(input_tokens=1, cache_write_tokens=1) - fee,
        )
    except LookupError:
        return None


def cost_of_run(run: RunMetadata) -> Decimal | None:
    """What a run cost, at the prices of its time. None where its model or its tokens are not known."""
    rates = rates_of((run.model_provider, run.model_id), run.created_at) if run.total_tokens else None
    if rates is None:
        return None
    cached = run.cache_read_tokens + run.cache_write_tokens
    tokens = {
        "plain": run.input_tokens - (cached if run.input_tokens >= cached else 0),
        "output": run.output_tokens,
        "cache_read": run.cache_read_tokens,
        "cache_write": run.cache_write_tokens,
    }
    return rates.cost(tokens)


def cost_of_session(session: Session) -> Decimal | None:
    """What the runs of a session cost whose model is known, at the prices of its last change. One query."""
    if not is_available():
        return None
    runs = RunMetadata.objects.using(session._state.db).filter(session=session, total_tokens__gt=0)
    by_model: Any = runs.order_by().values("model_provider", "model_id")
    sums = by_model.annotate(
        tokens=Sum("total_tokens"), **{f"{kind}_sum": Sum(tokens) for kind, tokens in TOKENS.items()}
    )
    costs = [
        rates.cost({kind: row[f"{kind}_sum"] for kind in TOKENS})
        for row in sums.order_by("-tokens")[:MODELS]
        if (rates := rates_of((row["model_provider"], row["model_id"]), session.updated_at))
    ]
    return sum(costs, Decimal()) if costs else None


def cost_expression(prices: Mapping[Model, Rates]) -> Case:
    """The cost of a run as SQL: NULL for other models, and for runs without tokens."""
    cases = [
        When(
            model_provider=provider,
            model_id=model_id,
            total_tokens__gt=0,
            then=reduce(add, (TOKENS[kind] * Value(float(getattr(rates, kind))) for kind in TOKENS)),
        )
        for (provider, model_id), rates in prices.items()
    ]
    # Cast, since PostgreSQL adds up no NULL without a type, and without prices this is nothing else.
    return Case(*cases, default=Cast(Value(None), FloatField()), output_field=FloatField())


def _library() -> ModuleType | None:
    try:
        import genai_prices
    except ImportError:
        return None
    return genai_prices
