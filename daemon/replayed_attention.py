"""Whose turn each change of a recording is: as Gerrit's attention set, which does not stand in a recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from rules.facts import UNKNOWN


class Attention:
    """Who has the attention of which change, and since when; by account id. Bots never have it."""

    def __init__(self, bots: frozenset[str]) -> None:
        self._bots = bots
        self._since: dict[str, dict[str, datetime]] = {}  # by item and account
        self._items: dict[str, dict[str, None]] = {}  # by account, longest first

    def of(self, item: str) -> Mapping[str, datetime]:
        """Since when, by account, in that order."""
        return self._since.get(item, {})

    def turns(self, account: str) -> tuple[str, ...]:
        """The items whose attention an account has, longest first."""
        return tuple(self._items.get(account, ()))

    def draw(self, item: str, accounts: Iterable[str], at: datetime) -> None:
        """These have it too; who has it already keeps it since then."""
        since = self._since.setdefault(item, {})
        for account in accounts:
            if account != UNKNOWN and account not in self._bots and account not in since:
                since[account] = at
                self._items.setdefault(account, {})[item] = None

    def forgo(self, item: str, accounts: Iterable[str]) -> None:
        """These have it no longer."""
        for account in accounts:
            self._since.get(item, {}).pop(account, None)
            self._items.get(account, {}).pop(item, None)

    def forget(self, item: str) -> None:
        """Nobody has it any longer."""
        self.forgo(item, tuple(self.of(item)))
