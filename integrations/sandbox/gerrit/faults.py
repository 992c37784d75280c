"""What goes wrong, on order: the tests and the simulation say it beforehand, REST and SSH then do it.

A rule for REST is asked per call in the order the rules were given; the first that matches method and path is used up
by one. `Hang` and `Cut` are raised by `Rest.handle`: a server turns them into silence, a simulation into a time-out.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

ALL = ".*"
CutHow = Literal["eof", "reset"]


class Hang(Exception):
    """No answer comes; nothing was done."""


class Cut(Exception):
    """The connection ends without an answer. `done` tells whether the call was carried out."""

    def __init__(self, *, done: bool) -> None:
        super().__init__(f"connection cut, call {'done' if done else 'not done'}")
        self.done = done


@dataclass(slots=True, kw_only=True)
class Rule:
    what: Literal["answer", "hang", "cut", "lose-answer"]
    method: str
    path: re.Pattern[str]
    left: int
    status: int = 503
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Faults:
    """All faults of one stand-in. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._refused_logins: dict[str, int] = {}
        self._streams: list[Callable[[CutHow], None]] = []
        self._losers: list[Callable[[int], None]] = []
        self._shut = False
        self._flowing = threading.Event()
        self._flowing.set()

    # REST

    def answer(
        self,
        status: int = 503,
        *,
        times: int = 1,
        path: str = ALL,
        method: str = ALL,
        text: str = "Service Unavailable",
        headers: dict[str, str] | None = None,
    ) -> None:
        """The next `times` calls whose path (with query) matches `path` are answered so, and not carried out."""
        rule = Rule(what="answer", method=method, path=re.compile(path), left=times, status=status, text=text)
        rule.headers = headers or {}
        self._add(rule)

    def hang(self, *, times: int = 1, path: str = ALL, method: str = ALL) -> None:
        """They get no answer and are not carried out."""
        self._add(Rule(what="hang", method=method, path=re.compile(path), left=times))

    def cut(self, *, times: int = 1, path: str = ALL, method: str = ALL) -> None:
        """Their connection is closed, they are not carried out."""
        self._add(Rule(what="cut", method=method, path=re.compile(path), left=times))

    def lose_answer(self, *, times: int = 1, path: str = ALL, method: str = ALL) -> None:
        """They are carried out, then the connection is closed without an answer."""
        self._add(Rule(what="lose-answer", method=method, path=re.compile(path), left=times))

    def shut_rest(self) -> None:
        """Every call is answered 503 and not carried out, until `open_rest`; SSH goes on."""
        self._shut = True

    def open_rest(self) -> None:
        self._shut = False

    def next_rule(self, method: str, path: str) -> Rule | None:
        """Used by REST: the rule for this call, already used up by one."""
        if self._shut:
            return Rule(what="answer", method=method, path=re.compile(ALL), left=0, text="Service Unavailable")
        with self._lock:
            for rule in self._rules:
                if rule.left > 0 and re.fullmatch(rule.method, method) and rule.path.search(path):
                    rule.left -= 1
                    return rule
            return None

    def orders_left(self) -> int:
        """How many calls are still to go wrong."""
        with self._lock:
            return sum(rule.left for rule in self._rules)

    def _add(self, rule: Rule) -> None:
        with self._lock:
            self._rules.append(rule)

    # SSH

    def refuse_login(self, username: str, *, times: int = 1) -> None:
        """The next connections of this user do not get in, whatever key they show."""
        with self._lock:
            self._refused_logins[username] = self._refused_logins.get(username, 0) + times

    def is_login_refused(self, username: str) -> bool:
        """Used by SSH, once for each connection that shows a key."""
        with self._lock:
            left = self._refused_logins.get(username, 0)
            self._refused_logins[username] = max(0, left - 1)
            return left > 0

    def cut_streams(self, how: CutHow = "eof") -> int:
        """Ends all streams now: "eof" closes channel and connection in order, "reset" sends a TCP reset. Gives how
        many there were."""
        with self._lock:
            streams = tuple(self._streams)
        for cut in streams:
            cut(how)
        return len(streams)

    def drop_output(self, lines: int) -> int:
        """Each open stream loses its next lines, and is told `dropped-output` instead. Gives the number of streams."""
        with self._lock:
            losers = tuple(self._losers)
        for lose in losers:
            lose(lines)
        return len(losers)

    def freeze(self) -> None:
        """SSH falls silent without ending: no command is answered and no line sent, until `thaw`."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def is_flowing(self, wait_s: float = 0.0) -> bool:
        """Used by SSH: False while frozen, after waiting so long for the thaw."""
        return self._flowing.wait(wait_s)

    def stream_opened(self, cut: Callable[[CutHow], None], lose: Callable[[int], None]) -> Callable[[], None]:
        """Used by SSH and simulations; gives the call for its end."""
        with self._lock:
            self._streams.append(cut)
            self._losers.append(lose)

        def ended() -> None:
            with self._lock:
                if cut in self._streams:
                    self._streams.remove(cut)
                    self._losers.remove(lose)

        return ended

    def open_streams(self) -> int:
        with self._lock:
            return len(self._streams)

    def clear(self) -> None:
        """Everything works again from now on."""
        with self._lock:
            self._rules.clear()
            self._refused_logins.clear()
        self.open_rest()
        self.thaw()
