"""The throw-away mail server: it takes mail, refuses as told, and is gone with its starter."""

from __future__ import annotations

import os
import smtplib
from pathlib import Path

import pytest

from tests.real import exim
from tests.real.downloads import Unavailable
from tests.real.exim import FULL, GONE, SPAM, RealMailServer, running_mail_server
from tests.real.ports import LOOPBACK

MAIL = "Subject: hello\n\nfine weather\n"


def send(server: RealMailServer, to: str) -> None:
    """By hand."""
    with smtplib.SMTP(LOOPBACK, server.port, timeout=10) as smtp:
        smtp.sendmail("dev@example.org", [to], MAIL)


def test_a_machine_without_it_hears_which_package_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exim, "PLACES", os.fspath(tmp_path))
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(Unavailable, match="apt-get install exim4-daemon-light"), running_mail_server():
        pass


@pytest.mark.full
def test_what_it_takes_is_in_its_mailbox(mail_server: RealMailServer) -> None:
    send(mail_server, "ann@example.org")
    (mail,) = mail_server.mails_to("ann@example.org", 1)
    assert mail["Subject"] == "hello"
    assert mail_server.mails_to("bob@example.org", 0) == []


@pytest.mark.full
def test_it_refuses_and_puts_off_as_real_ones_do(mail_server: RealMailServer) -> None:
    for name, code in ((GONE, 550), (FULL, 451)):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            send(mail_server, f"{name}@example.org")
        assert [answer[0] for answer in refused.value.recipients.values()] == [code]
    with pytest.raises(smtplib.SMTPDataError) as unwanted:
        send(mail_server, f"{SPAM}@example.org")
    assert unwanted.value.smtp_code == 550
    assert mail_server.mails() == []


@pytest.mark.full
def test_it_comes_back_on_the_same_port(mail_server: RealMailServer) -> None:
    mail_server.stop()
    assert not mail_server.answers()
    mail_server.start()
    send(mail_server, "ann@example.org")
    assert len(mail_server.mails_to("ann@example.org", 1)) == 1
