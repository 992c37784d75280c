"""The unit: hardened as promised, and its parts agree with the code and with one another."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parent.parent / "systemd"
UNIT = (UNITS / "czar.service").read_text(encoding="utf-8")
MOST_EXPOSURE = 1.5


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_service_is_exposed_as_little_as_promised() -> None:
    command = ["systemd-analyze", "security", "--offline=true", str(UNITS / "czar.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"SYSTEMD_COLORS": "0"})
    found = re.search(r"Overall exposure level for czar.service: ([0-9.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= MOST_EXPOSURE


def test_the_service_says_when_it_is_ready_and_feeds_the_watchdog() -> None:
    for line in ("Type=notify", "WatchdogSec=120s", "Restart=always", "TimeoutStartSec=infinity"):
        assert f"\n{line}\n" in UNIT


def test_secrets_come_as_credentials_under_the_names_that_are_the_defaults() -> None:
    from daemon.config.service import Gerrit, Ssh

    loaded = set(re.findall(r"^LoadCredential=([^:]+):", UNIT, re.MULTILINE))
    assert loaded == {Gerrit.model_fields["password_file"].default, Ssh.model_fields["key_file"].default}


def test_the_account_and_the_directories_are_the_units_own() -> None:
    assert "User=czar" in UNIT
    assert re.search(r"^u czar ", (UNITS / "czar.sysusers").read_text(), re.MULTILINE)
    made = re.findall(r"^d (\S+)", (UNITS / "czar.tmpfiles").read_text(), re.MULTILINE)
    assert {"/etc/czar", "/etc/czar/secrets", "/var/lib/czar"} == set(made)
