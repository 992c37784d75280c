"""What people are sent: one message for all that came up, in which every paragraph is tagged with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from daemon.config.service import Notify as NotifySection
from daemon.config.service import Service
from integrations.contract import Letter
from rules.actions import Notify
from rules.roster import Person

MOST_URGENT = ("embargo", "security", "gate", "signoff", "escalation", "unrouted", "reminder")
"""Reasons that are named first in a subject, the most urgent one first; before `library` and all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """How we speak of ourselves and of items."""

    notify: NotifySection
    term: str = "czar"
    gerrit_url: str = ""
    web_url: str = ""

    def link(self, item: str, repo: str) -> str:
        """Where people see the item; "" where that is not known."""
        system, _, number = item.partition(":")
        if system != "gerrit" or not self.gerrit_url:
            return ""
        return f"{self.gerrit_url.rstrip('/')}/c/{quote(repo)}/+/{number}"


def sender_of(service: Service) -> Sender:
    """As the config says."""
    return Sender(
        notify=service.notify,
        term=service.term,
        gerrit_url=service.gerrit.url if service.gerrit else "",
        web_url=service.web.url or "",
    )


def letter(person: Person, notices: Sequence[Notify], sender: Sender) -> Letter:
    """One message for all of these, which are in the order they came up."""
    parts = [f"Hello {person.name or person.key},", *paragraphs(notices, sender), ways_out(person, sender)]
    return Letter(
        id=letter_id(notice.key for notice in notices),
        subject=_subject(notices, sender),
        text="\n\n".join(parts) + "\n",
    )


def letter_id(names: Iterable[str]) -> str:
    """The same for the same, in whatever order."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:32]


def paragraphs(notices: Iterable[Notify], sender: Sender) -> list[str]:
    """One for each item: what there is to say of it, each with its reason, and where it is."""
    by_item: dict[tuple[str, str], list[Notify]] = {}
    for notice in notices:
        by_item.setdefault((notice.item, notice.repo), []).append(notice)
    return [_paragraph(item, repo, of_item, sender) for (item, repo), of_item in by_item.items()]


def ways_out(person: Person, sender: Sender) -> str:
    """How to get fewer, and what is never exceeded."""
    term, notify = sender.term, sender.notify
    rest = "the weekly digest only" if notify.digest != "never" else "no such messages"
    lines = [
        f"To get fewer: write a line “{term}: quiet” in a comment on any change ({rest}), or “{term}: optout”",
        f"(you are neither asked nor told anything until “{term}: back”).",
        f"At most {notify.per_day} messages a day reach you{_hours(person, sender)}.",
    ]
    pages = [f"All that waits for you: {sender.web_url}"] if sender.web_url else []
    return "\n".join(["-- ", *lines, *pages])


def one_line(text: str) -> str:
    """A text that is part of a line."""
    return " ".join(text.split())


def _paragraph(item: str, repo: str, notices: Sequence[Notify], sender: Sender) -> str:
    lines = list(dict.fromkeys(f"[{notice.reason}] {one_line(notice.text)}" for notice in notices))
    link = sender.link(item, repo)
    there = any(link in line for line in lines)
    return "\n".join([*lines, *([link] if link and not there else [])])


def _subject(notices: Sequence[Notify], sender: Sender) -> str:
    count = len({notice.item for notice in notices})
    what = "1 thing for you" if count == 1 else f"{count} things for you"
    reasons = list(dict.fromkeys(notice.reason for notice in notices))
    first = min(reasons, key=_urgency)
    return f"{sender.term}: {what}{', first' if len(reasons) > 1 else ''}: {first}"


def _urgency(reason: str) -> int:
    return MOST_URGENT.index(reason) if reason in MOST_URGENT else len(MOST_URGENT)


def _hours(person: Person, sender: Sender) -> str:
    quiet = sender.notify.quiet
    return f", none from {quiet.begin:%H:%M} to {quiet.end:%H:%M} ({person.tz})" if quiet else ""
