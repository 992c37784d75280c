"""Makers for what is signed: releases, entries of the ledger, gates, audits."""

from __future__ import annotations

from typing import Any

from rules.signoff.ledger import Entry, Head, chained
from rules.signoff.requests import Problem, Release, Wanted
from rules.state import Audit, Gate
from tests.clock import START

RELEASES = "openstack/releases"
SHA = "c0ffee00" * 5
OTHER_SHA = "0ddba110" * 5


def release(version: str = "1.0.0", sha: str = SHA, repo: str = "openstack/nova") -> Release:
    """Of nova."""
    return Release(repo, version, sha)


def wanted(version: str = "1.0.0", **fields: Any) -> Wanted:
    """Asked for by nova's file."""
    given: dict[str, Any] = {"release": release(version), "file": "deliverables/nova.yaml", "kind": "new-version"}
    return Wanted(**(given | {"team": "nova", "line": 7} | fields))


def entry(version: str = "1.0.0", **fields: Any) -> Entry:
    """Ann signed it as release czar of nova; not chained yet."""
    given: dict[str, Any] = {"act": "signed", "release": release(version), "item": "gerrit:1", "patch_set": 1}
    who = {"account": "1001", "person": "ann", "rights": (("nova", "czar"),), "revision": "r1", "source": "message:m1"}
    return Entry(**(given | {"at": START, "because": "ann said so"} | who | fields))


def chain(*entries: Entry, head: Head | None = None) -> tuple[Entry, ...]:
    """Numbered and hashed, from the first one on or from `head`."""
    return chained(entries, head or Head())[0]


def gate(number: int = 1, **fields: Any) -> Gate:
    """A change that asks for one release."""
    given: dict[str, Any] = {"item": f"gerrit:{number}", "repo": RELEASES, "patch_set": 1, "revision": "c0ffee"}
    return Gate(**(given | {"wanted": (wanted(),)} | fields))


def problem(because: str = "the hash is short") -> Problem:
    """In nova's file."""
    return Problem(file="deliverables/nova.yaml", line=3, because=because)


def audit(version: str = "1.0.0", **fields: Any) -> Audit:
    """A tag as it was signed."""
    given: dict[str, Any] = {"release": release(version), "state": "signed", "because": "ann signed it", "at": START}
    return Audit(**(given | {"person": "zuul"} | fields))
