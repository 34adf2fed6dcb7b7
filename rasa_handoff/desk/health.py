"""For operators: is this process well, and how much is going on."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rasa_handoff.core.backports import UTC
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.handoff import Status
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.timeouts import timeout
from rasa_handoff.writers.metrics import REGISTRY as MODEL_CALLS

router = APIRouter(tags=["operations"])

STORE_SECONDS = 2.0
COUNTED = 100_000


@router.get("/healthz")
async def healthz(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    """200 when the store answers and the courier and the live feed run; otherwise 503, with which does not."""
    tasks: dict[str, asyncio.Task[None]] = request.app.state.tasks
    parts = {name: "running" if not task.done() else "stopped" for name, task in tasks.items()}
    try:
        async with timeout(STORE_SECONDS):
            await blocking(desk.store.last_seq)
        parts["store"] = "reachable"
    except (Unreachable, TimeoutError) as error:
        parts["store"] = f"unreachable: {error or 'no answer'}"
    well = set(parts.values()) <= {"running", "reachable"}
    return JSONResponse({"status": "ok" if well else "failing", **parts}, status_code=200 if well else 503)


@router.get("/metrics")
async def metrics(desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    """Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_Numbers(desk))
    told = await blocking(generate_latest, registry) + generate_latest(MODEL_CALLS)
    return Response(told, media_type=CONTENT_TYPE_LATEST)


class _Numbers(Collector):
    """Reads the numbers when they are asked for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield self._open()
        yield self._lag()
        relayed = CounterMetricFamily(
            "rasa_handoff_messages_relayed",
            "Messages taken over since this process started. Every desk process sees all of them: do not sum.",
            labels=["author"],
        )
        for author in ("customer", "agent"):
            relayed.add_metric([author], self._desk.live.relayed[f"{author}_messaged"])
        yield relayed
        pages = GaugeMetricFamily("rasa_handoff_connected_pages", "Open live pages of this process.", labels=["whose"])
        for whose, count in self._desk.live.connected.items():
            pages.add_metric([whose], count)
        yield pages

    def _open(self) -> Metric:
        counts = Counter(h.status for h in self._desk.store.handoffs(limit=COUNTED))
        gauge = GaugeMetricFamily("rasa_handoff_open_handoffs", "Open handoffs.", labels=["status"])
        for status in (Status.WAITING, Status.OFFERED, Status.ACTIVE):
            gauge.add_metric([status.value], counts[status])
        return gauge

    def _lag(self) -> Metric:
        due = self._desk.store.next_due()
        late = max(0.0, (datetime.now(UTC) - due).total_seconds()) if due else 0.0
        return GaugeMetricFamily(
            "rasa_handoff_effects_late_seconds", "How long the oldest due effect waits to be sent.", value=late
        )
