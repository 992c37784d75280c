"""What else waits for people, by the server's own attention sets: one call for all not asked about lately."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from integrations.gerrit.rest import Rest
from rules.facts import UNKNOWN

KNOWN_FOR = timedelta(seconds=60)
MOST_ROWS = 100  # for one person; nobody has room for more
AT_ONCE = 20  # people in one call


class Turns:
    """Any thread may use it."""

    def __init__(self, rest: Rest, clock: Callable[[], datetime]) -> None:
        self._rest = rest
        self._clock = clock
        self._known: dict[str, tuple[tuple[str, ...], datetime]] = {}  # by account
        self._lock = threading.Lock()

    def of(self, accounts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """Person to the open changes that are their turn; `accounts` maps people to ids. Raises Transient, Refused."""
        now = self._clock()
        with self._lock:
            self._known = {account: known for account, known in self._known.items() if known[1] > now}
            found = {account: items for account, (items, _) in self._known.items()}
        missing = [account for account in dict.fromkeys(accounts.values()) if account not in (UNKNOWN, *found)]
        for start in range(0, len(missing), AT_ONCE):
            found |= self._ask(missing[start : start + AT_ONCE], now + KNOWN_FOR)
        return {person: found.get(account, ()) for person, account in accounts.items()}

    def _ask(self, accounts: Sequence[str], until: datetime) -> dict[str, tuple[str, ...]]:
        questions = [("q", f"attention:{account} status:open") for account in accounts]
        answer = self._rest.get("changes/", [*questions, ("n", str(MOST_ROWS)), ("o", "SKIP_DIFFSTAT")])
        lists = answer if len(accounts) > 1 else [answer]  # a single question is answered without the outer list
        found = {
            account: tuple(f"gerrit:{row['_number']}" for row in rows)
            for account, rows in zip(accounts, lists, strict=True)
        }
        with self._lock:
            self._known.update((account, (items, until)) for account, items in found.items())
        return found
