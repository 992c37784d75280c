"""From cases to what is done and said on the server: who is newly asked is put on the change, one message tells all."""

from __future__ import annotations

from collections.abc import Sequence

from rules.actions import Action, AddReviewer, Comment, DrawAttention, RemoveReviewer
from rules.arrangements import quiet
from rules.facts import UNKNOWN
from rules.judging import Judging, NewAsk
from rules.signoff.standing import asks_for_sign_off, releases_named
from rules.state import Case
from rules.wording import Asked, Reminded, capacity, reminder, request


def ask_people(asked: Sequence[NewAsk], judging: Judging) -> tuple[Action, ...]:
    """Everybody newly asked is added, and one message tells all of them; suggestions stay in their inbox."""
    there = [one for one in asked if one.case.as_ != "suggest"]
    if not there:
        return ()
    adds = _adds(there, judging)
    told = [one for one in there if not one.silent]
    if not told:
        return adds
    cases = [one.case for one in told]
    people = {case.person for case in cases}
    comment = Comment(
        item=judging.item,
        repo=judging.repo,
        key="Comment:" + ",".join(case.key + _round(case) for case in cases),
        text=request(judging.item, [_asked(one, judging) for one in told], judging.settings),
        tell=tuple(dict.fromkeys(add.account for add in adds if add.person in people - _quiet(judging))),
    )
    return (*adds, comment)


def remind(case: Case, judging: Judging, next_: str) -> tuple[Action, ...]:
    """Draw the asked person's attention, and say to them alone that it still waits, unless they want quiet."""
    account = judging.account(case.person)
    if account == UNKNOWN or case.as_ != "reviewer":
        return ()
    key = f"{case.key}#{case.step}{_round(case)}"
    person = judging.roster.people.get(case.person)
    told = Reminded(
        name=(person.name if person else "") or case.person,
        as_what=capacity(case.role, case.duty, case.team, judging.settings.term),
        since=case.opened,
        next_=f"{_what_waits(case, judging)}{next_}",
    )
    comment = Comment(
        item=judging.item,
        repo=judging.repo,
        key=f"Comment:{key}",
        text=reminder(judging.item, told, judging.settings),
        tell=(account,),
    )
    turn = draw(case, judging, key)
    return turn if quiet(case.person, judging.book.arrangements) else (comment, *turn)


def _what_waits(case: Case, judging: Judging) -> str:
    """The releases that a reminder to sign off is about."""
    named = releases_named(case.team, judging) if asks_for_sign_off(case) else ""
    return f"It asks for {named}. " if named else ""


def draw(case: Case, judging: Judging, key: str) -> tuple[Action, ...]:
    """It is the asked person's turn: a server gives it to the owner when they reply, also where they only told us what
    to do. `key` says on which occasion.
    """
    account = judging.account(case.person)
    if account == UNKNOWN or case.as_ != "reviewer" or case.observed:
        return ()
    return (
        DrawAttention(
            item=judging.item,
            repo=judging.repo,
            key=f"DrawAttention:{key}",
            account=account,
            reason="still asked to review",
        ),
    )


def take_off(case: Case, judging: Judging) -> tuple[Action, ...]:
    """The person is not asked any more: off the change, if they have not voted."""
    account = judging.account(case.person)
    if account == UNKNOWN or case.as_ == "suggest" or case.observed:
        return ()
    key = f"RemoveReviewer:{case.key}{_round(case)}"
    return (RemoveReviewer(item=judging.item, repo=judging.repo, key=key, person=case.person, account=account),)


def without_the_asked(actions: Sequence[Action], judging: Judging) -> tuple[Action, ...]:
    """Nobody is taken off who is asked here all the same: for something else, or anew."""
    waiting = (case for case in judging.waiting() if case.as_ != "suggest" and not case.observed)
    asked = {case.person for case in waiting}
    return tuple(one for one in actions if not (isinstance(one, RemoveReviewer) and one.person in asked))


def _adds(asked: Sequence[NewAsk], judging: Judging) -> tuple[AddReviewer, ...]:
    """One for each person, whatever the number of slots they are asked for; a reviewer rather than CC."""
    adds: dict[str, AddReviewer] = {}
    for case in sorted((one.case for one in asked), key=lambda one: one.as_ == "cc"):
        add = AddReviewer(
            item=judging.item,
            repo=judging.repo,
            key=f"AddReviewer:{case.key}{_round(case)}",
            person=case.person,
            account=judging.account(case.person),
            cc=case.as_ == "cc",
        )
        adds.setdefault(case.person, add)
    return tuple(adds.values())


def _quiet(judging: Judging) -> set[str]:
    """Who gets no mail of ours but the digest."""
    arrangements = judging.book.arrangements
    return {one.person for one in arrangements if quiet(one.person, arrangements)}


def _asked(one: NewAsk, judging: Judging) -> Asked:
    case, person = one.case, judging.roster.people.get(one.case.person)
    return Asked(
        name=(person.name if person else "") or case.person,
        case=case,
        say=one.say,
        instead=one.instead,
    )


def _round(case: Case) -> str:
    """What makes a second ask of the same person another one than the first."""
    return f"~{case.times}" if case.times > 1 else ""
