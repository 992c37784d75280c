"""What goes into one call; tests/integrations/gerrit/test_hands.py shows the rest."""

from __future__ import annotations

from integrations.gerrit.review import MOST_LETTERS, coming, mark, review_of, told_by, too_much
from rules.actions import AddReviewer, Comment

WHERE = {"item": "gerrit:7", "repo": "plugins/x"}


def say(text: str, key: str = "Comment:1", *tell: str) -> Comment:
    return Comment(**WHERE, key=key, text=text, tell=tell)


def test_a_mark_tells_one_action_from_another() -> None:
    assert mark(say("a")) == mark(say("b"))
    assert mark(say("a")) != mark(say("a", "Comment:2"))


def test_who_is_not_there_is_not_told() -> None:
    add = AddReviewer(item="gerrit:7", repo="plugins/x", key="Add", person="p", account="4")
    assert coming([add, say("a")]) == {"4"}
    assert told_by([say("a", "1", "3", "4"), say("b", "2", "4", "5")], {"4", "5"}) == [4, 5]


def test_a_message_is_counted_as_the_server_does_and_the_first_always_goes() -> None:
    room = MOST_LETTERS - len(review_of([say(""), say("", "Comment:2")], set())["message"])
    assert too_much([say("é" * room), say("", "Comment:2")]) == []
    assert too_much([say("é" * (room + 1)), say("", "Comment:2")]) == [say("", "Comment:2")]
    assert len(too_much([say("🫖" * (room // 2 + 1)), say("", "Comment:2")])) == 1
    assert too_much([say("a" * 20_000)]) == []
    assert too_much([]) == []
