"""What the process counts about itself, for Prometheus: one list of metrics, read by ``/metrics``.

Labels are few and bounded: a route is its template, never the path that was asked for.
"""

import time
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS: Final = (0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5.0)

REQUESTS = Counter("placket_http_requests", "Answered requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "placket_http_request_seconds",
    "From the first byte of a request to the last of its answer; the checkout is route /api/sales",
    ["method", "route"],
    buckets=SECONDS,
)
DESK_WAIT_SECONDS = Histogram("placket_desk_wait_seconds", "How long a sale waited for a clerk of the desk", buckets=SECONDS)
DESK_POST_SECONDS = Histogram(
    "placket_desk_post_seconds", "One call of post_sales: waiting for locks, writing, committing", buckets=SECONDS
)
DESK_BATCH_SALES = Histogram("placket_desk_batch_sales", "Sales posted in one call", buckets=(1, 2, 4, 8, 16, 32))
EVENTS = Counter("placket_events", "Events read by the tail")
EVENT_LAG_SECONDS = Histogram(
    "placket_event_lag_seconds",
    "From an event's statement to its being read by the tail; its slowest of a batch",
    buckets=SECONDS,
)
OLDEST_WRITER_SECONDS = Gauge("placket_oldest_writer_seconds", "Age of the oldest open transaction that writes")
SOCKETS = Gauge("placket_sockets", "Open sockets")
SOCKETS_CLOSED = Counter("placket_sockets_closed", "Sockets that the server closed", ["reason"])
JOBS = Gauge("placket_jobs", "Jobs of the queue that wait, and that failed for good", ["state"])
JOB_OLDEST_SECONDS = Gauge("placket_job_oldest_seconds", "How long the oldest job has waited")
JOB_HEALTHY = Gauge(
    "placket_job_healthy", "Whether the last run of a job of the clock found all well; verify: the books", ["job"]
)
BUDGET_PASSED = Gauge(
    "placket_budget_passed_places", "Where a budget of selling without network is passed: so many places", ["budget"]
)
JOB_RAN_SECONDS = Gauge("placket_job_ran_timestamp_seconds", "When a job of the clock last ran", ["job"])


def exposition() -> tuple[bytes, str]:
    """All metrics in Prometheus' text format, and its media type."""
    return generate_latest(), CONTENT_TYPE_LATEST


class Meter:
    """Around every request: count it and time it, under the template of its route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and look at the clock."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def out(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, out)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            REQUESTS.labels(scope["method"], route, status).inc()
            REQUEST_SECONDS.labels(scope["method"], route).observe(time.perf_counter() - began)
