"""apprise's URLs: a shared one is made somebody's by filling in who they are.

A URL is a secret; nothing that is raised here has a part of it. https://appriseit.com/services/email/ says how
`mailto://` is written.
"""

from __future__ import annotations

import logging
import re
import warnings
from urllib.parse import quote

from apprise import Apprise, AppriseAsset
from apprise.plugins import NotifyBase, url_to_dict
from apprise.plugins.email import NotifyEmail

from integrations.contract import Refused
from rules.roster import Person

logging.getLogger("apprise").disabled = True  # it repeats parts of URLs, and to whom it sends
warnings.filterwarnings("ignore", message="Unverified HTTPS request")  # has the host; the URL itself asks for it

_ASSET = AppriseAsset(app_id="czar", app_desc="czar", app_url="", secure_logging=True, storage_mode="memory")
_SCHEME = re.compile(r"\s*mailtos?://", re.IGNORECASE)
_PLACE = re.compile(r"\{(email|name|irc|person)\}")


class Unreadable(Exception):
    """apprise cannot make anything of a URL."""


def is_mail(url: str) -> bool:
    """Whether the URL sends mail."""
    return _SCHEME.match(url) is not None


def filled(url: str, person: Person) -> str:
    """The URL with `{email}`, `{name}`, `{irc}` and `{person}` filled in. Raises Refused where one is not known."""
    known = {
        "email": person.emails[0] if person.emails else "",
        "name": person.name or person.key,
        "irc": person.irc or "",
        "person": person.key,
    }
    missing = next((name for name in _PLACE.findall(url) if not known[name]), None)
    if missing:
        raise Refused(f"the roster has no {missing} of {person.key}")
    return _PLACE.sub(lambda place: quote(known[place[1]], safe=""), url)


def service(url: str, person: Person, *, shared: bool) -> NotifyBase:
    """What sends there. Mail of a shared URL that names nobody goes to the person's first address.

    Raises Refused where the person lacks what the URL asks for, Unreadable.
    """
    complete = filled(url.strip(), person)
    try:
        parts = url_to_dict(complete, secure_logging=True)  # type: ignore[no-untyped-call]
        if parts and shared and is_mail(complete) and not parts.get("targets"):
            parts["targets"] = [_address(person)]
        made = Apprise.instantiate(parts, asset=_ASSET, suppress_exceptions=False) if parts else None
    except Refused:
        raise
    except Exception as error:  # noqa: BLE001  plugins raise what they like, and say what they were given
        raise Unreadable(type(error).__name__) from None
    if made is None or (isinstance(made, NotifyEmail) and not made.targets):
        raise Unreadable("no service of apprise")
    return made


def is_readable(url: str) -> bool:
    """Whether apprise can make anything of it, for somebody of whom all is known."""
    somebody = Person(key="person", name="Some Body", emails=("person@example.org",), irc="person")
    try:
        service(url, somebody, shared=True)
    except Unreadable:
        return False
    return True


def _address(person: Person) -> str:
    if not person.emails:
        raise Refused(f"the roster has no email of {person.key}")
    return person.emails[0]
