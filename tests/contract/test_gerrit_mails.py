"""What real Gerrits mail because of us: one mail for each thing said, to those it is for and to nobody else."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from integrations.contract import Transient
from integrations.gerrit import setup
from integrations.gerrit.hands import GerritHands
from integrations.gerrit.rest import Rest
from rules.actions import Action, AddReviewer, Comment, DrawAttention, RemoveReviewer
from tests.gerrit_world import Person, Pushed
from tests.real.exim import RealMailServer
from tests.real.gerrit import RealGerrit

pytestmark = pytest.mark.full
REPO = "mails/tea"
_numbers = itertools.count()


class BreaksOff(Rest):
    """Loses its connection once, before it says anything."""

    broken = False

    def post(self, path: str, body: object) -> object:
        if not self.broken and isinstance(body, dict) and "message" in body:
            self.broken = True
            raise Transient("reset", in_doubt=True)
        return super().post(path, body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A change of Ann's, whose core reviewer Dee is kept informed, and the mail that comes because of it."""

    gerrit: RealGerrit
    mail_server: RealMailServer
    bot: Person
    change: Pushed

    def person(self, name: str) -> Person:
        return self.gerrit.add_person(name)

    def act(self, *actions: Action, rest: Rest | None = None) -> list[bool]:
        hands = GerritHands(rest or Rest(self.gerrit.url, self.bot.username, self.bot.password))
        return [outcome.done for outcome in hands.act(self.item, actions, in_doubt=False)]

    def reply(self, name: str, text: str) -> None:
        """Somebody writes on the change, and nobody is mailed."""
        self._review(self.person(name), {"message": text, "notify": "NONE"})

    def mails(self) -> list[tuple[str, str]]:
        """Who was mailed since it was last asked, and what about.

        Gerrit mails one thing after the other: once a last one to somebody else is there, all before it are.
        """
        last = self.person("last")
        told = {"TO": {"accounts": [last.account_id]}}
        self._review(self.gerrit.admin, {"message": "That is all.", "notify": "NONE", "notify_details": told})
        self.mail_server.mails_to(last.email, 1)
        mails = [(mail["Envelope-to"], mail["X-Gerrit-MessageType"]) for mail in self.mail_server.mails()]
        self.mail_server.clear()
        return [(address.partition("@")[0], about) for address, about in mails if address != last.email]

    @property
    def item(self) -> str:
        return f"gerrit:{self.change.number}"

    def add(self, name: str, *, cc: bool = False) -> AddReviewer:
        account = self._account(name)
        return AddReviewer(item=self.item, repo=REPO, key=f"AddReviewer:{name}", person=name, account=account, cc=cc)

    def remove(self, name: str) -> RemoveReviewer:
        account = self._account(name)
        return RemoveReviewer(item=self.item, repo=REPO, key=f"RemoveReviewer:{name}", person=name, account=account)

    def draw(self, name: str) -> DrawAttention:
        account = self._account(name)
        return DrawAttention(item=self.item, repo=REPO, key=f"Draw:{name}", account=account, reason="your turn")

    def say(self, text: str, name: str) -> Comment:
        return Comment(item=self.item, repo=REPO, key=f"Comment:{text}", text=text, tell=(self._account(name),))

    def _account(self, name: str) -> str:
        return str(self.person(name).account_id)

    def _review(self, who: Person, body: object) -> None:
        self.gerrit.rest(who, "POST", f"/changes/{self.change.number}/revisions/current/review", body)


@pytest.fixture
def office(mailing_gerrit: RealGerrit, mail_server: RealMailServer) -> Office:
    mailing_gerrit.add_project(REPO)
    for name in ("bob", "cyd", "dee"):
        mailing_gerrit.add_person(name)
    bot = mailing_gerrit.add_person("mail-bot", service=True)
    setup.apply(Rest(mailing_gerrit.url, mailing_gerrit.admin.username, mailing_gerrit.admin.password), bot.username)
    number, ann = next(_numbers), mailing_gerrit.add_person("ann")
    files = {f"{number}.py": "leaves\n"}
    change = mailing_gerrit.push(ann, REPO, subject=f"Brew tea, take {number}", files=files, options=("cc=dee",))
    office = Office(gerrit=mailing_gerrit, mail_server=mail_server, bot=bot, change=change)
    assert office.mails() == [("dee", "newchange")]
    return office


def asked(office: Office, name: str) -> None:
    """Somebody was asked before, and was mailed about that."""
    office.act(office.add(name), office.say(f"Please look, {name}.", name))
    assert office.mails() == [(name, "comment")]


def test_who_is_asked_gets_one_mail_and_nobody_else_any(office: Office) -> None:
    done = office.act(office.add("bob"), office.add("cyd", cc=True), office.say("Please look.", "bob"))
    assert done == [True] * 3
    assert office.mails() == [("bob", "comment")]


def test_who_is_kept_informed_gets_one_mail(office: Office) -> None:
    assert office.act(office.add("cyd", cc=True), office.say("For you to know.", "cyd")) == [True] * 2
    assert office.mails() == [("cyd", "comment")]


def test_an_ask_that_broke_off_half_way_is_one_mail_all_the_same(office: Office) -> None:
    actions = office.add("bob"), office.say("Please look.", "bob")
    rest = BreaksOff(office.gerrit.url, office.bot.username, office.bot.password)
    with pytest.raises(Transient):
        office.act(*actions, rest=rest)
    assert office.mails() == []
    for _ in range(2):
        assert office.act(*actions, rest=rest) == [True] * 2
    assert office.mails() == [("bob", "comment")]


def test_a_reminder_is_one_mail_to_who_is_reminded(office: Office) -> None:
    asked(office, "bob")
    asked(office, "cyd")
    assert office.act(office.draw("bob"), office.say("Still waiting.", "bob")) == [True] * 2
    assert office.mails() == [("bob", "comment")]
    office.reply("bob", "Later.")
    assert office.act(office.draw("bob"), office.say("Waiting again.", "bob")) == [True] * 2
    assert office.mails() == [("bob", "comment")]


def test_a_replacement_is_one_mail_to_the_new_one(office: Office) -> None:
    asked(office, "bob")
    assert office.act(office.remove("bob"), office.add("cyd"), office.say("You now.", "cyd")) == [True] * 3
    assert office.mails() == [("cyd", "comment")]


def test_who_is_taken_off_is_not_mailed_nor_is_anybody_else(office: Office) -> None:
    asked(office, "bob")
    assert office.act(office.remove("bob")) == [True]
    assert office.mails() == []


def test_to_draw_attention_without_words_mails_nobody(office: Office) -> None:
    assert office.act(office.draw("ann")) == [True]
    assert office.mails() == []


def test_the_reply_to_a_command_is_one_mail_to_who_gave_it(office: Office) -> None:
    asked(office, "bob")
    office.reply("cyd", "czar: explain")
    assert office.act(office.say("Because.", "cyd")) == [True]
    assert office.mails() == [("cyd", "comment")]
