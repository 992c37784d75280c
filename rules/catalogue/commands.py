"""Policy `commands`: what people tell the daemon in comments (`czar: claim`) is carried out, or refused with a reason.

Who speaks is the server's authenticated account, never a name in text. Each line is obeyed once (by message id and
line). People are answered in one comment a message, to its author only, and not without end: see MOST_REPLIES.
What each verb does is said in `item_orders`, `people_orders` and `signoff.orders`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from rules import item_orders, people_orders
from rules.actions import Action, Comment
from rules.catalogue.follow import person_of
from rules.catalogue.sign_off import catch_up
from rules.command_lines import Command, command_lines, listens_to, nearest_verb, read_command
from rules.events import Account, ChangeSeen, CommentAdded, Event
from rules.facts import UNKNOWN, Message, Need
from rules.judging import NOTHING, Judging, Ruling
from rules.orders import Answer, No, Order, named, short
from rules.signoff import orders as sign_orders
from rules.state import Case, Effects, Read
from rules.telling import draw
from rules.wording import safe_lines

MOST_REPLIES = 10
"""So many answers a person gets within an hour; what they tell us is carried out all the same."""
HOUR = timedelta(hours=1)

ELSEWHERE = MappingProxyType(
    {
        "gate": "that is for gate failures; here is none",
        "accept": "nobody has proposed you for a duty here",
        "involve": "that is for private items: whoever sees this change may add anybody to it",
    }
)
"""What is understood and has no meaning on a change."""

VERBS: Mapping[str, Callable[[Order], Answer]] = MappingProxyType(
    {**item_orders.VERBS, **people_orders.VERBS, **sign_orders.VERBS}
)
"""What a verb does."""


def needs(event: Event, judging: Judging) -> Need | None:
    """What must be looked up to hear what was said: all that people have said, and whom they named."""
    listen = listens_to(judging.settings.term)
    if not _may_command(event, listen, judging) and not any(_unread(judging)):
        return None
    texts = [line for message in _unread(judging) for _, line in message.lines]
    texts += [line for _, line in command_lines(event.text, listen)] if isinstance(event, CommentAdded) else []
    roster = judging.roster
    called = (named(word, roster) for text in texts for word in text.split() if word.startswith("@"))
    speaking = (person_of(message.by, roster) for message in _unread(judging))
    asked = (case.person for case in judging.book.cases(judging.item))
    team = judging.team
    holders = roster.teams[team].duties if team else {}
    everybody = (person for duty in holders.values() for person in roster.reachable(team, duty.name))
    by = (person_of(event.by, roster),) if isinstance(event, CommentAdded) else ()
    keys = dict.fromkeys(key for key in (*called, *speaking, *by, *asked, *everybody) if key)
    people = tuple(roster.people[key] for key in keys if key in roster.people)
    return Need(item=judging.item, repo=judging.repo, people=people, listen=listen, turns=True)


def obey(event: Event, judging: Judging) -> Ruling:
    """Everything that was said and not carried out yet, in the order it was said. The book has taken it over already:
    what somebody says next counts on what they said before.
    """
    if judging.facts.change is None or judging.facts.change.messages is None:
        return NOTHING
    ruling = NOTHING
    for message in _unread(judging):
        ruling += catch_up(judging, message.at)
        ruling += _obey_message(message, judging)
    judging.book.has_listened(judging.item, event.at)
    return replace(ruling, asked=tuple(one for one in ruling.asked if _waits(one.case, judging)))


def _waits(case: Case, judging: Judging) -> bool:
    """Whether what was asked on somebody's word was not undone by the next one; who opts out hands over soon."""
    person = judging.roster.people.get(case.person)
    if person is None or person.opt_out:
        return False
    return any((one.key, one.times) == (case.key, case.times) for one in judging.waiting())


def _may_command(event: Event, listen: tuple[str, ...], judging: Judging) -> bool:
    if isinstance(event, CommentAdded):
        return bool(command_lines(event.text, listen)) and not _is_deaf_to(event.by, judging)
    if not isinstance(event, ChangeSeen):
        return False
    heard = judging.book.listened(judging.item)
    since = max((at for at in (judging.settings.started, heard) if at), default=None)
    return any((since is None or at >= since) and not _is_deaf_to(by, judging) for by, at in event.may_command)


def _is_deaf_to(by: Account | None, judging: Judging) -> bool:
    """Ourselves, bots, and the server."""
    return by is None or by.username == judging.settings.ourselves or by.username in judging.roster.bots


def _unread(judging: Judging) -> Iterator[Message]:
    change = judging.facts.change
    started = judging.settings.started
    for message in (change.messages or ()) if change else ():
        too_early = started is not None and message.at < started.replace(microsecond=0)
        for_us = message.lines and not too_early and not _is_deaf_to(message.by, judging)
        if for_us and not judging.book.was_read(judging.item, message.id):
            yield message


def _obey_message(message: Message, judging: Judging) -> Ruling:
    key = person_of(message.by, judging.roster)
    ruling, answers = NOTHING, []
    for number, line in message.lines:
        command = read_command(number, line)
        done, answer = _obey(command, key, message, judging)
        judging.book.apply(done.effects)
        ruling += done
        if answer:
            answers.append(f"{short(command.verb) or '?'}: {answer}")
    who = key or message.by.username or message.by.email
    replied = bool(answers) and judging.book.replies(who, since=message.at - HOUR) < MOST_REPLIES
    read = Read(message=message.id, item=judging.item, person=who, at=message.at, replied=replied)
    heard = Effects(read=(read,))
    judging.book.apply(heard)
    reply = (_reply(message, key, answers, judging),) if replied else ()
    return ruling + Ruling(effects=heard, actions=(*reply, *_still_theirs(message, key, judging)))


def _still_theirs(message: Message, key: str | None, judging: Judging) -> tuple[Action, ...]:
    """What waits for them goes on waiting, whatever the server makes of their reply."""
    waits = (case for case in judging.waiting() if case.person == key and case.state == "open")
    return next((draw(case, judging, message.id) for case in waits), ())


def _obey(command: Command, key: str | None, message: Message, judging: Judging) -> Answer:
    if command.verb not in VERBS and command.verb not in ELSEWHERE:
        near = nearest_verb(command.verb)
        if not command.verb:
            return NOTHING, "say what, e.g. status"
        return NOTHING, "I do not know that word" + (f"; did you mean “{near}”?" if near else "")
    if command.verb in ELSEWHERE:
        return NOTHING, ELSEWHERE[command.verb]
    if key is None:
        return NOTHING, "your account is not in the roster"
    order = Order(by=judging.roster.people[key], command=command, message=message, judging=judging)
    try:
        ruling, answer = VERBS[command.verb](order)
    except No as refusal:
        note = f"{key} said “{command.verb}”: refused: {refusal}"
        return Ruling(notes=(note,)), f"not done: {refusal}"
    return ruling + Ruling(notes=(f"{key} said “{' '.join((command.verb, *command.words))[:200]}”",)), answer


def _reply(message: Message, key: str | None, answers: list[str], judging: Judging) -> Comment:
    text = "\n".join(answers)
    account = message.account or (judging.account(key) if key else UNKNOWN)
    return Comment(
        item=judging.item,
        repo=judging.repo,
        key=f"Comment:reply:{message.id}",
        text=safe_lines(text, judging.settings.term),
        tell=(account,) if account != UNKNOWN else (),
    )
