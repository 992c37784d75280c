"""One real daemon on one stand-in Gerrit, for all tests of commands that read what a daemon wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.czar_process import Czar
from tests.daemon.community import LONELY, ROSTER, RULES, TOOL, UNOWNED, Community, filled
from tests.stand_in_world import StandInWorld


@pytest.fixture(scope="session")
def community(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Community]:
    """All tests of commands share it."""
    folder = tmp_path_factory.mktemp("community")
    world = StandInWorld(folder)
    try:
        bot = world.add_person("czar-bot", service=True)
        people = {name: world.add_person(name) for name in ("ann", "bob", "cyd", "pat", "dev")}
        for project in (TOOL, LONELY, UNOWNED):
            world.add_project(project)
        with Czar(folder / "czar") as daemon:
            daemon.write(world, bot, roster=ROSTER, rules=RULES)
            daemon.start()
            yield filled(world, daemon, bot, people)
    finally:
        world.close()
