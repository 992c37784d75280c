"""Is the Gerrit there, is it the right one, and may we do what we must? Asked before the daemon has to find out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import paramiko

from integrations.contract import Refused, Transient
from integrations.gerrit.rest import NotFound, Rest
from integrations.gerrit.ssh import Server, explain, login, run, unusable_file

REFUSED_WITHIN_S = 1.0  # a stream that is not allowed has ended by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question and its answer: `fine` is None where the bot may not see enough to prove it."""

    code: str
    fine: bool | None
    message: str


def ask(
    bot: Rest,
    server: Server,
    repos: Iterable[str],
    usernames: Iterable[str],
    seer: Rest | None = None,
    *,
    removes: bool = False,
) -> Iterator[Answer]:
    """All questions, one after the other; what cannot be reached ends its part.

    `seer` looks for repos and accounts: the bot itself, or somebody who may see more. `removes`: some ladder takes
    reviewers off.
    """
    yield from _stream(server)
    seer = seer or bot
    logins = [_login(rest) for rest in dict.fromkeys((bot, seer))]
    yield from logins
    if all(login.fine for login in logins):
        yield from _may_remove(bot) if removes else ()
        yield from (_exists(seer, "repo", f"projects/{quote(repo, safe='')}", repo) for repo in repos)
        yield from (_exists(seer, "account", f"accounts/{quote(name, safe='')}", name) for name in usernames)


def _stream(server: Server) -> Iterator[Answer]:
    where = f"{server.host}:{server.port}"
    if because := unusable_file(server):
        yield Answer(code="ssh", fine=False, message=because)
        return
    try:
        client = login(server)
    except (paramiko.SSHException, OSError) as error:
        yield Answer(code="ssh", fine=False, message=explain(error, server))
        return
    with client:
        yield Answer(
            code="ssh", fine=True, message=f"{where} has the pinned host key and takes the login of {server.user}"
        )
        try:
            yield _may_stream(client, server)
        except (paramiko.SSHException, OSError, EOFError) as error:
            yield Answer(code="stream", fine=False, message=explain(error, server))


def _may_stream(client: paramiko.SSHClient, server: Server) -> Answer:
    """A stream that is allowed stays silent; one that is not ends with a word on standard error."""
    channel = run(client, "gerrit stream-events -s dropped-output")
    channel.settimeout(REFUSED_WITHIN_S)
    try:
        ended = channel.recv(1) == b""
    except TimeoutError:
        ended = False
    said = channel.recv_stderr(1000).decode(errors="replace").strip() if ended else ""
    if ended:
        remedy = f"give {server.user} the capability streamEvents: czar gerrit setup"
        return Answer(code="stream", fine=False, message=f"stream-events: {said or 'ended at once'}; {remedy}")
    return Answer(code="stream", fine=True, message=f"{server.user} may read stream-events")


def _login(rest: Rest) -> Answer:
    """Whether REST takes the password of its user."""
    try:
        account = rest.get("accounts/self")
    except (Transient, Refused) as error:
        return Answer(code="rest", fine=False, message=f"as {rest.user}: {error}")
    if not isinstance(account, dict):
        message = f"{rest.url} does not answer as a Gerrit does: is the URL right?"
        return Answer(code="rest", fine=False, message=message)
    name = account.get("username", "")
    if name != rest.user:
        return Answer(code="rest", fine=False, message=f"REST knows us as {name!r}, not as {rest.user!r}")
    return Answer(code="rest", fine=True, message=f"{rest.url} takes the password of {rest.user}")


def _may_remove(bot: Rest) -> Iterator[Answer]:
    """The server tells of each change whom we may take off it, and tells it nowhere else."""
    options = [("o", option) for option in ("DETAILED_LABELS", "DETAILED_ACCOUNTS", "SKIP_DIFFSTAT")]
    try:
        changes = bot.get("changes/", [("q", "status:open -owner:self"), ("n", "100"), *options])
    except (Transient, Refused) as error:
        yield Answer(code="remove", fine=False, message=str(error))
        return
    for change in changes:
        voters = {_name(vote) for label in change["labels"].values() for vote in label.get("all", ())}
        if others := voters - {bot.user, ""}:
            removable = {_name(one) for one in change["removable_reviewers"]}
            yield _removing(bot.user, change["project"], fine=others <= removable)
            return


def _name(account: dict[str, Any]) -> str:
    return str(account.get("username", ""))


def _removing(user: str, repo: str, *, fine: bool) -> Answer:
    if fine:
        return Answer(code="remove", fine=True, message=f"{user} may take reviewers off changes of {repo}")
    remedy = "give it the right removeReviewer: czar gerrit setup"
    return Answer(code="remove", fine=False, message=f"{user} may not take reviewers off changes of {repo}; {remedy}")


def _exists(rest: Rest, code: str, path: str, name: str) -> Answer:
    try:
        found = rest.get(path)
        if code == "account" and str(found.get("username", "")).lower() != name.lower():
            raise NotFound(path)  # an identifier may also resolve as a name or address
    except NotFound:
        hidden = "is not there, or hidden from us" if code == "repo" else "is nobody's username there"
        return Answer(code=code, fine=False if code == "account" else None, message=f"{code} {name} {hidden}")
    except (Transient, Refused) as error:
        return Answer(code=code, fine=False, message=str(error))
    return Answer(code=code, fine=True, message=f"{code} {name} is there")
