"""The promise under everything that goes wrong at once: nothing lost, nothing done twice."""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon import letters
from daemon.journal import deciding
from daemon.journal.acting import Acting, Todo
from daemon.journal.deciding import Deciding
from daemon.journal.records import case_row
from integrations.contract import Outcome
from integrations.gerrit import hands
from integrations.gerrit.catch_up import CatchUp
from integrations.gerrit.hands import GerritHands
from rules.actions import Action
from rules.catalogue import sign_off
from rules.signoff import signing, words
from rules.state import Book
from tests.simulation import process
from tests.simulation.community import BOT
from tests.simulation.promise import Promise
from tests.simulation.world import Broken, World

STEPS = 150
SHOWN = 30
QUICK = 6
FULL = 40
LONG = 5000
MOST_PLANTED = 100
"""Seeds within which a planted fault must be found."""


def simulate(template: Path, folder: Path, seed: int, steps: int = STEPS) -> list[str]:
    """Live through one seed and check the promise; what happened. A failure names the seed and shows the last steps."""
    file = Path(shutil.copy(template, folder / f"{seed}.db"))
    world = World(file, seed)
    try:
        promise = Promise(world)
        for _ in range(steps):
            world.live()
            promise.each_step()
        world.calm_down()
        promise.in_the_end()
    except Broken as error:
        last = "\n".join(world.trace[-SHOWN:])
        raise Broken(f"seed {seed}, {steps} steps: {error}\n{last}") from error.__cause__
    finally:
        world.close()
        file.unlink()
    return world.trace


@pytest.mark.parametrize("seed", range(QUICK))
def test_the_promise_holds(template: Path, tmp_path: Path, seed: int) -> None:
    simulate(template, tmp_path, seed)


@pytest.mark.full
@pytest.mark.parametrize("first", range(1000, 1000 + FULL, 20))
def test_the_promise_holds_for_longer(template: Path, tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 20):
        simulate(template, tmp_path, seed)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_the_promise_holds_all_night(template: Path, tmp_path: Path) -> None:
    first = int(f"{datetime.now(UTC):%y%m%d}") * 10_000
    print(f"seeds from {first}")
    for seed in range(first, first + LONG):
        simulate(template, tmp_path, seed, steps=random.Random(seed).choice((STEPS, STEPS, 4 * STEPS)))


def test_a_seed_can_be_repeated(template: Path, tmp_path: Path) -> None:
    assert simulate(template, tmp_path, 7) == simulate(template, tmp_path, 7)


class CarelessHands(GerritHands):
    """Never look first."""

    def act(self, item: str, actions: Sequence[Action], *, in_doubt: bool) -> Sequence[Outcome]:
        blind = {"current_revision": "current", "project": "p", "branch": "b", "status": "NEW"}
        seen = blind | {"created": "2026-01-01 00:00:00.000000000", "revisions": {"current": {}}}
        return self._post(item, hands._plan(actions, seen, BOT), "current")


def _forget_doubt(patch: pytest.MonkeyPatch) -> None:
    """An actor that does not write down what may be under way."""

    def postpone(self: Acting, todo: Todo, because: str, *, doubt: bool, after_s: float | None = None) -> None:
        later(self, todo, because, doubt=False, after_s=after_s)

    later = Acting.postpone
    patch.setattr(Acting, "start", lambda self, todo: None)
    patch.setattr(Acting, "postpone", postpone)


def _never_look(patch: pytest.MonkeyPatch) -> None:
    """Hands that act at once."""
    patch.setattr(process, "GerritHands", CarelessHands)


def _skip_catch_up(patch: pytest.MonkeyPatch) -> None:
    """A source that does not care what it missed."""
    patch.setattr(CatchUp, "step", lambda self, wait_s: False)
    patch.setattr(CatchUp, "trouble", lambda self: "")


def _forget_what_waits(patch: pytest.MonkeyPatch) -> None:
    """A decider that begins anew with what is heard from then on."""
    patch.setattr(Deciding, "waiting", lambda self: [])


def _forget_what_was_read(patch: pytest.MonkeyPatch) -> None:
    """A book in which each command is new again."""
    patch.setattr(Book, "was_read", lambda self, item, message: False)


def _forget_steps(patch: pytest.MonkeyPatch) -> None:
    """A journal that does not know how far a ladder has come."""
    patch.setattr(deciding, "case_row", lambda case, seq: {**case_row(case, seq), "step": 0})


def _decline_nothing(patch: pytest.MonkeyPatch) -> None:
    """Who gave it back may be asked again at once."""
    patch.setattr(Book, "declined", lambda self, item: {})


def _let_what_is_void_stand(patch: pytest.MonkeyPatch) -> None:
    """Who lost the right, and whose sign-off is too old, has signed all the same."""
    patch.setattr(signing, "_has_right", lambda entry, sat, law: True)
    patch.setattr(signing, "_sits", lambda entry, bench, law: True)


def _give_no_vote_again(patch: pytest.MonkeyPatch) -> None:
    """What was voted once is taken for granted."""
    vote = sign_off._vote
    patch.setattr(sign_off, "_vote", lambda gate, before, request: vote(gate, before, request)[: gate != before])


def _publish_half(patch: pytest.MonkeyPatch) -> None:
    """Of what the ledger holds, comments show the newest alone."""
    texts = words.state_texts
    patch.setattr(sign_off, "state_texts", lambda gate, asked, stands, fresh: texts(gate, asked, stands, fresh[-1:]))


def _write_another_letter(patch: pytest.MonkeyPatch) -> None:
    """What may have been sent already is sent as something new."""
    numbers = itertools.count()
    patch.setattr(letters, "letter_id", lambda names: f"letter {next(numbers)}")


@pytest.mark.full
@pytest.mark.parametrize(
    "plant",
    [
        _never_look,
        _forget_doubt,
        _skip_catch_up,
        _forget_what_waits,
        _forget_what_was_read,
        _forget_steps,
        _decline_nothing,
        _write_another_letter,
        _let_what_is_void_stand,
        _give_no_vote_again,
        _publish_half,
    ],
)
def test_a_planted_fault_breaks_it(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    assert any(_is_broken(template, tmp_path, seed) for seed in range(MOST_PLANTED))


def _is_broken(template: Path, folder: Path, seed: int) -> bool:
    try:
        simulate(template, folder, seed)
    except Broken:
        return True
    return False
