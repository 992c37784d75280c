"""People are told: with somebody made up who tells them, and with apprise on a real mail server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from daemon.config.secrets import BadSecret
from daemon.config.service import Notify as Section
from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.tables import actions
from daemon.letters import Sender
from daemon.post import Rules
from daemon.workers.messenger import LOOK_EVERY, GoesBy, Messenger
from integrations.contract import Channel, Teller, Transient
from integrations.notify.teller import AppriseTeller
from rules.roster import Person, Roster
from rules.state import Case, Effects, close
from tests.clock import START, Clock
from tests.daemon.journals import Place, case, decision, failing
from tests.daemon.notices import PEOPLE, FakeTeller, arrange, arrangement, notice, order
from tests.real.exim import GONE, RealMailServer

BATCH = timedelta(minutes=2)
HOUR = timedelta(hours=1)
MORNING = START.replace(hour=9, minute=0, second=0)  # a Wednesday


class Post:
    """One messenger on a journal. Making another one on the same journal is a restart."""

    def __init__(self, journal: Journal, clock: Clock, teller: Teller | None = None, **section: Any) -> None:
        self.journal = journal
        self.clock = clock
        self.teller = FakeTeller()
        self.people = dict(PEOPLE)
        self.section = Section.model_validate(section)
        self.started = START
        self.troubles: list[str] = []
        self.acts = True
        self.ways: tuple[Channel, ...] | Exception = (Channel(url="mailto://mail.example.org", shared=True),)
        self.messenger = Messenger(
            journal.telling,
            teller or self.teller,
            name="messenger",
            goes_by=self._goes_by,
            cases=lambda: journal.views.cases(open_only=True),
            clock=clock,
            trouble=self.troubles.append,
            may_act=lambda: self.acts,
        )

    def work(self) -> int:
        """All that is to be done now; how much that was."""
        done = 0
        while self.messenger.step(0):
            done += 1
        return done

    def at(self, when: datetime) -> Post:
        """Do what is to be done then."""
        self.clock.now = when
        self.work()
        return self

    def live(self, until: datetime, every: timedelta = timedelta(minutes=5)) -> None:
        """Do what is to be done, from now until then."""
        while self.clock.now < until:
            self.clock.now += every
            self.work()

    def outcomes(self, number: int = 1) -> list[tuple[str, str]]:
        """What became of the notices about a change, in the order they came up."""
        query = select(actions.c.state, actions.c.outcome).where(actions.c.item == f"gerrit:{number}")
        with self.journal.database.read() as connection:
            return [(row.state, row.outcome) for row in connection.execute(query.order_by(actions.c.id))]

    def _goes_by(self) -> GoesBy:
        rules = Rules(roster=Roster(people=self.people, teams={}), notify=self.section, started=self.started)
        return GoesBy(rules=rules, sender=Sender(notify=self.section), channels=self._channels)

    def _channels(self, _person: str) -> Sequence[Channel]:
        if isinstance(self.ways, Exception):
            raise self.ways
        return self.ways


@pytest.fixture
def post(sqlite_journal: Journal, clock: Clock) -> Post:
    """It is morning."""
    clock.now = MORNING
    return Post(sqlite_journal, clock)


def test_nothing_is_done_where_nothing_waits(post: Post) -> None:
    assert post.work() == 0


def test_what_came_within_the_window_is_one_message(post: Post) -> None:
    order(post.journal, notice(1), notice(1, "pat"))
    post.at(MORNING + BATCH / 2)
    order(post.journal, notice(2))
    assert post.work() == 0
    post.at(MORNING + BATCH)
    (letter,) = post.teller.told("ann")
    assert letter.subject == "czar: 2 things for you: reminder"
    assert len(post.teller.told("pat")) == 1
    assert post.outcomes() == [("done", "told"), ("done", "told")]
    post.live(MORNING + HOUR)
    assert len(post.teller.letters) == 2


def test_at_night_all_is_kept_for_one_message_in_the_morning(post: Post) -> None:
    for hour in (13, 15, 20):  # 22:00, midnight and 05:00 in Tokyo
        post.at(MORNING.replace(hour=hour))
        order(post.journal, notice(hour, "bob"))
    post.live(MORNING.replace(hour=22) - timedelta(minutes=5))
    assert post.teller.letters == []
    post.at(MORNING.replace(hour=22))
    (letter,) = post.teller.told("bob")
    assert letter.subject == "czar: 3 things for you: reminder"


def test_over_the_ceiling_what_is_left_goes_out_the_next_day_as_one(post: Post) -> None:
    for n in range(1, 9):
        order(post.journal, notice(n))
        post.live(post.clock.now + HOUR)
    assert len(post.teller.told("ann")) == 5
    post.live(MORNING + timedelta(days=1), every=timedelta(minutes=30))
    letters = post.teller.told("ann")
    assert len(letters) == 6
    assert all(f"gerrit:{n} " in letters[-1].text for n in (6, 7, 8))


def each(minutes: int, count: int, *, begin: float = 9) -> list[datetime]:
    """So many instants that far apart; `begin` is an hour of the day."""
    return [MORNING.replace(hour=0) + timedelta(hours=begin, minutes=n * minutes) for n in range(count)]


@pytest.mark.parametrize(
    ("fired", "sizes"),
    [
        pytest.param(each(0, 5), [5], id="five at once"),
        pytest.param(each(12, 5), [1, 4], id="five within an hour"),
        pytest.param(each(12, 5, begin=23), [5], id="five at night"),
        pytest.param(each(12, 5, begin=21.5), [1, 4], id="five in the evening and into the night"),
        pytest.param(each(144, 5, begin=19), [1, 1, 3], id="five from evening to morning"),
        pytest.param(each(60, 5), [1] * 5, id="one each hour: the ceiling"),
        pytest.param(each(60, 10), [1, 1, 1, 1, 1, 5], id="ten, one each hour: the rest is told in the morning"),
        pytest.param(each(10, 30), [1, 6, 6, 6, 6, 5], id="one each ten minutes for hours"),
    ],
)
def test_few_messages_tell_of_many_ladders(post: Post, fired: list[datetime], sizes: list[int]) -> None:
    """How many things each message to one person has, when steps `notify` fire at these times; the ceiling is 5."""
    post.clock.now = MORNING.replace(hour=8, minute=55)
    for n, at in enumerate(fired, 1):
        post.live(at, every=min(timedelta(minutes=5), max(at - post.clock.now, timedelta(minutes=1))))
        order(post.journal, notice(n))
    post.live(MORNING + timedelta(days=1, hours=2))
    assert [letter.text.count("[reminder]") for letter in post.teller.told("ann")] == sizes


def test_a_reminder_is_dropped_where_its_case_ended_during_the_night(post: Post) -> None:
    post.clock.now = MORNING.replace(hour=23)
    open_cases(post.journal, case(1), case(2))
    order(post.journal, *(notice(n, case=case(n).key) for n in (1, 2)), notice(1, reason="library"))
    post.live(post.clock.now + HOUR)
    open_cases(post.journal, close(case(1), "acted", "ann voted"))
    with capture_logs() as log:
        post.live(MORNING + timedelta(days=1), every=HOUR / 2)
    assert post.outcomes(1) == [
        ("refused", "no longer needed: they did something on the item"),
        ("done", "told"),
    ]
    (letter,) = post.teller.told("ann")
    assert "[reminder] gerrit:1 " not in letter.text
    assert "[reminder] gerrit:2 " in letter.text
    assert "[library] gerrit:1 " in letter.text
    assert [line["log_level"] for line in log if line["event"] == "person.need_not_be_told"] == ["info"]


def test_a_reminder_that_is_dropped_does_not_make_an_unreachable_person_reachable(post: Post) -> None:
    open_cases(post.journal, case(1))
    order(post.journal, notice(1, case=case(1).key), notice(2))
    post.teller.down = frozenset({"ann"})
    post.at(MORNING + BATCH)
    open_cases(post.journal, close(case(1), "merged", "is merged"))
    post.clock.now += LOOK_EVERY
    assert post.work() == 1
    assert post.journal.telling.unreachable() == ("ann",)
    assert post.outcomes(1) == [("refused", "no longer needed: the change is merged")]


def test_who_does_not_want_or_cannot_be_told_is_refused_with_a_reason_and_never_tried_again(post: Post) -> None:
    arrange(post.journal, arrangement("optout", "pat"))
    order(post.journal, notice(5, "pat"), notice(5, "eve"), notice(5, "ann"))
    post.teller.gone = frozenset({"ann"})
    with capture_logs() as log:
        post.at(MORNING + BATCH)
    assert post.outcomes(5) == [
        ("refused", "has opted out"),
        ("refused", "is not in the roster"),
        ("refused", "the mail server does not take mail to this address (550)"),
    ]
    assert post.journal.views.stats().messages["refused"] == 3
    assert [line["person"] for line in log if line["event"] == "person.not_told"] == ["pat", "eve", "ann"]
    assert post.work() == 0


def test_one_who_cannot_be_reached_holds_up_nobody_and_is_told_later(post: Post) -> None:
    order(post.journal, notice(1), notice(1, "pat"))
    post.teller.down = frozenset({"ann"})
    post.at(MORNING + BATCH)
    assert (len(post.teller.told("pat")), post.troubles[-1]) == (1, "cannot be told anything now: ann")
    assert post.outcomes()[0] == ("pending", "the mail server cannot be reached")
    order(post.journal, notice(2))
    post.teller.down = frozenset()
    post.live(MORNING + HOUR)
    (letter,) = post.teller.told("ann")
    assert letter.subject == "czar: 2 things for you: reminder"
    assert post.troubles[-1] == ""


def test_who_cannot_be_reached_for_days_is_given_up_with_the_reason(post: Post) -> None:
    order(post.journal, notice(1))
    post.teller.down = frozenset({"ann"})
    post.live(MORNING + timedelta(days=3, hours=2), every=timedelta(minutes=20))
    assert post.outcomes() == [("refused", "could not be reached for days: the mail server cannot be reached")]
    assert post.troubles[-1] == ""


def test_a_message_whose_answer_was_lost_is_sent_once_more_alone_and_under_its_id(post: Post) -> None:
    order(post.journal, notice(1))
    post.teller.silent = True
    post.at(MORNING + BATCH)
    order(post.journal, notice(2))
    post.teller.silent = False
    post.live(MORNING + 2 * HOUR)
    first, again, other = post.teller.told("ann")
    assert first == again
    assert "gerrit:2 " in other.text
    assert other.id != first.id


def test_killed_between_sending_and_recording_it_sends_the_same_once_more(place: Place, clock: Clock) -> None:
    clock.now = MORNING
    post = Post(place.open(), clock)
    order(post.journal, notice(1), notice(2))
    clock.now += BATCH
    with failing(post.journal, "DELETE"), pytest.raises(Transient):
        post.work()
    order(post.journal, notice(3))
    anew = Post(place.open(), clock)
    anew.live(MORNING + 2 * HOUR)
    (sent,), (again, other) = post.teller.told("ann"), anew.teller.told("ann")
    assert sent == again
    assert "gerrit:3 " in other.text


def test_what_cannot_be_written_down_beforehand_is_not_sent(post: Post) -> None:
    order(post.journal, notice(1))
    post.clock.now += BATCH
    with failing(post.journal, "UPDATE"), pytest.raises(Transient):
        post.work()
    assert post.teller.letters == []


def test_a_fault_or_a_missing_secret_is_for_later_and_shows_nothing_secret(post: Post) -> None:
    order(post.journal, notice(1), notice(1, "pat"))
    post.teller.breaks = frozenset({"ann"})
    with capture_logs() as log:
        post.at(MORNING + BATCH)
    assert len(post.teller.told("pat")) == 1
    assert post.outcomes()[0] == ("pending", "a fault of czar (KeyError)")
    assert "hunter2" not in repr(log)
    assert "example.org" not in repr(log)
    assert "waits for you" not in repr(log)
    order(post.journal, notice(3, "pat"))
    post.ways = BadSecret("/etc/czar/url: is empty")
    post.at(post.clock.now + HOUR)
    assert post.outcomes(3) == [("pending", "the secret file of the channel cannot be used: see czar check --live")]
    assert {"ann", "pat"} == set(post.journal.telling.unreachable())


def test_while_only_observing_or_paused_nobody_is_told(post: Post) -> None:
    order(post.journal, notice(1))
    post.acts = False
    assert post.at(MORNING + BATCH).teller.letters == []
    post.acts = True
    post.journal.pausing.pause(":acting", "maintenance", MORNING)
    assert post.at(MORNING + BATCH).teller.letters == []
    post.journal.pausing.resume()
    assert len(post.at(MORNING + BATCH + LOOK_EVERY).teller.letters) == 1


MONDAY = datetime.fromisoformat("2026-03-09T09:00:00+00:00")


def test_on_monday_everybody_with_something_to_hear_gets_one_digest(place: Place, clock: Clock) -> None:
    clock.now = MORNING
    post = Post(place.open(), clock)
    arrange(post.journal, arrangement("quiet", "ann"))
    order(post.journal, notice(1), notice(2, "pat", reason="library", digest=True))
    open_cases(post.journal, case(77))
    post.live(MONDAY - timedelta(minutes=30), every=timedelta(minutes=30))
    assert post.teller.letters == []
    post.at(MONDAY + timedelta(minutes=1))
    (ann,), (pat,) = post.teller.told("ann"), post.teller.told("pat")
    assert "[reminder] gerrit:1 " in ann.text
    assert "[waiting] gerrit:77 " in ann.text
    assert "[library] gerrit:2 " in pat.text
    assert (ann.by_mail, pat.by_mail) == (True, True)
    assert post.teller.told("bob") == []
    assert post.journal.views.stats().messages["pending"] == 0
    again = Post(place.open(), clock)
    again.live(MONDAY + timedelta(days=6), every=HOUR)
    assert again.teller.letters == []
    again.live(MONDAY + timedelta(days=7, hours=1), every=HOUR)
    assert [person for person, _ in again.teller.letters] == ["ann"]  # her case is still open


def test_a_digest_that_could_not_be_sent_is_sent_later_once(post: Post) -> None:
    order(post.journal, notice(2, reason="library", digest=True))
    post.clock.now = MONDAY
    post.teller.down = frozenset({"ann"})
    post.live(MONDAY + HOUR)
    post.teller.down = frozenset()
    post.live(MONDAY + 3 * HOUR)
    assert len(post.teller.told("ann")) == 1
    post.live(MONDAY + timedelta(days=2), every=HOUR)
    assert len(post.teller.told("ann")) == 1


def open_cases(journal: Journal, *cases: Case) -> None:
    """Ann is asked for something, or it is over."""
    seq = journal.deciding.upto() + 1
    asked = decision(77, effects=Effects(cases=cases))
    journal.deciding.record(Batch(upto=seq, decided=[(seq, asked, None)]))


@pytest.fixture
def real(place: Place, clock: Clock, mail_server: RealMailServer) -> Post:
    """Told by apprise, with a real mail server."""
    clock.now = MORNING
    return really(place, clock, mail_server)


def really(place: Place, clock: Clock, mail_server: RealMailServer) -> Post:
    """Another start on the same journal."""
    post = Post(place.open(), clock, AppriseTeller())
    post.ways = (Channel(url=mail_server.url, shared=True),)
    return post


def texts(mails: Sequence[EmailMessage]) -> list[str]:
    """What is in them."""
    return [mail.get_content() for mail in mails]


@pytest.mark.full
def test_real_mail_goes_to_each_person_once_batched_and_not_at_night(real: Post, mail_server: RealMailServer) -> None:
    order(real.journal, notice(1), notice(1, "bob"), notice(1, "cyd"))
    order(real.journal, notice(2))
    real.at(MORNING + BATCH)
    real.at(MORNING + 4 * HOUR)  # 22:00 in Tokyo
    order(real.journal, notice(3, "bob"))
    real.live(MORNING + 13 * HOUR - timedelta(minutes=5))
    assert len(mail_server.mails_to("bob@example.org", 1)) == 1
    real.at(MORNING + 13 * HOUR)
    assert len(mail_server.mails_to("bob@example.org", 2)) == 2
    (ann,) = mail_server.mails_to("ann@example.org", 1)
    assert ann["Subject"] == "czar: 2 things for you: reminder"
    assert real.outcomes(1)[-1] == ("refused", "the roster has no email of cyd")
    assert len(mail_server.mails()) == 3


@pytest.mark.full
def test_real_mail_stays_under_the_ceiling_and_nothing_is_lost(real: Post, mail_server: RealMailServer) -> None:
    for n in range(1, 9):
        order(real.journal, notice(n))
        real.live(real.clock.now + HOUR, every=HOUR / 4)
    assert len(mail_server.mails_to("ann@example.org", 5)) == 5
    real.live(MORNING + timedelta(days=1), every=HOUR)
    *_, last = texts(mail_server.mails_to("ann@example.org", 6))
    assert all(f"gerrit:{n} " in last for n in (6, 7, 8))


@pytest.mark.full
def test_real_mail_lives_through_an_hours_outage_without_loss_or_doubles(
    real: Post, place: Place, mail_server: RealMailServer
) -> None:
    mail_server.stop()
    for n, person in enumerate(("ann", "pat", "bob") * 3, 1):
        order(real.journal, notice(n, person))
        real.clock.now += timedelta(minutes=1)
        real.work()
    real.live(MORNING + HOUR)
    assert real.troubles[-1] == "cannot be told anything now: ann, bob, pat"
    anew = really(place, real.clock, mail_server)
    mail_server.start()
    anew.live(MORNING + HOUR + timedelta(minutes=30))
    for n, person in enumerate(("ann", "pat", "bob"), 1):
        (text,) = texts(mail_server.mails_to(f"{person}@example.org", 1))
        assert all(f"gerrit:{number} " in text for number in (n, n + 3, n + 6))
    assert anew.troubles[-1] == ""


@pytest.mark.full
def test_real_mail_that_may_have_been_sent_comes_twice_with_one_id(
    real: Post, place: Place, mail_server: RealMailServer
) -> None:
    order(real.journal, notice(1))
    real.clock.now += BATCH
    with failing(real.journal, "DELETE"), pytest.raises(Transient):
        real.work()
    anew = really(place, real.clock, mail_server)
    order(anew.journal, notice(2))
    anew.live(MORNING + 2 * HOUR)
    first, again, other = mail_server.mails_to("ann@example.org", 3)
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first.get_content() == again.get_content()


@pytest.mark.full
def test_an_address_that_is_gone_is_refused_once_and_holds_up_nobody(real: Post, mail_server: RealMailServer) -> None:
    real.people["gone"] = Person(key="gone", emails=(f"{GONE}@example.org",))
    order(real.journal, notice(1, "gone"), notice(1))
    real.live(MORNING + HOUR)
    assert real.outcomes() == [
        ("refused", "the mail server does not take mail to this address (550)"),
        ("done", "told"),
    ]
    assert len(mail_server.mails_to("ann@example.org", 1)) == 1


@pytest.mark.full
def test_the_digest_arrives_as_mail_on_monday(real: Post, mail_server: RealMailServer) -> None:
    order(real.journal, notice(1, reason="library", text="oslo.messaging 15.0.0 is out", digest=True))
    open_cases(real.journal, case(77))
    real.live(MONDAY + HOUR, every=HOUR)
    (mail,) = mail_server.mails_to("ann@example.org", 1)
    assert mail["Subject"] == "czar: your week: 1 waiting, 1 to know"
    assert "[library] oslo.messaging 15.0.0 is out" in mail.get_content()
