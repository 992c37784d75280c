"""What counts as a sign-off in one repo of release requests: `signoff` of czar.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A duty of the community, of a team by name, or of the team in question (`owner`)."""

    duty: str
    of: str = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """docs/signoff.md says what each key means; the defaults are czar.yaml's."""

    project: str
    files: tuple[str, ...] = ("deliverables/**/*.yaml", "deliverables/**/*.yml")
    label: str = "Release-Signoff"
    counts: tuple[str, ...] = ("comment", "code-review")
    self_sign: bool = True
    quorum: int = 1
    rights_at: str = "landing"  # or signing: who lost the right meanwhile has signed all the same
    expires: timedelta = timedelta(days=90)
    lapse_after: timedelta = timedelta(days=7)
    compare: str = ""
    fallback: Held | None = None
    override: Held | None = None
