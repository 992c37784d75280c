"""Logs: one object per line, and never a secret in them."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest
import structlog

SECRET = "hunter2-and-a-half"

SAY = """
import logging, sys, warnings
import structlog
from daemon.logs import configure
configure(form=sys.argv[1], level=sys.argv[2])
log = structlog.get_logger()

def call(password):
    session = {"Authorization": password}
    token = password[::-1]
    raise ConnectionError("cannot reach\\nthe server")

def fail():
    secret = "SECRET"
    call(secret)

log.debug("a.debug", n=1)
log.info("a.fact", item="gerrit:1", text="two\\nlines", odd=object, blob=b"\\xff", umlaut="ö", half="\\ud800")
try:
    fail()
except ConnectionError:
    log.error("worker.fault", exc_info=True)
    logging.getLogger("waitress").exception("a library's %s", "fault")
logging.getLogger("urllib3").warning("a library's\\nwarning")
logging.getLogger("urllib3").info("a library's chatter")
logging.getLogger("paramiko.transport").error("paramiko's traceback")
warnings.warn("something is old")
""".replace("SECRET", SECRET)


def said(form: str, level: str = "info") -> str:
    """What a process with such logs writes to standard error."""
    done = subprocess.run([sys.executable, "-c", SAY, form, level], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()
    return done.stderr.decode()


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """The objects, one of each line."""
    return [json.loads(line) for line in said("json").splitlines()]


def test_each_line_is_one_object_exceptions_and_libraries_included(lines: list[dict[str, Any]]) -> None:
    assert [line["event"] for line in lines[:4]] == [
        "a.fact",
        "worker.fault",
        "a library's fault",
        "a library's\nwarning",
    ]
    assert "something is old" in lines[4]["event"]
    assert len(lines) == 5


def test_every_object_says_when_and_how_bad(lines: list[dict[str, Any]]) -> None:
    assert [line["level"] for line in lines] == ["info", "error", "error", "warning", "warning"]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_facts_keep_their_names(lines: list[dict[str, Any]]) -> None:
    assert (lines[0]["item"], lines[0]["text"], lines[0]["umlaut"]) == ("gerrit:1", "two\nlines", "ö")


def test_a_fault_is_told_with_its_place(lines: list[dict[str, Any]]) -> None:
    for line in lines[1:3]:
        told = json.dumps(line["exception"])
        assert "ConnectionError" in told
        assert '"call"' in told


@pytest.mark.parametrize("form", ["json", "plain"])
def test_local_variables_stay_out_so_that_no_secret_is_told(form: str) -> None:
    told = said(form)
    assert "ConnectionError" in told
    assert SECRET not in told
    assert SECRET[::-1] not in told


@pytest.mark.parametrize(
    ("level", "events"),
    [("debug", ["a.debug", "a.fact", "worker.fault"]), ("warning", ["worker.fault"]), ("error", ["worker.fault"])],
)
def test_only_what_is_bad_enough_is_said(level: str, events: list[str]) -> None:
    told = [json.loads(line)["event"] for line in said("json", level).splitlines()]
    assert [event for event in told if "." in event and " " not in event] == events


def test_plain_logs_are_for_eyes() -> None:
    told = said("plain")
    assert "a.fact" in told
    assert "\x1b" not in told


def test_nothing_here_changed_the_logs_of_the_tests() -> None:
    assert structlog.get_config()["wrapper_class"] is not None
    assert logging.getLogger("paramiko").level != logging.CRITICAL
