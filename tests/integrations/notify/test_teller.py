"""By mail or by whatever else apprise knows: here a webhook."""

from __future__ import annotations

import json
import logging

import pytest

from integrations.contract import Channel, Letter, Refused, Transient
from integrations.notify.teller import AppriseTeller
from rules.roster import Person
from tests.integrations.gerrit.loopback import Loopback, answer, serving
from tests.real.exim import RealMailServer
from tests.real.ports import LOOPBACK, free_ports

ANN = Person(key="ann", emails=("ann@example.org",), irc="ann")
LETTER = Letter(id="0a1b", subject="czar: 1 thing for you: reminder", text="[reminder] gerrit:1 waits")
DIGEST = Letter(id="2c3d", subject="czar: your week", text="[waiting] gerrit:1", by_mail=True)


def hook(server: Loopback) -> Channel:
    """A webhook of Ann's own."""
    return Channel(url=f"json://{LOOPBACK}:{server.server_port}/hunter2/{{irc}}")


def test_other_channels_get_subject_and_text() -> None:
    with serving(answer(200)) as server:
        AppriseTeller().tell(ANN, [hook(server)], LETTER)
        ((_, path, body),) = server.requests
    assert path.rstrip("/") == "/hunter2/ann"
    told = json.loads(body)
    assert (told["title"], told["message"]) == (LETTER.subject, LETTER.text)


def test_a_channel_that_does_not_take_it_is_for_later_and_its_url_is_told_to_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with serving(answer(500)) as server, pytest.raises(Transient) as told:
        AppriseTeller().tell(ANN, [hook(server)], LETTER)
    (port,) = free_ports(1)
    with pytest.raises(Transient) as down:
        AppriseTeller().tell(ANN, [Channel(url=f"json://{LOOPBACK}:{port}/hunter2")], LETTER)
    for error in (told.value, down.value):
        assert "hunter2" not in repr(error)
        assert error.__cause__ is None
    assert "hunter2" not in caplog.text


def test_a_url_that_cannot_be_read_is_for_later_since_somebody_must_put_it_right() -> None:
    with pytest.raises(Transient, match="see czar check") as told:
        AppriseTeller().tell(ANN, [Channel(url="hunter2")], LETTER)
    assert "hunter2" not in repr(told.value)
    assert "hunter2" not in repr(Channel(url="hunter2"))


def test_without_a_channel_there_is_no_way_to_anybody() -> None:
    with pytest.raises(Refused, match="see notify in czar"):
        AppriseTeller().tell(ANN, [], LETTER)


@pytest.mark.full
def test_what_is_better_by_mail_goes_by_mail_where_there_is_an_address(mail_server: RealMailServer) -> None:
    shared = Channel(url=mail_server.url, shared=True)
    with serving(answer(200)) as server:
        AppriseTeller().tell(ANN, [hook(server), shared], DIGEST)
        assert server.requests == []
        AppriseTeller().tell(ANN, [hook(server), shared], LETTER)
        AppriseTeller().tell(Person(key="bob", irc="bob"), [hook(server), shared], DIGEST)
        assert len(server.requests) == 2
    (mail,) = mail_server.mails_to("ann@example.org", 1)
    assert mail["Message-ID"] == "<2c3d@czar.example.org>"
