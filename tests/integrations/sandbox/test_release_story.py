"""The sandbox's release: asked for, signed by its czar, and merged only once the gate is open."""

from __future__ import annotations

from integrations.sandbox.cast import Cast
from integrations.sandbox.gerrit.directory import SERVICE_USERS
from integrations.sandbox.gerrit.records import Change
from integrations.sandbox.gerrit.state import Review, State
from integrations.sandbox.release_story import ASKED_AT, LABEL, REPO, SIGNED_AT, ReleaseStory


def told(steps: int) -> tuple[State, ReleaseStory]:
    """The story after so many steps; Ann signs, czar-bot is the bot."""
    state = State()
    state.add_account("czar-bot", groups=[SERVICE_USERS])
    state.add_account("ann")
    story = ReleaseStory(state, Cast(project="plugins/demo", reviewers=("ann",), submitters=()), "czar-bot")
    for _ in range(steps):
        story.step()
    return state, story


def only_change(state: State) -> Change:
    (change,) = state.changes.values()
    return change


def test_after_a_while_somebody_asks_for_a_release_of_the_recorded_project() -> None:
    state, _ = told(ASKED_AT)
    change = only_change(state)
    assert change.project == REPO
    (file,) = change.current.files.values()
    assert "team: demo" in (file.content or "")
    assert "repo: plugins/demo" in (file.content or "")


def test_the_czar_says_so_in_a_comment() -> None:
    state, _ = told(SIGNED_AT)
    assert any("czar: signoff" in message.text for message in only_change(state).messages)


def test_it_goes_in_once_the_bot_has_voted_and_not_before() -> None:
    state, story = told(SIGNED_AT + 5)
    change = only_change(state)
    assert change.status == "NEW"
    bot = state.find_account("czar-bot").account_id
    state.review(change.number, bot, Review(labels={LABEL: 1}))
    story.step()
    assert change.status == "MERGED"
