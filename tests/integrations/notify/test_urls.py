"""A shared URL is made somebody's; what cannot be read is said without repeating it."""

from __future__ import annotations

import logging

import pytest
from apprise.plugins.email import NotifyEmail

from integrations.contract import Refused
from integrations.notify.urls import Unreadable, filled, is_mail, is_readable, service
from rules.roster import Person

ANN = Person(key="ann", name="Ann O'Nym", emails=("ann@example.org", "old@example.org"), irc="ann/away")
NOBODY = Person(key="nobody")
SHARED = "mailto://czar:hunter2@mail.example.org?from=czar@example.org"


def recipients(url: str, person: Person = ANN, *, shared: bool = True) -> list[str]:
    """To whom mail of that URL goes."""
    made = service(url, person, shared=shared)
    assert isinstance(made, NotifyEmail)
    return [address for _, address in made.targets]


def test_what_is_known_of_a_person_is_filled_in_quoted() -> None:
    url = "json://hook.example.org/{person}/{irc}?+To={email}&+Name={name}&+Other={other}"
    ready = "json://hook.example.org/ann/ann%2Faway?+To=ann%40example.org&+Name=Ann%20O%27Nym&+Other={other}"
    assert filled(url, ANN) == ready


@pytest.mark.parametrize("place", ["email", "irc"])
def test_who_lacks_what_the_url_asks_for_cannot_be_told(place: str) -> None:
    with pytest.raises(Refused, match=f"the roster has no {place} of nobody"):
        filled(f"json://hook.example.org/{{{place}}}", NOBODY)


def test_shared_mail_that_names_nobody_goes_to_the_persons_first_address() -> None:
    assert recipients(SHARED) == ["ann@example.org"]
    assert recipients(f"{SHARED}&to=list@example.org") == ["list@example.org"]
    assert recipients(f"{SHARED}&to={{email}}") == ["ann@example.org"]
    with pytest.raises(Refused, match="no email of nobody"):
        service(SHARED, NOBODY, shared=True)


def test_a_url_of_ones_own_that_names_nobody_is_to_oneself_as_apprise_has_it() -> None:
    assert recipients("mailto://ann:hunter2@example.com", shared=False) == ["ann@example.com"]


def test_a_line_break_at_the_end_and_capitals_are_no_harm() -> None:
    assert recipients(" MAILTO://mail.example.org?from=czar@example.org\n") == ["ann@example.org"]
    assert is_mail("MailToS://x")
    assert not is_mail("json://mailto://")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense://hunter2@x",
        "hunter2",
        "mailto://",
        "mailto://hunter2",
        "mailto://mail.example.org?from=a@b.org&to=hunter2",
        "mailtos://mail.example.org?from=a@b.org&mode=hunter2",
        "discord://hunter2",
    ],
)
def test_what_apprise_cannot_read_is_told_without_repeating_it(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert not is_readable(url)
    with pytest.raises(Unreadable) as told:
        service(url, ANN, shared=True)
    assert "hunter2" not in f"{told.value!r}{told.value.__context__ and told.value.__suppress_context__}{caplog.text}"


@pytest.mark.parametrize(
    "url", [SHARED, "mailtos://mail.example.org?from=a@b.org&to={email}", "ircs://czar:pw@irc.oftc.net/@{irc}"]
)
def test_what_apprise_can_read_is_fine_also_with_places_to_fill(url: str) -> None:
    assert is_readable(url)
