"""What the daemon shows over HTTP: probes, metrics, and a page for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Flask, Response, jsonify, render_template
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from daemon.health import Health
from daemon.journal.views import Views
from integrations.contract import Transient

MOST_SHOWN = 200
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class JournalCollector(Collector):
    """The journal's counters, read when they are scraped; nothing is counted twice."""

    def __init__(self, health: Health, views: Views) -> None:
        self._health = health
        self._views = views

    def collect(self) -> Iterator[Metric]:
        """All `czar_*` metrics."""
        troubles = self._health.troubles()
        up = GaugeMetricFamily("czar_source_up", "1 while a source is connected and caught up", labels=["source"])
        for source in self._health.sources:
            up.add_metric([source.name], 0 if source.name in troubles else 1)
        yield up
        yield GaugeMetricFamily("czar_troubles", "Sources and workers in trouble now", value=len(troubles))
        try:
            yield from self._of_journal()
        except Transient:
            return

    def _of_journal(self) -> Iterator[Metric]:
        stats = self._views.stats()
        heard = CounterMetricFamily("czar_heard", "Things heard and written down", labels=["source"])
        for source, count in stats.heard.items():
            heard.add_metric([source], count)
        yield heard
        for name, help_, value in (
            ("czar_decided", "Events that some rule looked at", stats.decided),
            ("czar_ignored", "Events no rule asks about", stats.ignored),
            ("czar_malformed", "Things heard that cannot be read", stats.malformed),
            ("czar_cases_asked", "Cases for which somebody was really asked", stats.asked),
            ("czar_cases_ptl", "Of these, those that needed the PTL", stats.asked_ptl),
        ):
            yield CounterMetricFamily(name, help_, value=value)
        actions = GaugeMetricFamily("czar_actions", "Actions by state", labels=["state"])
        for state, count in stats.actions.items():
            actions.add_metric([state], count)
        yield actions
        messages = GaugeMetricFamily("czar_messages", "Messages to people by state", labels=["state"])
        for state, count in stats.messages.items():
            messages.add_metric([state], count)
        yield messages
        cases = GaugeMetricFamily("czar_cases", "Cases by state", labels=["state"])
        for state, count in stats.cases.items():
            cases.add_metric([state], count)
        yield cases
        paused = GaugeMetricFamily("czar_paused", "1 for each scope that is paused", labels=["scope"])
        for pause in stats.pauses:
            paused.add_metric([pause.scope], 1)
        yield paused
        gauges: tuple[tuple[str, str, float], ...] = (
            ("czar_behind_seconds", "Age of the oldest thing not decided", stats.behind_s),
            ("czar_signoff_open", "Release requests that wait for a sign-off", stats.gates_open),
            ("czar_ledger_entries", "Entries of the ledger", stats.ledger_entries),
            ("czar_tags_unsigned", "Tags that nobody signed, or that are on another commit", stats.tags_unsigned),
        )
        for name, help_, size in gauges:
            yield GaugeMetricFamily(name, help_, value=size)


def make_app(health: Health, views: Views) -> Flask:
    """The WSGI application."""
    app = Flask("daemon.web", template_folder="templates")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(JournalCollector(health, views))
    routes: tuple[tuple[str, Callable[[], Response | tuple[Response, int] | str]], ...] = (
        ("/healthz", lambda: Response("alive\n", mimetype="text/plain")),
        ("/readyz", lambda: _ready(health)),
        ("/metrics", lambda: Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)),
        ("/", lambda: _front(health, views)),
    )
    for path, view in routes:
        app.add_url_rule(path, path, view)
    app.register_error_handler(Transient, _not_now)
    app.after_request(_harden)
    return app


def _ready(health: Health) -> tuple[Response, int]:
    troubles = health.troubles()
    return jsonify({"ready": not troubles, "troubles": troubles}), 503 if troubles else 200


def _front(health: Health, views: Views) -> str:
    cases, pauses = views.cases(open_only=True), views.stats().pauses
    return render_template(
        "front.html",
        cases=cases[:MOST_SHOWN],
        more=max(0, len(cases) - MOST_SHOWN),
        pauses=pauses,
        troubles=health.troubles() | health.mild(),
    )


def _not_now(error: Transient) -> Response:
    return Response(f"{error}\n", 503, mimetype="text/plain")


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
