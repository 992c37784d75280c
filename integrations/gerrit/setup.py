"""What a Gerrit must have before the daemon can work: the bot's group and its right to the stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.contract import Refused
from integrations.gerrit.rest import NotFound, Rest

SERVICE_USERS = "Service Users"
ALL_PROJECTS = "All-Projects"
STREAM = "streamEvents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing the server needs; `done` once it has it, and what was `done` about it where it was applied."""

    what: str
    done: bool
    because: str = ""


def needed(rest: Rest, bot: str) -> tuple[Step, ...]:
    """What is there and what is missing, seen with an administrator's eyes. Raises Transient, Refused."""
    return (_member(rest, bot), _capability(rest))


def apply(rest: Rest, bot: str) -> tuple[Step, ...]:
    """Make what is missing, as an administrator. Twice is once. Raises Transient, Refused."""
    if _account(rest, bot) is None:
        raise Refused(f"{_no_account(bot)}, czar gerrit setup says how")
    if not _member(rest, bot).done:
        rest.put(f"groups/{quote(SERVICE_USERS)}/members/{quote(bot, safe='')}", {})
    if not _capability(rest).done:
        grant = {"permissions": {STREAM: {"rules": {_group_id(rest): {"action": "ALLOW"}}}}}
        rest.post(f"projects/{ALL_PROJECTS}/access", {"add": {"GLOBAL_CAPABILITIES": grant}})
    return needed(rest, bot)


def instructions(bot: str) -> tuple[str, ...]:
    """The same, for a person to do by hand."""
    admin = "ssh -p 29418 ADMIN@HOST gerrit"
    return (
        f"""An account {bot} with an SSH key and HTTP credentials:
  {admin} create-account --group "'{SERVICE_USERS}'" --ssh-key - {bot} < KEY.pub""",
        f"""{bot} in the group '{SERVICE_USERS}', whose replies never add anybody to the attention set by themselves:
  {admin} set-members "'{SERVICE_USERS}'" --add {bot}""",
        f"""The capability {STREAM} for that group in {ALL_PROJECTS}.
  As a change for review: czar gerrit setup --format project.config""",
    )


def project_config() -> str:
    """The part of All-Projects' project.config that the daemon needs, as a patch would add it."""
    return f"[capability]\n\t{STREAM} = group {SERVICE_USERS}\n"


def _member(rest: Rest, bot: str) -> Step:
    what = f"{bot} is in the group {SERVICE_USERS}"
    account = _account(rest, bot)
    if account is None:
        return Step(what=what, done=False, because=_no_account(bot))
    members = rest.get(f"groups/{quote(SERVICE_USERS)}/members/")
    there = any(member["_account_id"] == account["_account_id"] for member in members)
    return Step(what=what, done=there, because="" if there else "it is not")


def _account(rest: Rest, bot: str) -> Any:
    """An identifier may also resolve as a name or address: only the very username counts."""
    try:
        found = rest.get(f"accounts/{quote(bot, safe='')}/detail")
    except NotFound:
        return None
    return found if str(found.get("username", "")).lower() == bot.lower() else None


def _no_account(bot: str) -> str:
    return f"there is no account {bot}: make it first"


def _capability(rest: Rest) -> Step:
    what = f"{SERVICE_USERS} may read the stream (capability {STREAM})"
    access = rest.get(f"projects/{ALL_PROJECTS}/access")
    capabilities = access["local"].get("GLOBAL_CAPABILITIES", {}).get("permissions", {})
    rules = capabilities.get(STREAM, {}).get("rules", {})
    there = rules.get(_group_id(rest), {}).get("action") == "ALLOW"
    return Step(what=what, done=there, because="" if there else "it may not")


def _group_id(rest: Rest) -> str:
    try:
        return str(rest.get(f"groups/{quote(SERVICE_USERS)}")["id"])
    except NotFound as error:
        raise Refused(
            f"the server has no group {SERVICE_USERS!r}: it is made when a Gerrit site is initialised"
        ) from error
