"""Mail against a real server, and against one that breaks off in the middle."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from apprise.plugins.email import NotifyEmail

from integrations.contract import Letter, Refused, Transient
from integrations.notify import mail
from integrations.notify.urls import service
from rules.roster import Person
from tests.real.exim import FULL, GONE, PASSWORD, SPAM, USER, RealMailServer
from tests.real.ports import LOOPBACK, free_ports

LETTER = Letter(id="0a1b2c", subject="czar: 2 things for you", text="Grüße,\n\n[reminder] gerrit:1 waits\n")


def mailer(url: str, to: str = "ann") -> NotifyEmail:
    """What sends to a person."""
    made = service(url, Person(key=to, name="Ann", emails=(f"{to}@example.org",)), shared=True)
    assert isinstance(made, NotifyEmail)
    return made


@contextmanager
def breaking_off(*answers: bytes) -> Iterator[str]:
    """A server that says these lines, one for each thing it hears, and hangs up; the URL of it."""
    with socket.create_server((LOOPBACK, 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for answer in answers:
                    connection.sendall(answer + b"\r\n")
                    connection.recv(65_536)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"mailto://{LOOPBACK}:{server.getsockname()[1]}?from=czar@czar.example.org"
        thread.join(10)


@pytest.mark.full
def test_a_letter_arrives_as_it_was_written(mail_server: RealMailServer) -> None:
    mail.send(mailer(f"{mail_server.url}&name=Release%20Robot&reply=list@example.org&+X-Czar=yes"), LETTER)
    (got,) = mail_server.mails_to("ann@example.org", 1)
    assert (got["Subject"], got.get_content().replace("\r\n", "\n")) == (LETTER.subject, LETTER.text)
    assert (got["To"], got["From"]) == ("ann@example.org", "Release Robot <czar@czar.example.org>")
    assert (got["Reply-To"], got["X-Czar"], got["Auto-Submitted"]) == ("list@example.org", "yes", "auto-generated")


@pytest.mark.full
def test_the_same_letter_sent_again_has_the_same_id_and_only_one(mail_server: RealMailServer) -> None:
    for letter in (LETTER, LETTER, replace(LETTER, id="another")):
        mail.send(mailer(mail_server.url), letter)
    ids = [got.get_all("Message-ID") for got in mail_server.mails_to("ann@example.org", 3)]
    assert ids == [["<0a1b2c@czar.example.org>"]] * 2 + [["<another@czar.example.org>"]]


def encrypted(server: RealMailServer, mode: str, password: str = PASSWORD) -> str:
    """Its URL, with a login."""
    port = server.tls_port if mode == "ssl" else server.port
    return f"mailtos://{USER}:{password}@{LOOPBACK}:{port}?from=czar@czar.example.org&mode={mode}"


@pytest.mark.full
@pytest.mark.parametrize("mode", ["starttls", "ssl"])
def test_mail_is_handed_over_encrypted_and_logged_in(
    mode: str, mail_server: RealMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_server.certificate))
    mail.send(mailer(encrypted(mail_server, mode)), LETTER)
    (got,) = mail_server.mails_to("ann@example.org", 1)
    assert "with esmtpsa" in got["Received"]
    with pytest.raises(Transient, match=r"user and password \(535\)"):
        mail.send(mailer(encrypted(mail_server, mode, "wrong")), LETTER)


@pytest.mark.full
@pytest.mark.parametrize("mode", ["starttls", "ssl"])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing_unless_told_so(
    mode: str, mail_server: RealMailServer
) -> None:
    with pytest.raises(Transient, match="SSLCertVerificationError"):
        mail.send(mailer(encrypted(mail_server, mode)), LETTER)
    mail.send(mailer(f"{encrypted(mail_server, mode)}&verify=no"), LETTER)
    assert len(mail_server.mails_to("ann@example.org", 1)) == 1


@pytest.mark.full
@pytest.mark.parametrize(("to", "error"), [(GONE, Refused), (SPAM, Refused), (FULL, Transient)])
def test_what_the_server_refuses_is_final_and_what_it_cannot_now_is_not(
    to: str, error: type[Exception], mail_server: RealMailServer
) -> None:
    with pytest.raises(error) as told:
        mail.send(mailer(mail_server.url, to), LETTER)
    assert to not in str(told.value)
    assert not getattr(told.value, "in_doubt", False)
    assert mail_server.mails() == []


@pytest.mark.full
def test_a_server_that_is_down_is_for_later(mail_server: RealMailServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mail_server.stop()
    with pytest.raises(Transient, match="cannot be reached"):
        mail.send(mailer(mail_server.url), LETTER)
    mail_server.start()
    mail.send(mailer(mail_server.url), LETTER)
    assert len(mail_server.mails_to("ann@example.org", 1)) == 1
    assert "example.org" not in caplog.text


def test_a_server_that_offers_no_encryption_is_given_nothing_where_it_is_asked_for() -> None:
    with breaking_off(b"220 hello", b"250 hello", b"250 nothing to offer") as url, pytest.raises(Transient):
        mail.send(mailer(url.replace("mailto", "mailtos")), LETTER)


def test_a_server_that_does_not_take_us_in_is_for_later() -> None:
    with breaking_off(b"554 go away") as url, pytest.raises(Transient, match=r"let us in \(554\)"):
        mail.send(mailer(url), LETTER)
    answers = (b"220 hello", b"250-hello\r\n250 AUTH PLAIN", b"535 who are you")
    with breaking_off(*answers) as url, pytest.raises(Transient, match=r"user and password \(535\)") as told:
        mail.send(mailer(url.replace("mailto://", "mailto://czar:hunter2@")), LETTER)
    assert "hunter2" not in str(told.value)


def test_a_sender_that_is_refused_is_nothing_against_the_person() -> None:
    with breaking_off(b"220 hello", b"250 hello", b"550 not you", b"250 ok") as url, pytest.raises(Transient):
        mail.send(mailer(url), LETTER)


def test_without_an_answer_to_the_whole_mail_nobody_knows_whether_it_was_taken() -> None:
    answers = (b"220 hello", b"250 hello", b"250 ok", b"250 ok", b"354 go on")
    with breaking_off(*answers) as url, pytest.raises(Transient) as told:
        mail.send(mailer(url), LETTER)
    assert told.value.in_doubt


def test_nobody_listens_is_for_later_and_in_no_doubt() -> None:
    (port,) = free_ports(1)
    with pytest.raises(Transient) as told:
        mail.send(mailer(f"mailto://{LOOPBACK}:{port}?from=a@b.org"), LETTER)
    assert not told.value.in_doubt


@pytest.mark.full
def test_mail_that_is_to_be_encrypted_and_cannot_be_is_not_sent_in_the_clear(mail_server: RealMailServer) -> None:
    with pytest.raises(Transient, match="signed or encrypted"):
        mail.send(mailer(f"{mail_server.url}&pgp=encrypt"), LETTER)
    assert mail_server.mails() == []
