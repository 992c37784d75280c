"""The ways people are told things, read from their secret files, and checked with the place they are named at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from daemon.config import marks, secrets
from daemon.config.marks import Fields, Marked
from daemon.config.mistakes import Mistake, Mistakes
from daemon.config.service import Notify
from integrations.contract import Channel

CZAR = "czar.yaml"


def channels(notify: Notify, person: str, directory: Path) -> tuple[Channel, ...]:
    """Their own way, then the one for all. Raises BadSecret."""
    own, default = notify.people.get(person), notify.default
    found = [Channel(url=_url(own.url_file, directory))] if own else []
    found += [Channel(url=_url(default.url_file, directory), shared=True)] if default else []
    return tuple(found)


def unreadable(notify: Notify, directory: Path, is_readable: Callable[[str], bool]) -> tuple[Mistake, ...]:
    """A mistake for each URL that nobody can make anything of; secrets that are not there are not looked at."""
    places = {("default",): notify.default} | {("people", name): one for name, one in notify.people.items()}
    return tuple(
        _mistake(directory, loc, channel.url_file)
        for loc, channel in places.items()
        if channel and not _is_fine(channel.url_file, directory, is_readable)
    )


def _url(name: str, directory: Path) -> str:
    return secrets.read(name, directory).get_secret_value()


def _is_fine(name: str, directory: Path, is_readable: Callable[[str], bool]) -> bool:
    try:
        return is_readable(_url(name, directory))
    except secrets.BadSecret:
        return True


def _mistake(directory: Path, loc: tuple[str, ...], name: str) -> Mistake:
    line, column = next(_places(directory, ("notify", *loc, "url_file")), (1, 1))
    said = f"url_file: {name} holds no URL that apprise can read: see the channel's page at appriseit.com"
    return Mistake(CZAR, line, column, "notify", said)


def _places(directory: Path, loc: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where that key's value stands; nothing where the file changed meanwhile."""
    try:
        value: Marked | None = marks.read(marks.decode((directory / CZAR).read_bytes(), CZAR), CZAR)
    except (OSError, Mistakes):
        return
    for part in loc:
        value = value.entries.get(part) if isinstance(value, Fields) else None
    if value is not None:
        yield value.line, value.column
