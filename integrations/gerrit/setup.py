"""What a Gerrit must have before the daemon can work: the bot's group, and what that group may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from integrations.contract import Refused
from integrations.gerrit.rest import NotFound, Rest

SERVICE_USERS = "Service Users"
ALL_PROJECTS = "All-Projects"
STREAM = "streamEvents"
REMOVE = "removeReviewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Something the group may do: its section in REST and in project.config."""

    name: str
    what: str
    kind: str
    section: str
    heading: str


RIGHTS = (
    Right(
        name=STREAM,
        what="read the stream",
        kind="capability",
        section="GLOBAL_CAPABILITIES",
        heading="[capability]",
    ),
    Right(
        name=REMOVE,
        what="take off reviewers who did not answer",
        kind="right",
        section="refs/*",
        heading='[access "refs/*"]',
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing the server needs; `done` once it has it, and what was `done` about it where it was applied."""

    what: str
    done: bool
    because: str = ""


def needed(rest: Rest, bot: str) -> tuple[Step, ...]:
    """What is there and what is missing, seen with an administrator's eyes. Raises Transient, Refused."""
    return (_member(rest, bot), *_rights(rest))


def apply(rest: Rest, bot: str) -> tuple[Step, ...]:
    """Make what is missing, as an administrator. Twice is once. Raises Transient, Refused."""
    if account_of(rest, bot) is None:
        raise Refused(f"{_no_account(bot)}, czar gerrit setup says how")
    before = needed(rest, bot)
    if not before[0].done:
        rest.put(f"groups/{quote(SERVICE_USERS)}/members/{quote(bot, safe='')}", {})
    missing = [right for right, step in zip(RIGHTS, before[1:], strict=True) if not step.done]
    if missing:
        rule = {_group_id(rest): {"action": "ALLOW"}}
        add = {right.section: {"permissions": {right.name: {"rules": rule}}} for right in missing}
        rest.post(f"projects/{ALL_PROJECTS}/access", {"add": add})
    return tuple(_told(after, was) for after, was in zip(needed(rest, bot), before, strict=True))


def _told(after: Step, before: Step) -> Step:
    """What was put right says what was there before."""
    return replace(after, because=f"put right; before: {before.because}") if after.done and not before.done else after


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
        f"""The right {REMOVE} on refs/* for that group in {ALL_PROJECTS}, in the same change:
  by it somebody who did not answer is taken off when another one is asked.""",
    )


def project_config() -> str:
    """The part of All-Projects' project.config that the daemon needs, as a patch would add it."""
    return "".join(f"{right.heading}\n\t{right.name} = group {SERVICE_USERS}\n" for right in RIGHTS)


def _member(rest: Rest, bot: str) -> Step:
    what = f"{bot} is in the group {SERVICE_USERS}"
    account = account_of(rest, bot)
    if account is None:
        return Step(what=what, done=False, because=_no_account(bot))
    members = rest.get(f"groups/{quote(SERVICE_USERS)}/members/")
    there = any(member["_account_id"] == account["_account_id"] for member in members)
    return Step(what=what, done=there, because="" if there else "it is not")


def account_of(rest: Rest, bot: str) -> Any:
    """An identifier may also resolve as a name or address: only the very username counts."""
    try:
        found = rest.get(f"accounts/{quote(bot, safe='')}/detail")
    except NotFound:
        return None
    return found if str(found.get("username", "")).lower() == bot.lower() else None


def _no_account(bot: str) -> str:
    return f"there is no account {bot}: make it first"


def _rights(rest: Rest) -> tuple[Step, ...]:
    access, group = rest.get(f"projects/{ALL_PROJECTS}/access")["local"], _group_id(rest)
    return tuple(_right(right, access, group) for right in RIGHTS)


def _right(right: Right, access: dict[str, Any], group: str) -> Step:
    rules = access.get(right.section, {}).get("permissions", {}).get(right.name, {}).get("rules", {})
    there = rules.get(group, {}).get("action") == "ALLOW"
    what = f"{SERVICE_USERS} may {right.what} ({right.kind} {right.name})"
    return Step(what=what, done=there, because="" if there else "it may not")


def _group_id(rest: Rest) -> str:
    try:
        return str(rest.get(f"groups/{quote(SERVICE_USERS)}")["id"])
    except NotFound as error:
        raise Refused(
            f"the server has no group {SERVICE_USERS!r}: it is made when a Gerrit site is initialised"
        ) from error
