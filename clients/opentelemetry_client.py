"""Calls models under three instrumentations of OpenTelemetry, which export to piecework.

The calls of OpenAI's client are told by two of them, one inside the other, and are one cost each.
"""

import os
import sys

from anthropic import Anthropic
from openai import OpenAI
from openinference.instrumentation.openai import OpenAIInstrumentor as OpenInference
from opentelemetry import baggage, context
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


class Work(SpanProcessor):
    """The work that baggage names, on every span."""

    def on_start(self, span, parent_context=None):
        for name in ("piecework.customer.id", "piecework.unit.id"):
            if value := baggage.get_baggage(name, parent_context):
                span.set_attribute(name, value)


def ask(openai: OpenAI) -> None:
    openai.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "It does not start."}]
    )


def main() -> None:
    address, key = sys.argv[1:]
    model = os.environ["MODEL_SERVER"]
    provider = TracerProvider(resource=Resource.create({"service.name": "support-agent"}))
    provider.add_span_processor(Work())
    exporter = OTLPSpanExporter(
        endpoint=f"{address}/v1/traces",
        headers={"authorization": f"Bearer {key}"},
        compression=Compression.Gzip,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    for instrumentor in (OpenAIInstrumentor, OpenInference, AnthropicInstrumentor):
        instrumentor().instrument(tracer_provider=provider)

    openai = OpenAI(base_url=f"{model}/v1", api_key="none")
    anthropic = Anthropic(base_url=model, api_key="none")
    named = baggage.set_baggage("piecework.customer.id", "acme")
    token = context.attach(baggage.set_baggage("piecework.unit.id", "T-1", named))
    ask(openai)
    anthropic.messages.create(
        model="claude-haiku-4-5",
        max_tokens=100,
        messages=[{"role": "user", "content": "It does not start."}],
    )
    context.detach(token)
    ask(openai)  # of nobody
    provider.shutdown()


main()
