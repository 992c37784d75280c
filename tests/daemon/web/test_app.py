"""What the daemon shows over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from daemon.health import Health
from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.web.app import MOST_SHOWN, make_app
from rules.state import Effects, close
from tests.clock import START, Clock
from tests.daemon.journals import SOURCE, add_reviewer, batch, case, decision, heard
from tests.daemon.signed import audit, chain, entry, gate

EVIL = "<script>alert('x')</script>"


class FakeSource:
    """A source that is well unless told."""

    def __init__(self, name: str, trouble: str = "") -> None:
        self.name = name
        self._trouble = trouble

    def step(self, wait_s: float) -> bool:
        return False

    def trouble(self) -> str:
        return self._trouble

    def close(self) -> None:
        pass


@pytest.fixture
def health(sqlite_journal: Journal) -> Health:
    """Of a journal in which nothing is wrong."""
    return Health(sqlite_journal.views)


@pytest.fixture
def client(health: Health, sqlite_journal: Journal) -> FlaskClient:
    """A browser."""
    return make_app(health, sqlite_journal.views).test_client()


def metrics(client: FlaskClient) -> dict[tuple[str, str], float]:
    """Values by name and label."""
    text = client.get("/metrics").get_data(as_text=True)
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, next(iter(sample.labels.values()), "")): sample.value for sample in samples}


def test_the_process_lives_whatever_is_wrong(client: FlaskClient, health: Health) -> None:
    health.reporter("gerrit-hands")("503 from Gerrit")
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "alive\n")


def test_it_is_ready_where_nothing_is_wrong(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "troubles": {}})


def test_it_is_not_ready_and_says_why(client: FlaskClient, health: Health) -> None:
    health.sources = (FakeSource(SOURCE, "not connected"),)
    health.reporter("config")("the config on disk is wrong")
    answer = client.get("/readyz")
    troubles = {SOURCE: "not connected", "config": "the config on disk is wrong"}
    assert (answer.status_code, answer.json) == (503, {"ready": False, "troubles": troubles})


def test_one_person_who_cannot_be_told_is_shown_and_makes_nothing_unready(client: FlaskClient, health: Health) -> None:
    health.reporter("notify", mild=True)("cannot be told anything now: ann")
    assert client.get("/readyz").status_code == 200
    assert "cannot be told anything now: ann" in client.get("/").text


def test_metrics_have_their_names_and_values(
    client: FlaskClient, health: Health, sqlite_journal: Journal, clock: Clock
) -> None:
    health.sources = (FakeSource(SOURCE), FakeSource("gerrit-rest", "has not caught up yet"))
    sqlite_journal.intake.hear(SOURCE, "one", heard(b"a", b"b", b"c", b"d"))
    made = batch(3, decision(1, add_reviewer()))
    made.ignored, made.malformed = 2, [(3, "not a stream event")]
    tags = (audit("1.0.0"), audit("2.0.0", state="unsigned"))
    effects = Effects(gates=(gate(1), gate(2, value=1)), ledger=chain(entry(), entry("2.0.0"), entry()), audits=tags)
    made.decided.append((2, decision(verdicts=(), effects=effects), None))
    sqlite_journal.deciding.record(made)
    clock.pass_s(7)
    assert metrics(client) == {
        ("czar_source_up", SOURCE): 1,
        ("czar_source_up", "gerrit-rest"): 0,
        ("czar_troubles", ""): 1,
        ("czar_heard_total", SOURCE): 4,
        ("czar_decided_total", ""): 1,
        ("czar_ignored_total", ""): 3,
        ("czar_malformed_total", ""): 1,
        ("czar_cases_asked_total", ""): 1,
        ("czar_cases_ptl_total", ""): 0,
        ("czar_actions", "pending"): 1,
        ("czar_actions", "done"): 0,
        ("czar_actions", "refused"): 0,
        ("czar_actions", "observed"): 0,
        ("czar_messages", "pending"): 0,
        ("czar_messages", "done"): 0,
        ("czar_messages", "refused"): 0,
        ("czar_cases", "open"): 1,
        ("czar_behind_seconds", ""): 7,
        ("czar_signoff_open", ""): 1,
        ("czar_ledger_entries", ""): 3,
        ("czar_tags_unsigned", ""): 1,
    }


def test_metrics_are_all_ours(client: FlaskClient) -> None:
    assert all(name.startswith("czar_") for name, _ in metrics(client))


def test_the_front_page_says_that_nothing_waits(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Nothing waits for anybody." in answer.text


def test_the_front_page_tells_who_is_asked_and_what_nobody_is_asked_for(
    client: FlaskClient, sqlite_journal: Journal
) -> None:
    show(
        sqlite_journal,
        case(1),
        case(2, person="", state="unrouted", because="nobody is available"),
        case(3, observed=True),
        close(case(4, person="gone"), "merged", ""),
    )
    page = client.get("/").text
    rows = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in page.split("<tr>")[2:]]
    assert [row[0] for row in rows] == ["gerrit:1", "gerrit:2", "gerrit:3"]
    assert "ann" in rows[0]
    assert 'class="unrouted">nobody yet' in page
    assert "(only observed)" in page
    assert "gone" not in page
    assert START.strftime("%Y-%m-%d %H:%M") in page


@pytest.mark.parametrize("where", ["item", "repo", "duty", "slot", "team", "person", "because"])
def test_the_front_page_escapes_html_in_cases(client: FlaskClient, sqlite_journal: Journal, where: str) -> None:
    fields: dict[str, Any] = {where: EVIL} | ({"duty": ""} if where == "slot" else {})
    show(sqlite_journal, case(1, **fields))
    page = client.get("/").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_front_page_escapes_html_in_troubles(client: FlaskClient, health: Health) -> None:
    health.reporter(EVIL)(EVIL)
    page = client.get("/").text
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2


def test_the_front_page_stays_short(client: FlaskClient, sqlite_journal: Journal) -> None:
    show(sqlite_journal, *(case(n) for n in range(MOST_SHOWN + 7)))
    page = client.get("/").text
    assert page.count("<td>gerrit:") == MOST_SHOWN
    assert "7 more: <code>czar cases --open</code>" in page


def test_a_journal_that_cannot_be_read_is_said_in_plain_words(client: FlaskClient, sqlite_journal: Journal) -> None:
    with sqlite_journal.database.write() as connection:
        for table in ("cases", "counters"):
            connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO gone_{table}")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/metrics").status_code == 200
    assert metrics(client) == {("czar_troubles", ""): 1}
    answer = client.get("/")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert answer.text.startswith("the journal cannot be read: no such table")


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/nothing-here"])
def test_every_answer_lets_no_script_run_and_no_frame_hold_it(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_over_http(client: FlaskClient, method: str) -> None:
    for path in ("/", "/healthz", "/readyz", "/metrics"):
        assert client.open(path, method=method).status_code == 405


def show(journal: Journal, *cases: Any) -> None:
    """Put cases into the journal."""
    journal.deciding.record(Batch(upto=1, decided=[(1, decision(effects=Effects(cases=cases)), None)]))
