"""What commands begin with: the config, and the journal it names."""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.config.load import Config, load
from daemon.config.service import database_url
from daemon.journal.journal import Journal, now, open_journal
from daemon.main import CannotRun, config_directory


def load_config() -> Config:
    """All of the config directory. Raises Mistakes."""
    from daemon.wiring import read_governance

    return load(config_directory(), governance=read_governance)


@contextmanager
def opened_journal(*, make: bool = False) -> Iterator[Journal]:
    """The journal of the config directory; unless `make`, it must be there already."""
    config = load(config_directory(), need=("czar",))
    with journal_of(config, make=make) as journal:
        yield journal


@contextmanager
def journal_of(config: Config, *, make: bool = False) -> Iterator[Journal]:
    """The journal a config names."""
    url = database_url(config.service, config.directory).get_secret_value()
    scheme, _, path = url.partition(":///")
    file = Path(path)
    if scheme == "sqlite" and not make and not file.exists():
        raise CannotRun(f"there is no journal yet ({file}): it is made when czar run starts")
    if make:
        _refuse_to_make_it_roots_own(config.service.state)
        config.service.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    journal = open_journal(url, now, random.Random())  # noqa: S311  spreads retries
    try:
        yield journal
    finally:
        journal.close()


def _refuse_to_make_it_roots_own(state: Path) -> None:
    """A journal that root makes in the daemon's directory could not be written by the daemon."""
    if os.geteuid() == 0 and state.is_dir() and state.stat().st_uid != 0:
        raise CannotRun(
            f"{state} is {state.owner()}'s: run this as that user, e.g. runuser -u {state.owner()} -- czar …"
        )


def password_of(file: Path) -> str:
    """The password somebody's file holds; refused where everybody may read it."""
    if file.stat().st_mode & stat.S_IROTH:
        raise CannotRun(f"{file} may be read by everybody: chmod 600 {file}")
    return file.read_text(encoding="utf-8").strip()
