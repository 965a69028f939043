"""Sends one event, then a batch, then the batch again, with OpenMeter's client for Python."""

import sys
from datetime import datetime, timezone

from cloudevents.conversion import to_dict
from cloudevents.http import CloudEvent
from openmeter import Client


def event(number: int) -> dict:
    attributes = {
        "id": f"py-{number}",
        "source": "openmeter-py",
        "type": "piecework.usage.recorded.v1",
        "subject": "acme",
        "time": datetime(2026, 1, 6, 9, number, tzinfo=timezone.utc).isoformat(),
    }
    return to_dict(CloudEvent(attributes, {"meter": "calls", "quantity": number + 1}))


def main() -> None:
    address, key = sys.argv[1:]
    client = Client(endpoint=address, token=key)
    client.events.ingest_event(event(0))
    batch = [event(number) for number in range(1, 4)]
    client.events.ingest_events(batch)
    client.events.ingest_events(batch)


main()
