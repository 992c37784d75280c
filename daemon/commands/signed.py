"""Sign-offs and tags as rows: one shape for `czar ledger` and `czar signoff show`."""

from __future__ import annotations

from typing import Any

from daemon.commands.shown import rfc3339
from rules.signoff.ledger import Entry
from rules.signoff.requests import Release
from rules.signoff.signing import Stand
from rules.state import Audit

COLUMNS = ("repo", "version", "sha", "state", "by", "role", "at", "item", "because")

STATES = {
    **{act: act for act in ("signed", "withdrawn", "expired", "vetoed", "lapsed", "overridden")},
    "unvetoed": "withdrawn",
}
"""What each act comes to in a row."""


def act_row(entry: Entry) -> dict[str, Any]:
    """`{repo,version,sha,state,by,role,at,item,roster_revision,because}` and more: one act of the ledger."""
    row = _row(entry.release, STATES[entry.act], entry.item, entry.because, entry)
    return row | {"number": entry.number, "hash": entry.hash}


def tag_row(audit: Audit) -> dict[str, Any]:
    """The same of a tag as it was found."""
    item = f"tag:{audit.release.repo}@{audit.release.version}"
    row = _row(audit.release, audit.state, item, audit.because, None)
    return row | {"by": audit.person or None, "at": rfc3339(audit.at)}


def stand_row(one: Stand, item: str, revision: str) -> dict[str, Any]:
    """The same of where a release stands now; `signers` are all whose word counts."""
    row = _row(one.wanted.release, one.state, item, one.because, one.entry if one.state != "waiting" else None)
    signers = {entry.number: _signer(entry) for seat in one.seats for entry in seat.signed}
    lacking = [{"team": bench.team, "people": [key for key, _ in bench.people]} for bench in one.lacking]
    now = {"roster_revision": row["roster_revision"] or revision}
    return row | now | {"file": one.wanted.file, "signers": list(signers.values()), "waits_for": lacking}


def _row(release: Release, state: str, item: str, because: str, entry: Entry | None) -> dict[str, Any]:
    return {
        **release._asdict(),
        "state": state,
        "by": (entry.person or entry.account or None) if entry else None,
        "role": _role(entry) if entry else None,
        "at": rfc3339(entry.at) if entry else None,
        "item": item,
        "roster_revision": entry.revision if entry else "",
        "because": because,
        "self": entry.own if entry else False,
        "rights": [{"team": team, "role": role} for team, role in entry.rights] if entry else [],
    }


def _role(entry: Entry) -> str | None:
    """By which it counted first."""
    return entry.rights[0][1] if entry.rights else None


def _signer(entry: Entry) -> dict[str, Any]:
    return {"by": entry.person or entry.account, "role": _role(entry), "at": rfc3339(entry.at), "self": entry.own}
