"""Mail as apprise composes it, handed over by ourselves: apprise neither lets a message keep its id when it is sent
again nor tells whether a server refuses it or only cannot now (RFC 5321, 4.2.1: 5xx and 4xx).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from apprise import NotifyFormat
from apprise.plugins.email import AppriseEmailException, EmailMessage, NotifyEmail

from integrations.contract import Letter, Refused, Transient

ANSWER_WITHIN_S = 15.0
NEVER = 500
"""Codes from here on are final."""

_ID = re.compile(r"^Message-ID:.*$", re.MULTILINE | re.IGNORECASE)


def send(service: NotifyEmail, letter: Letter) -> None:
    """To everybody the URL names. Raises Refused, Transient; what servers say is left out, for it names people."""
    mails = _composed(service, letter)
    with _connected(service) as smtp:
        for mail in mails:
            _hand_over(smtp, sender(service), mail, message_id(letter, service))


def message_id(letter: Letter, service: NotifyEmail) -> str:
    """The same for the same letter, so that a mailbox can tell it has it already."""
    return f"<{letter.id}@{sender(service).rpartition('@')[2]}>"


def sender(service: NotifyEmail) -> str:
    """The address it comes from."""
    return str(service.from_addr[1])


def _composed(service: NotifyEmail, letter: Letter) -> list[EmailMessage]:
    composed = NotifyEmail.prepare_emails(
        subject=letter.subject,
        body=letter.text,
        from_addr=service.from_addr,
        to=service.targets,
        cc=service.cc,
        bcc=service.bcc,
        reply_to=service.reply_to,
        smtp_host=service.smtp_host,
        notify_format=NotifyFormat.TEXT,
        headers={"Auto-Submitted": "auto-generated", **service.headers},  # RFC 3834: no out-of-office in return
        names=service.names,
        pgp=service.pgp,
        pgp_mode=service.pgp_mode,
    )
    try:
        return list(composed)
    except AppriseEmailException:
        raise Transient("the mail cannot be signed or encrypted as its URL asks") from None


@contextmanager
def _connected(service: NotifyEmail) -> Iterator[smtplib.SMTP]:
    try:
        smtp = _greeted(service)
    except (OSError, smtplib.SMTPException) as error:
        raise Transient(_why_not(error)) from None
    try:
        yield smtp
    finally:
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()


def _greeted(service: NotifyEmail) -> smtplib.SMTP:
    """A connection, encrypted and logged in as the URL asks."""
    host, port = service.smtp_host, service.port or 0  # 0: the usual one
    if service.secure_mode == "ssl":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=ANSWER_WITHIN_S, context=_context(service))
    else:
        smtp = smtplib.SMTP(host, port, timeout=ANSWER_WITHIN_S)
    try:
        if service.secure_mode == "starttls":
            smtp.starttls(context=_context(service))
        if service.user and service.password:
            smtp.login(service.user, service.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _context(service: NotifyEmail) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not service.verify_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _why_not(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server does not take our user and password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server does not let us in ({error.smtp_code})"
    return f"the mail server cannot be reached ({type(error).__name__})"


def _hand_over(smtp: smtplib.SMTP, from_: str, mail: EmailMessage, id_: str) -> None:
    head, blank, body = mail.body.partition("\n\n")
    text = _ID.sub(lambda _: f"Message-ID: {id_}", head, count=1) + blank + body
    try:
        smtp.sendmail(from_, mail.to_addrs, text)
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        raise _refusal("does not take mail to this address", min(codes)) from None
    except smtplib.SMTPSenderRefused as error:  # the URL is wrong, not the person
        raise Transient(f"the mail server does not take mail from us ({error.smtp_code})") from None
    except smtplib.SMTPDataError as error:
        raise _refusal("does not take this mail", error.smtp_code) from None
    except smtplib.SMTPResponseException as error:
        raise Transient(f"the mail server cannot now ({error.smtp_code})") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Transient(f"no answer of the mail server ({type(error).__name__})", in_doubt=True) from None


def _refusal(what: str, code: int) -> Refused | Transient:
    if code >= NEVER:
        return Refused(f"the mail server {what} ({code})")
    return Transient(f"the mail server {what} now ({code})")
