"""Piecework for Python: say what was done, what it cost, and what is taken back. One file, Python 3.9, no dependencies.

    pw = Piecework("http://127.0.0.1:8480", key, source="agent")
    with pw.unit("support.resolved_conversation", customer="acme", id="T-1") as unit:
        unit.cost(provider="openai", model="gpt-4o", tokens={"input": 1200, "output": 300})
        unit.done(confidence="0.93")

A call that returns was acknowledged: its events are durable. An error has the `problem`, and the events in `unsent`:
`send` takes them again, and what is there already is recognised. No attempt begins after `patience` seconds.
"""

from __future__ import annotations

import json
import random
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from importlib import import_module
from typing import Any, Iterator, Mapping, Optional, Sequence, Tuple, Union
from urllib.request import HTTPErrorProcessor, Request, build_opener
from uuid import uuid4

Event = Mapping[str, Any]
When = Union[str, datetime, None]
_ANSWER_BYTES_MAX = 16 * 1024 * 1024
try:
    _otel: Any = [import_module("opentelemetry." + own) for own in ("trace", "context", "baggage")]
except ImportError:
    _otel = None


class PieceworkError(Exception):
    """Events that were not acknowledged, and why: `problem` is what the server said (RFC 9457)."""

    def __init__(self, message: str, problem: Mapping[str, Any], unsent: Sequence[Event]) -> None:
        super().__init__(message)
        self.problem, self.unsent = problem, list(unsent)


class Refused(PieceworkError):
    """Not taken as they are, or (`conflict`) known with another content, which stands. All others were taken."""


class NotAcknowledged(PieceworkError):
    """No answer in time. The events may be there or not; sending them again is harmless."""


class _AsItIs(HTTPErrorProcessor):
    """Follows nothing: a redirected POST would become a GET, and take the key elsewhere."""
    http_response = https_response = lambda _, request, response: response


class Piecework:
    """A server and a feed's key. `timeout` bounds each wait; `baggage=False` keeps the work out of outgoing headers."""

    def __init__(self, url: str, key: str, *, source: str, timeout: float = 10.0, patience: float = 30.0,
                 baggage: bool = True) -> None:
        self._url, self._source, self._opener = url.rstrip("/") + "/api/v1/events", source, build_opener(_AsItIs)
        self._timeout, self._patience, self._baggage = timeout, patience, baggage
        self._headers = {"authorization": f"Bearer {key.strip()}", "content-type": "application/json",
                         "prefer": "return=representation"}

    def done(self, customer: str, work: str, *, id: Optional[str] = None, at: When = None, **details: Any) -> None:
        """The software did the work. Details: `opened`, `confidence`, `verified`, `closed`, headers (channel="web")."""
        self.send([self.event("done", customer, work, id=id, at=at, **details)])

    def cost(self, customer: Optional[str] = None, work: Optional[str] = None, *, id: Optional[str] = None,
             at: When = None, amount: Optional[str] = None, **details: Any) -> None:
        """What it cost: an amount such as "0.11 USD", or `provider`, `model` and `tokens`. Details: `line`, headers."""
        self.send([self.event("cost", customer, work, id=id, at=at, amount=amount, **details)])

    def undo(self, customer: str, work: Optional[str] = None, *, id: Optional[str] = None, at: When = None,
             event: Optional[str] = None, source: Optional[str] = None, reason: Optional[str] = None) -> None:
        """Takes a work back, or an event by the id (and source) that it was sent with."""
        target = None if event is None else {"id": event, "source": source or self._source}
        self.send([self.event("undo", customer, work, id=id, at=at, event=target, reason=reason)])

    @contextmanager
    def unit(self, type: str, *, customer: str, id: str, run: Optional[str] = None, **headers: str) -> Iterator[Unit]:
        """Work in progress: a block whose good end is `done`. `type` is the definition's id, `id` the work's; `run`
        names an attempt that may be started again (the job's id), so that its events have the same ids each time."""
        data, token = {"unit": type, **headers}, None
        if _otel is not None:
            trace, contexts, baggage = _otel
            span, context = trace.get_current_span(), contexts.get_current()
            for name, value in (("unit.id", id), ("unit.type", type), ("customer.id", customer)):
                span.set_attribute("piecework." + name, value)
                context = baggage.set_baggage("piecework." + name, value, context) if self._baggage else context
            token, own = contexts.attach(context), span.get_span_context()
            if own.is_valid and run is None:  # another run has another trace, and must say the same
                data["traceparent"] = f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"
        unit = Unit(self, customer, id, run, data)
        try:
            yield unit
        finally:
            unit._is_over = True
            if token is not None:
                contexts.detach(token)
        if unit._details is not None:
            unit._send("done", run, unit._details)

    def event(self, verb: str, customer: Optional[str], work: Optional[str], *, id: Optional[str] = None,
              at: When = None, traceparent: Optional[str] = None, **data: Any) -> Event:
        """An event that is not sent yet: several are acknowledged together by one `send`."""
        amount = data.get("amount")
        if amount is not None and not isinstance(amount, str):
            raise TypeError(f'amount={amount!r}: money is text such as "0.11 USD"; a number would not be exact')
        # Under an id of the caller's the time is the arrival, so that the same call again is the same event.
        moment = datetime.now(timezone.utc) if id is None and at is None else at
        event = {"specversion": "1.0", "id": id or str(uuid4()), "source": self._source, "subject": customer,
                 "type": f"piecework.{verb}.v1", "time": moment, "workid": work, "traceparent": traceparent}
        return {**_present(event), "data": _present(data)}

    def send(self, events: Sequence[Event]) -> None:
        """Sends events as they are: `unsent` of an error, or facts of other types. At most 10,000."""
        body = json.dumps(list(events), allow_nan=False).encode()
        last, attempt = time.monotonic() + self._patience, 0
        while events:
            status, said, wait = self._post(body)
            if status == 200 and isinstance(said.get("events"), list) and len(said["events"]) == len(events):
                return _judge(events, said["events"])
            why = f"{said.get('title', f'HTTP status {status}')}: {said.get('detail', 'not an answer of piecework')}"
            if status not in (0, 408, 429) and not 500 <= status <= 599:
                raise (Refused if status >= 300 else NotAcknowledged)(why, said, events)
            pause = wait + random.uniform(0.05, 0.2 * 2 ** min(attempt, 5))
            attempt += 1
            if time.monotonic() + pause > last:
                raise NotAcknowledged(f"not acknowledged in {attempt} attempts; {why}", said, events)
            time.sleep(pause)

    def _post(self, body: bytes) -> Tuple[int, Mapping[str, Any], float]:
        """Status (0: no answer), what was said, and seconds to wait."""
        request = Request(self._url, body, self._headers)
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                status, wait, text = answer.status, _seconds(answer.headers), answer.read(_ANSWER_BYTES_MAX)
        except (OSError, HTTPException) as error:
            return 0, {"title": "no answer", "detail": str(error) or repr(error)}, 0.0
        try:
            return status, json.loads(text) if text.startswith(b"{") else {}, wait
        except ValueError:
            return 0, {"title": "no answer", "detail": "it was cut off"}, 0.0


class Unit:
    """One piece of work, being done. Only the good end of its block is success."""

    def __init__(self, client: Piecework, customer: str, id: str, run: Optional[str], data: Mapping[str, Any]) -> None:
        self._client, self._customer, self._id, self._run, self._data = client, customer, id, run, data
        self._costs, self._is_over, self._details = 0, False, {}  # type: int, bool, Optional[Mapping[str, Any]]

    def done(self, **details: Any) -> None:
        """What to say when the block ends well: `opened`, `confidence`, `verified`, `closed`, headers."""
        self._say(details)

    def not_done(self) -> None:
        """The work was not done here (a person took over, for example): the block ends without saying so."""
        self._say(None)

    def cost(self, **details: Any) -> None:
        """What the work cost, as `Piecework.cost`: acknowledged at once, however the block ends."""
        self._costs += 1
        self._send("cost", None if self._run is None else f"{self._run}/cost-{self._costs}", details)

    def _say(self, details: Optional[Mapping[str, Any]]) -> None:
        if self._is_over:
            raise RuntimeError("the block of the unit is over: what is said now would be lost")
        self._details = details

    def _send(self, verb: str, id: Optional[str], details: Mapping[str, Any]) -> None:
        self._client.send([self._client.event(verb, self._customer, self._id, **{"id": id, **self._data, **details})])


def _judge(events: Sequence[Event], outcomes: Sequence[Mapping[str, Any]]) -> None:
    """Raises where some were refused, or conflict; the problem has the form of the server's own."""
    bad = [(event, own) for event, own in zip(events, outcomes) if own["outcome"] in ("refused", "conflict")]
    if bad:
        known = "the id is known with another content, which stands until an `event.corrected` chooses"
        faults = [{"pointer": own.get("pointer", "/id"), "detail": own.get("detail", known)} for _, own in bad]
        code = "events-refused" if any(own["outcome"] == "refused" for _, own in bad) else "conflict"
        why = f"{faults[0]['pointer']}: {faults[0]['detail']} ({len(bad)} of {len(events)} events)"
        raise Refused(why, {"code": code, "detail": why, "errors": faults}, [event for event, _ in bad])


def _present(members: Mapping[str, Any]) -> Mapping[str, Any]:
    text = {name: own.isoformat() if isinstance(own, datetime) else own for name, own in members.items()}
    return {name: own for name, own in text.items() if own is not None}


def _seconds(headers: Mapping[str, str]) -> float:
    """`Retry-After`: seconds, or an instant."""
    said = headers.get("retry-after") or "0"
    try:
        return float(said) if said.isdigit() else max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
