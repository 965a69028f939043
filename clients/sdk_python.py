"""Our own `sdk/python/piecework.py`, used as a product engineer would: `crates/piecework/tests/sdk.rs` runs it.

Usage: sdk_python.py DIRECTORY-OF-THE-SDK ADDRESS KEY SCENARIO
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone

sys.path.insert(0, sys.argv[1])
import piecework  # noqa: E402

UNIT = "support.resolved_conversation"
DAY = "2026-01-{:02}T09:00:00Z"


def client(**options: object) -> piecework.Piecework:
    return piecework.Piecework(sys.argv[2], sys.argv[3], source="agent", **options)  # type: ignore[arg-type]


def raised(kind: type, call) -> BaseException:  # type: ignore[no-untyped-def]
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def verbs() -> None:
    pw = client()
    # Counted; the second time it is the same event.
    for _ in range(2):
        pw.done("acme", "T-1", id="run-1", at=DAY.format(5), confidence="0.93", conversation="T-1", channel="web")
    pw.cost("acme", "T-1", at=DAY.format(5), provider="openai", model="gpt-4o", tokens={"input": 1200, "output": 300})
    pw.cost("acme", "T-1", at=datetime(2026, 1, 5, 9, tzinfo=timezone.utc), amount="0.11 USD", line="infra")
    pw.cost(amount="7.00 USD", line="infra", at=DAY.format(5))
    # Taken back: a work, and an event.
    pw.done("acme", "T-2", at=DAY.format(6))
    pw.undo("acme", "T-2", at=DAY.format(7))
    pw.done("acme", "T-3", id="run-3")
    pw.undo("acme", event="run-3", reason="sent twice", at=DAY.format(7))
    # A unit that ends well, one that fails, one that a person took over.
    with pw.unit(UNIT, customer="acme", id="T-4", run="job-4") as unit:
        unit.cost(amount="0.02 USD", at=DAY.format(8))
        unit.cost(amount="0.03 USD", at=DAY.format(8))
        unit.done(confidence="0.9", at=DAY.format(8))
    raised(RuntimeError, unit.done)

    def fails() -> None:
        with pw.unit(UNIT, customer="acme", id="T-5") as unit:
            unit.cost(amount="0.04 USD", at=DAY.format(9))
            unit.done(at=DAY.format(9))
            raise KeyError("the tool broke")

    raised(KeyError, fails)
    with pw.unit(UNIT, customer="acme", id="T-6") as unit:
        unit.cost(amount="0.05 USD", at=DAY.format(9))
        unit.not_done()
    # Nothing is swallowed.
    refused = raised(piecework.Refused, lambda: pw.done("acme", "T-7", confidence="2"))
    assert refused.problem["errors"][0]["pointer"] == "/0/data/confidence", refused.problem
    assert [event["workid"] for event in refused.unsent] == ["T-7"]
    conflict = raised(piecework.Refused, lambda: pw.done("acme", "T-1", id="run-1", at=DAY.format(9)))
    assert conflict.problem["code"] == "conflict", conflict.problem
    stranger = piecework.Piecework(sys.argv[2], sys.argv[3][:-1] + "x", source="agent")
    assert raised(piecework.Refused, lambda: stranger.done("acme", "T-7")).problem["code"] == "unauthorized"
    raised(TypeError, lambda: pw.cost("acme", "T-1", amount=0.11))
    nowhere = piecework.Piecework("http://127.0.0.1:9", sys.argv[3], source="agent", patience=0.3)
    lost = raised(piecework.NotAcknowledged, lambda: nowhere.done("acme", "T-8", at=DAY.format(10)))
    pw.send(lost.unsent)


def feed() -> None:
    pw = client()
    for number in range(60):
        pw.done("acme", f"F-{number}")
        print(number, flush=True)


def once() -> None:
    pw = client(timeout=1, patience=4)
    said = {"error": None, "problem": None, "unsent": 0}
    try:
        pw.done("acme", "T-1")
    except piecework.PieceworkError as error:
        said = {"error": type(error).__name__, "problem": error.problem, "unsent": len(error.unsent)}
    print(json.dumps(said))


def otel() -> None:
    from opentelemetry import baggage, trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    tracer = trace.get_tracer("test")
    names = {"piecework.unit.id": "T-9", "piecework.unit.type": UNIT, "piecework.customer.id": "acme"}
    with tracer.start_as_current_span("ticket") as span:
        with client().unit(UNIT, customer="acme", id="T-9") as unit:
            assert baggage.get_all() == names, baggage.get_all()
            unit.done(at=DAY.format(5))
        assert baggage.get_all() == {}
        with client(baggage=False).unit(UNIT, customer="acme", id="T-9") as unit:
            assert baggage.get_all() == {}
            unit.not_done()
    assert dict(spans.get_finished_spans()[0].attributes) == names
    print(json.dumps({"trace": f"{span.get_span_context().trace_id:032x}"}))


{"verbs": verbs, "feed": feed, "once": once, "otel": otel}[sys.argv[4]]()
