"""A program that OpenTelemetry's own SDK watches: an agent with a tool and a helper, and one that fails."""

from __future__ import annotations

import json
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

from tests.telemetry.traces import answer, call, text

SYSTEM = [{"type": "text", "content": "Be kind."}]


def provider_for(url, key, **options):
    exporter = OTLPSpanExporter(f"{url}/v1/traces", headers={"x-api-key": key}, **options)
    provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=60_000))
    return provider


class Shop:
    """An agent that has conversations, each of whose spans goes to the provider's exporters."""

    def __init__(self, provider):
        self.tracer, self.history = provider.get_tracer("shop"), []

    @contextmanager
    def span(self, operation, name, kind=SpanKind.INTERNAL, **attributes):
        given = {f"gen_ai.{key.replace('__', '.')}": value for key, value in attributes.items()}
        given |= {"gen_ai.operation.name": operation}
        with self.tracer.start_as_current_span(f"{operation} {name}", kind=kind, attributes=given) as span:
            yield span

    def agent(self, name, **attributes):
        return self.span("invoke_agent", name, agent__name=name, agent__id=name.lower(), **attributes)

    def chat(self, *outputs, inputs):
        with self.span(
            "chat",
            "gpt-4o",
            SpanKind.CLIENT,
            request__model="gpt-4o",
            response__model="gpt-4o-2024-08-06",
            provider__name="openai",
            system_instructions=json.dumps(SYSTEM),
            input__messages=json.dumps(inputs),
            output__messages=json.dumps(outputs),
            usage__input_tokens=100,
            usage__output_tokens=20,
            usage__cache_read__input_tokens=40,
        ):
            return [*inputs, *outputs]

    def turn(self, number):
        """The user asks, the agent has a helper look, and answers."""
        asked = [*self.history, text("user", f"Where is parcel {number}?")]
        with self.agent("Support", conversation__id="parcels") as root:
            root.set_attribute("user.id", "maria")
            said = self.chat(call(f"c{number}", parcel=number), inputs=asked)
            tool = {"tool__name": "track", "tool__call__id": f"c{number}"}
            with self.span("execute_tool", "track", **tool), self.agent("Tracker"):
                self.chat(text("assistant", "Bern"), inputs=[text("user", f"Track {number}")])
            told = text("assistant", f"Parcel {number} is in Bern.", finish_reason="stop")
            self.history = self.chat(told, inputs=[*said, answer(f"c{number}", "Bern")])

    def fail(self):
        call = self.span("chat", "gpt-4o", SpanKind.CLIENT, request__model="gpt-4o")
        with self.agent("Support", conversation__id="failure"), call:
            raise TimeoutError("The model does not answer")
