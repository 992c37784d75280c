"""`czar` as people and scripts call it, run inside the test: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from daemon.main import main

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What it printed with `--json`: every line is one object."""
        found = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(row, dict) for row in found)
        return found


def czar(*arguments: str | Path, **environment: str) -> Ran:
    """Run a command; of the environment it sees neither $CZAR_CONFIG nor systemd's, unless given."""
    out, err = io.StringIO(), io.StringIO()
    outside = ("CZAR_CONFIG", "CZAR_DEBUG", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET")
    clean: Mapping[str, str] = {name: value for name, value in os.environ.items() if name not in outside}
    seen = {**clean, "COLUMNS": "300", **environment}
    with patch.dict(os.environ, seen, clear=True), redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(one) for one in arguments])
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return Ran(code=code, out=out.getvalue(), err=err.getvalue())


def refusal(ran: Ran) -> str:
    """What a command said that cannot run: exit 2, one plain line on stderr, nothing else anywhere."""
    assert (ran.code, ran.out) == (2, ""), ran
    assert re.fullmatch(r"czar: [^\n]+\n", ran.err), ran.err
    assert "should not happen" not in ran.err
    assert "Traceback" not in ran.err
    return ran.err.removeprefix("czar: ").rstrip("\n")


def instant(text: str) -> datetime:
    """A time as CONTRACT writes it: RFC 3339, UTC, with Z."""
    assert INSTANT.fullmatch(text), text
    return datetime.fromisoformat(text)
