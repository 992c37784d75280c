"""A stale vote is never cast after a newer decision."""

from __future__ import annotations

from typing import Any

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from integrations.contract import Outcome
from rules.actions import Vote
from tests.daemon.journals import batch, comment, decision


def test_of_one_label_only_the_newest_is_still_cast(journal: Journal) -> None:
    journal.deciding.record(batch(1, decision(1, vote(1))))
    journal.deciding.record(Batch(upto=2, decided=[(2, decision(1, vote(0), comment()), None)]))
    todo = journal.acting.take()
    assert todo is not None
    assert todo.actions == (vote(0), comment())
    told = {done.action.key: (done.state, done.outcome) for done in journal.views.story("gerrit:1")[0].actions}
    assert told == {vote(1).key: ("refused", "a newer vote took its place")}


def test_also_within_one_batch(journal: Journal) -> None:
    journal.deciding.record(batch(2, decision(1, vote(1)), decision(1, vote(-1))))
    todo = journal.acting.take()
    assert todo is not None
    assert todo.actions == (vote(-1),)


def test_those_of_other_labels_and_items_stay(journal: Journal) -> None:
    other = vote(1, key="other", label="Code-Review")
    journal.deciding.record(batch(2, decision(1, vote(1), other), decision(2, vote(1, 2))))
    journal.deciding.record(Batch(upto=3, decided=[(3, decision(1, vote(0)), None)]))
    found = [journal.acting.take() for _ in range(2)]
    assert [todo.actions if todo else None for todo in found] == [(other, vote(0)), (vote(1, 2),)]


def test_one_that_is_cast_stays_cast(journal: Journal) -> None:
    journal.deciding.record(batch(1, decision(1, vote(1))))
    todo = journal.acting.take()
    assert todo is not None
    journal.acting.settle(todo, [Outcome(key=vote(1).key, done=True, because="done")])
    journal.acting.give_back(todo.item)
    journal.deciding.record(Batch(upto=2, decided=[(2, decision(1, vote(0)), None)]))
    (told, _) = journal.views.story("gerrit:1")
    assert [done.state for done in told.actions] == ["done"]


def test_the_newest_takes_over_the_doubt_of_those_before(journal: Journal) -> None:
    """A +1 that is under way must not arrive after its withdrawal was cast."""
    journal.deciding.record(batch(1, decision(1, vote(1))))
    todo = journal.acting.take()
    assert todo is not None
    journal.acting.start(todo)
    journal.acting.postpone(todo, "no answer", doubt=True, after_s=0)
    journal.acting.give_back(todo.item)
    journal.deciding.record(Batch(upto=3, decided=[(2, decision(1, vote(0)), None), (3, decision(1, vote(-1)), None)]))
    todo = journal.acting.take()
    assert todo is not None
    assert (todo.actions, todo.doubt) == ((vote(-1),), True)


def test_what_is_only_observed_takes_nobodys_place(journal: Journal) -> None:
    journal.deciding.record(batch(2, decision(1, vote(1)), decision(1, would=(vote(0),))))
    todo = journal.acting.take()
    assert todo is not None
    assert todo.actions == (vote(1),)


def test_what_was_said_last_counts_also_where_it_was_said_before(journal: Journal) -> None:
    """Twice the same at one instant is one action with one key."""
    journal.deciding.record(batch(3, *(decision(1, vote(value)) for value in (1, -1, 1))))
    todo = journal.acting.take()
    assert todo is not None
    assert todo.actions == (vote(1),)


def vote(value: int, number: int = 1, **fields: Any) -> Vote:
    """By the bot."""
    item = f"gerrit:{number}"
    given_: dict[str, Any] = {"item": item, "repo": "openstack/releases", "label": "Release-Signoff"}
    given_ |= {"key": f"Vote:{item}:{value}"}
    return Vote(**(given_ | {"value": value, "revision": "c0ffee"} | fields))
