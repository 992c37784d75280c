"""What people are sent: one message for all that came up, in which every paragraph is tagged with its reason."""

from __future__ import annotations

import hashlib
import re
import textwrap
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
REMINDER = "reminder"
WIDTH = 100

_QUOTED = re.compile("“[^”]*”")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """How we speak of ourselves and of items."""

    notify: NotifySection
    term: str = "czar"
    gerrit_url: str = ""
    web_url: str = ""

    def link(self, item: str, repo: str) -> str:
        """Where people see the item, by its number alone without `repo`; "" where that is not known."""
        system, _, number = item.partition(":")
        if system != "gerrit" or not self.gerrit_url:
            return ""
        url = self.gerrit_url.rstrip("/")
        return f"{url}/c/{quote(repo)}/+/{number}" if repo else f"{url}/{number}"


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
    count = things(len({notice.item for notice in notices}))
    parts = [greeting(person, f"{count} came up for you:", sender), *paragraphs(notices, sender)]
    if any(notice.reason == REMINDER for notice in notices):
        parts.append(what_to_do(sender))
    parts.append(ways_out(person, sender))
    return Letter(
        id=letter_id(notice.key for notice in notices),
        subject=_subject(notices, sender),
        text="\n\n".join(parts) + "\n",
    )


def greeting(person: Person, what: str, sender: Sender) -> str:
    """Who writes to them, and what of."""
    who = f"this is {sender.term}, which asks people for reviews by what their teams have written down."
    return f"Hello {person.name or person.key},\n\n" + wrapped(f"{who} {what}")


def what_to_do(sender: Sender) -> str:
    """With what waits for somebody, and how to pass it on."""
    term = sender.term
    return wrapped(
        f"What to do: open the change and reply or vote, that is all. Not yours? A comment there with a line "
        f"“{term}: decline” passes it on to the next in line. Later? “{term}: snooze 3d”. Why you? “{term}: explain”."
    )


def things(count: int) -> str:
    """So many."""
    return "1 thing" if count == 1 else f"{count} things"


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


def wrapped(text: str) -> str:
    """A text as lines of a mail; what stands in “…” is to be written so, and stays on one line."""
    kept = _QUOTED.sub(lambda found: found[0].replace(" ", "\xa0"), text)
    return textwrap.fill(kept, WIDTH, break_long_words=False, break_on_hyphens=False).replace("\xa0", " ")


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
    what = f"{things(count)} for you"
    reasons = list(dict.fromkeys(notice.reason for notice in notices))
    first = min(reasons, key=_urgency)
    return f"{sender.term}: {what}{', first' if len(reasons) > 1 else ''}: {first}"


def _urgency(reason: str) -> int:
    return MOST_URGENT.index(reason) if reason in MOST_URGENT else len(MOST_URGENT)


def _hours(person: Person, sender: Sender) -> str:
    quiet = sender.notify.quiet
    return f", none from {quiet.begin:%H:%M} to {quiet.end:%H:%M} ({person.tz})" if quiet else ""
