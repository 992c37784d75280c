"""A stage: one real Gerrit, one real daemon, and for each story a team of its own, so that all are told at once."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import pytest

from tests.acceptance.community import metric
from tests.acceptance.proxy import HttpProxy
from tests.czar_process import Czar
from tests.gerrit_world import Person
from tests.real.gerrit import RealGerrit
from tests.waiting import WaitedInVain, until

PARTS = ("ann", "bob", "pat", "dee", "eve", "oli")
"""Ann is czar for the code and Bob her deputy, both take turns for the gate; Pat is PTL, Dee has the documentation,
Eve nothing, and Oli writes the changes."""
WAYS = ("message", "comment")
"""How commands are said: as a plain message, or as the web page's reply, which is a comment on the patch set."""
WEEK = timedelta(days=7)
WITHIN_S = 60.0
LOOK_EVERY_S = 0.5
ASK_EVERY_S = 2.0
AT_ONCE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of the bot on a change, by the server's clock."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A change as Gerrit shows it. People are named by their parts."""

    reviewers: tuple[str, ...]
    attention: Mapping[str, str]  # and why
    said: tuple[Said, ...]
    added: Counter[str]  # how often the bot put somebody on it
    created: datetime

    def says(self, words: str) -> bool:
        """Whether the bot used these words."""
        return any(words in one.text for one in self.said)

    def when(self, words: str) -> datetime:
        """When the bot used them first."""
        return next(one.at for one in self.said if words in one.text)


@dataclass(slots=True, kw_only=True)
class Cast:
    """The team of one story, and what its people do."""

    stage: Stage
    name: str
    away: tuple[str, ...] = ()  # parts, this week
    people: dict[str, Person] = field(default_factory=dict)
    _ways: itertools.cycle[str] = field(init=False)
    _seen: dict[int, tuple[float, Seen]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ways = itertools.cycle(self.stage.ways)

    @property
    def prefix(self) -> str:
        """What stands before the part in a username."""
        return f"{self.stage.name}-{self.name}-"

    @property
    def repo(self) -> str:
        return f"{self.stage.name}/{self.name}"

    def hire(self) -> None:
        """Make the accounts and the project."""
        self.people = {part: self.stage.world.add_person(self.prefix + part) for part in PARTS}
        self.stage.world.add_project(self.repo)

    def people_lines(self) -> str:
        """For roster.yaml."""
        today = datetime.now(UTC).date()
        absence = f", away: [{{from: {today - WEEK}, to: {today + WEEK}}}]"
        lines = ((person.username, absence if part in self.away else "") for part, person in self.people.items())
        return "".join(f"  {username}: {{gerrit: {username}{away}}}\n" for username, away in lines)

    def team_line(self) -> str:
        """For roster.yaml."""
        ann, bob, pat, dee = (self.prefix + part for part in ("ann", "bob", "pat", "dee"))
        duties = (
            f"code: {{czars: [{ann}], deputies: [{bob}]}}",
            f"docs: {{czars: [{dee}]}}",
            f"gate: {{rotation: {{order: [{ann}, {bob}], every: 7d, start: 2026-01-05}}}}",
        )
        return f"  {self.name}: {{repos: [{self.repo}], ptl: {pat}, duties: {{{', '.join(duties)}}}}}\n"

    def create(self, subject: str = "calm", **more: Any) -> int:
        """A change of Oli's, made in the web page; gives its number."""
        wanted = {"project": self.repo, "branch": "master", "subject": subject, **more}
        return int(self.rest("oli", "POST", "/changes/", wanted)["_number"])

    def asked(self, subject: str = "calm", **more: Any) -> int:
        """A change for which Ann was asked."""
        number = self.create(subject, **more)
        self.until(number, lambda seen: seen.reviewers == ("ann",) and seen.says("asked to review"), "Ann to be asked")
        return number

    def new_patch_set(self, number: int) -> None:
        """Oli changes the commit message."""
        change_id = self.rest("oli", "GET", f"/changes/{number}")["change_id"]
        words = f"Another message, {time.monotonic_ns()}\n\nChange-Id: {change_id}\n"
        self.rest("oli", "PUT", f"/changes/{number}/message", {"message": words})

    def say(self, who: str, number: int, text: str, *, way: str = "") -> None:
        """As somebody does it, in turn by the web page's reply and as a plain message; or one `way` of these."""
        if (way or next(self._ways)) == "message":
            self.review(who, number, message=text)
        else:
            comment = {"message": text, "unresolved": False}
            self.review(who, number, comments={"/PATCHSET_LEVEL": [comment]})

    def review(self, who: str, number: int, **how: Any) -> None:
        self.rest(who, "POST", f"/changes/{number}/revisions/current/review", how)

    def turn(self, who: str, number: int, *, to: str = "", off: str = "") -> None:
        """Somebody says whose turn it is, or whose it is not."""
        path = f"/changes/{number}/attention"
        if to:
            self.rest(who, "POST", path, {"user": str(self.people[to].account_id), "reason": "your turn"})
        if off:
            self.rest(who, "POST", f"{path}/{self.people[off].account_id}/delete", {"reason": "not yours"})

    def rest(self, who: str, method: str, path: str, body: object = None) -> Any:
        return self.stage.world.rest(self.people[who] if who else self.stage.stranger, method, path, body)

    def answered(self, who: str, number: int, text: str, words: str, *, way: str = "") -> None:
        """Say something and get an answer with these words, mailed to whom it is for."""
        before = len(self.look(number, fresh=True).said)
        self.say(who, number, text, way=way)

        def heard(seen: Seen) -> bool:
            return any(words in one.text for one in seen.said[before:])

        self.until(number, heard, f"{words!r} as the answer to {text!r}")
        if who:
            told = [to for to, message in self.mails(number)[before:] if words in message]
            assert who in told[0], (text, told)

    def mails(self, number: int) -> list[tuple[list[str], str]]:
        """To whom Gerrit was told to mail each message of the bot."""
        reviews = [one for one in self.stage.reviews(self.repo, number) if "message" in one]
        return [(self._told(one), one["message"].replace(self.prefix, "")) for one in reviews]

    def look(self, number: int, *, fresh: bool = False) -> Seen:
        """As of a moment ago."""
        at, seen = self._seen.get(number, (0.0, None))
        if seen is None or fresh or time.monotonic() - at > LOOK_EVERY_S:
            seen = self._read(number)
            self._seen[number] = time.monotonic(), seen
        return seen

    def until(self, number: int, condition: Callable[[Seen], bool], what: str, within_s: float = WITHIN_S) -> Seen:
        """The change as it was when it became so."""
        try:
            until(lambda: condition(self.look(number)), within_s, what)
        except WaitedInVain as error:
            raise WaitedInVain(f"{error}\n{self._story(number)}") from None
        return self.look(number)

    def until_age(self, number: int, age_s: float) -> Seen:
        """The change so many seconds after it was made, by the clock that servers and daemon share."""
        made = self.look(number).created.timestamp()
        until(lambda: time.time() > made + age_s, age_s + 5, "time to pass")
        return self.look(number, fresh=True)

    def until_quiet(self) -> None:
        """The daemon has done all that it decided so far."""
        until(lambda: self.stage.metric('czar_actions{state="pending"}') == 0, WITHIN_S, "nothing to be left to do")

    def heard_out(self, number: int) -> Seen:
        """The change once all that happened on it was judged: things of one change are taken up in order, so Dee asks
        for its status. Without that answer.
        """
        self.answered("dee", number, "czar: status", "status: ")
        self.until_quiet()
        seen = self.look(number, fresh=True)
        return replace(seen, said=tuple(one for one in seen.said if "status: " not in one.text))

    def until_case(self, number: int, part: str, **how: object) -> dict[str, Any]:
        """The case of somebody, as `czar cases` shows it, once it is so."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.cases(number) if one["person"] == part and how.items() <= one.items()]

        try:
            return until(found, WITHIN_S, f"the case of {part} to be {how}")[0]
        except WaitedInVain as error:
            raise WaitedInVain(f"{error}\n{self._story(number)}") from None

    def cases(self, number: int) -> list[dict[str, Any]]:
        """What `czar cases` shows, of a moment ago."""
        return [one for one in self._named(self.stage.cases()) if one["item"] == f"gerrit:{number}"]

    def explained(self, number: int) -> list[dict[str, Any]]:
        """What `czar explain` shows."""
        return self._named(self.stage.czar.json("explain", f"gerrit:{number}"))

    def notes(self, number: int) -> list[str]:
        """What `czar explain` tells of what was followed up."""
        return [note for row in self.explained(number) for note in row["notes"]]

    def candidates(self, number: int) -> dict[str, str]:
        """The newest table of who was considered."""
        tables = [row["candidates"] for row in self.explained(number) if row["candidates"]]
        return {one["person"]: one["reason"] for one in tables[-1]}

    def inbox(self, part: str) -> list[dict[str, Any]]:
        return self._named(self.stage.czar.json("inbox", self.prefix + part))

    def _story(self, number: int) -> str:
        """All that is known, for whoever looks for what went wrong."""
        explained = self.stage.czar.command("explain", f"gerrit:{number}").stdout
        return f"{self.look(number, fresh=True)}\n{explained}".replace(self.prefix, "")

    def _named(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """People by their parts."""
        named: list[dict[str, Any]] = json.loads(json.dumps(rows).replace(self.prefix, ""))
        return named

    def _read(self, number: int) -> Seen:
        detail = self.stage.world.rest(self.stage.world.admin, "GET", f"/changes/{number}/detail")
        ours = self.stage.bot.account_id
        added = (
            self._part(update["reviewer"])
            for update in detail["reviewer_updates"]
            if update["state"] == "REVIEWER" and update["updated_by"]["_account_id"] == ours
        )
        return Seen(
            reviewers=tuple(sorted(self._part(one) for one in detail["reviewers"].get("REVIEWER", ()))),
            attention={self._part(one["account"]): one["reason"] for one in detail.get("attention_set", {}).values()},
            said=tuple(
                Said(text=one["message"].replace(self.prefix, ""), at=_instant(one["date"]))
                for one in detail["messages"]
                if one.get("author", {}).get("_account_id") == ours and one.get("tag") == "autogenerated:czar"
            ),
            added=Counter(added),
            created=_instant(detail["created"]),
        )

    def _part(self, account: dict[str, Any]) -> str:
        return str(account["username"]).removeprefix(self.prefix)

    def _told(self, review: dict[str, Any]) -> list[str]:
        assert review["notify"] == "NONE"
        accounts = review.get("notify_details", {}).get("TO", {}).get("accounts", ())
        known = {person.account_id: part for part, person in self.people.items()}
        return sorted(known.get(account, str(account)) for account in accounts)


class Stage:
    """`open` it, then play."""

    def __init__(self, world: RealGerrit, czar: Czar, name: str, *, ways: tuple[str, str] = WAYS) -> None:
        self.world = world
        self.czar = czar
        self.name = name
        self.ways = ways
        self.http = HttpProxy(int(world.url.rpartition(":")[2]))
        self.bot = world.add_person(f"{name}-bot", service=True)
        self.stranger = world.add_person(f"{name}-stranger")
        self.robot = world.add_person(f"{name}-robot")
        self.casts: list[Cast] = []
        self._cases: list[dict[str, Any]] = []
        self._asked_at = 0.0
        self._asking = threading.Lock()

    def cast(self, name: str, away: tuple[str, ...] = ()) -> Cast:
        """A team for one story."""
        self.casts.append(Cast(stage=self, name=name, away=away))
        return self.casts[-1]

    def open(self, rules: str, *, more: str = "") -> None:
        """Hire everybody, write the config, set the server up, and start the daemon."""
        for cast in self.casts:  # one by one: two accounts made at once may meet a lock
            cast.hire()
        people = "".join(cast.people_lines() for cast in self.casts)
        teams = "".join(cast.team_line() for cast in self.casts)
        roster = f"people:\n{people}bots: [{self.robot.username}]\nteams:\n{teams}"
        self.czar.write(self.world, self.bot, roster=roster, rules=rules, url=self.http.url, more=more)
        self._set_up()
        self.czar.start()

    def cases(self) -> list[dict[str, Any]]:
        """What `czar cases` tells, of a moment ago: starting a command costs more than anything else here."""
        with self._asking:
            if time.monotonic() - self._asked_at > ASK_EVERY_S:
                self._cases, self._asked_at = self.czar.json("cases"), time.monotonic()
            return self._cases

    def reviews(self, repo: str, number: int) -> list[dict[str, Any]]:
        """What the daemon posted on a change, in order."""
        path = f"/changes/{quote(repo, safe='')}~{number}/revisions/"
        return [json.loads(body) for where, body in self.http.posted if path in where and where.endswith("/review")]

    def metric(self, name: str) -> float:
        """One of the daemon's metrics, 0 where it is not shown."""
        return metric(self.czar, name)

    def _set_up(self) -> None:
        """As an administrator does."""
        file = self.czar.config.parent / "admin-password"
        file.write_text(self.world.admin.password)
        file.chmod(0o600)
        done = self.czar.command("gerrit", "setup", "--apply", "--as", "admin", "--password-file", str(file))
        assert done.returncode == 0, done.stdout + done.stderr


Story = Callable[[Cast], None]
Told = TypeVar("Told")
NOBODY: Mapping[Story, tuple[str, ...]] = {}


@contextmanager
def played(
    stage: Stage, stories: Iterable[Story], rules: str, away: Mapping[Story, tuple[str, ...]] = NOBODY
) -> Iterator[dict[Story, Future[None]]]:
    """All stories are told at the same time, each by a cast of its own."""
    casts = {story: stage.cast(f"c{number}", away.get(story, ())) for number, story in enumerate(stories)}
    stage.open(rules)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {story: pool.submit(story, cast) for story, cast in casts.items()}


def wanted(request: pytest.FixtureRequest, stories: Iterable[Told]) -> list[Told]:
    """The stories that this run of pytest asks for."""
    params = [
        item.callspec.params
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    asked = {given["story"] for given in params if "story" in given}
    return [story for story in stories if story in asked]


def _instant(text: str) -> datetime:
    """Gerrit's, in whole seconds."""
    return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
