"""Tells people things through apprise: mail with an id of its own, everything else as apprise sends it."""

from __future__ import annotations

from collections.abc import Sequence

from apprise import NotifyFormat
from apprise.plugins.email import NotifyEmail

from integrations.contract import Channel, Letter, Refused, Transient
from integrations.notify import mail, urls
from rules.roster import Person


class AppriseTeller:
    """See Teller."""

    def tell(self, person: Person, channels: Sequence[Channel], letter: Letter) -> None:
        """By the first channel; what is better by mail by the first that is mail and has an address of theirs."""
        channel = _best(person, channels, letter)
        try:
            service = urls.service(channel.url, person, shared=channel.shared)
        except urls.Unreadable:
            raise Transient("apprise cannot read the URL of the channel: see czar check") from None
        if isinstance(service, NotifyEmail):
            mail.send(service, letter)
            return
        try:
            taken = service.notify(title=letter.subject, body=letter.text, body_format=NotifyFormat.TEXT)
        except Exception as error:  # noqa: BLE001  plugins raise what they like, and say what they were given
            raise Transient(f"the channel cannot be used ({type(error).__name__})") from None
        if not taken:
            raise Transient("the channel did not take the message")


def _best(person: Person, channels: Sequence[Channel], letter: Letter) -> Channel:
    if not channels:
        raise Refused("there is no channel to them: see notify in czar.yaml")
    mails = (one for one in channels if urls.is_mail(one.url) and (person.emails or not one.shared))
    return next(mails, channels[0]) if letter.by_mail else channels[0]
