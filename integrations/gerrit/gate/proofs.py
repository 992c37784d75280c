"""Can anybody but the bot open the gate of a repo of release requests? Proven from what the server shows.

What may not be seen is not proven; an administrator sees all. Those who may change the server's rules, or go past
review altogether, no label can stop: they are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from integrations.contract import Refused, Transient
from integrations.gerrit.gate.access import access_of, project_path
from integrations.gerrit.gate.around import children, not_seen, parents, powers, sees_all, strays
from integrations.gerrit.gate.gate import ALL_REFS, Gate, access_faults, label_faults, requirement_faults, strangers
from integrations.gerrit.gate.setup import group_id, group_of, label_of, requirement_of, unread
from integrations.gerrit.live import Answer
from integrations.gerrit.rest import NotFound, Rest
from integrations.gerrit.setup import ALL_PROJECTS, account_of

REMEDY = "czar gerrit setup --apply puts it right"
IN_FORCE = "czar gerrit setup --apply, unless a parent's label or requirement is in force"
ADMINISTRATORS = "Administrators"
WITHOUT_FORCE = ("NOT_APPLICABLE", "OVERRIDDEN", "FORCED")


def prove(bot: Rest, seer: Rest, gate: Gate) -> Iterator[Answer]:
    """All proofs, one after the other. `seer` looks at the rights: the bot itself, or somebody who may see more."""
    if missing := _missing(seer, gate):
        yield missing
        return
    proofs: tuple[tuple[str, Callable[[], Iterable[Answer]]], ...] = (
        ("gate-bot", lambda: _bot(bot, seer, gate)),
        ("gate-label", lambda: _label(seer, gate)),
        ("gate-requirement", lambda: _requirement(bot, seer, gate)),
        ("gate-group", lambda: _group(seer, gate)),
        ("gate-access", lambda: _access(seer, gate)),
        ("gate-access", lambda: strays(seer, gate)),
        ("gate-parents", lambda: parents(seer, gate)),
        ("gate-children", lambda: children(seer, gate)),
        ("gate-powers", lambda: powers(seer, gate)),
        ("gate-tags", lambda: _tags(seer, gate)),
        ("gate-vote", lambda: _vote(bot, gate)),
    )
    for code, proof in proofs:
        try:
            yield from proof()
        except Refused as error:
            yield not_seen(code, f"{gate.project}: {error}", seer)
        except Transient as error:
            yield Answer(code=code, fine=False, message=f"{gate.project}: {error}")


def _missing(seer: Rest, gate: Gate) -> Answer | None:
    """An administrator sees every repo: what they do not see is not there."""
    try:
        seer.get(project_path(gate.project))
    except NotFound:
        if not sees_all(seer):
            return not_seen("gate-repo", f"whether there is a repo {gate.project}", seer)
        message = f"there is no repo {gate.project}: is `project` under signoff in czar.yaml right?"
        return Answer(code="gate-repo", fine=False, message=message)
    except Refused as error:
        return not_seen("gate-repo", f"{gate.project}: {error}", seer)
    except Transient as error:
        return Answer(code="gate-repo", fine=False, message=f"{gate.project}: {error}")
    return None


def _bot(bot: Rest, seer: Rest, gate: Gate) -> Iterator[Answer]:
    """The requirement names the bot by its username: that has to mean the account that votes."""
    ours, meant = _our_id(bot), account_of(seer, gate.bot)
    if meant is None:
        remedy = "give the bot one that is no number and nobody's name"
        yield Answer(code="gate-bot", fine=False, message=f"user={gate.bot} is no account's username: {remedy}")
        return
    fine, other = meant["_account_id"] == ours, meant["_account_id"]
    says = f"is our account {ours}" if fine else f"is account {other}, not ours, {ours}: put `user` in czar.yaml right"
    yield Answer(code="gate-bot", fine=fine, message=f"user={gate.bot} {says}")


def _label(seer: Rest, gate: Gate) -> Iterator[Answer]:
    wrong = label_faults(gate, label_of(seer, gate.project, gate.label))
    yield _as_it_must_be("gate-label", f"label {gate.label} of {gate.project}", wrong)


def _requirement(bot: Rest, seer: Rest, gate: Gate) -> Iterator[Answer]:
    wrong = requirement_faults(gate, requirement_of(seer, gate.project, gate.label), _our_id(bot))
    yield _as_it_must_be("gate-requirement", f"submit requirement {gate.label} of {gate.project}", wrong)


def _group(seer: Rest, gate: Gate) -> Iterator[Answer]:
    group = group_of(seer, gate.group)
    if group is None:
        yield not_seen("gate-group", f"group {gate.group} is not there (czar gerrit setup makes it), or", seer)
        return
    others = ", ".join(strangers(gate, group))
    yield _as_it_must_be("gate-group", f"group {gate.group}", f"it also holds {others}" if others else "")
    owner = group.get("owner", gate.group)
    if owner not in (gate.group, ADMINISTRATORS):
        message = f"{owner} may put people into {gate.group}: it opens nothing while the bot is named"
        yield Answer(code="gate-group", fine=None, message=message)


def _access(seer: Rest, gate: Gate) -> Iterator[Answer]:
    found = access_of(seer, gate.project)
    what = f"the right to vote {gate.label} on branches of {gate.project}"
    if not found.whole:
        yield not_seen("gate-access", what, seer)
        return
    names = {grant.group: grant.group_name for grant in found.grants}
    yield _as_it_must_be("gate-access", what, access_faults(gate, group_id(seer, gate), found.local, names))


def _tags(seer: Rest, gate: Gate) -> Iterator[Answer]:
    what = f"which tags {gate.bot} hears of"
    if not access_of(seer, ALL_PROJECTS).whole:
        yield not_seen("gate-tags", what, seer)
        return
    missing = unread(seer, gate, ALL_PROJECTS, ALL_REFS)
    wrong = f"none of commits on no branch, as {gate.group} may not read {ALL_REFS} of {ALL_PROJECTS}"
    yield _as_it_must_be("gate-tags", what, wrong if missing else "")


def _vote(bot: Rest, gate: Gate) -> Iterator[Answer]:
    """What the bot may vote, and what is in force, the server tells of an open change, and tells it to anybody."""
    query = f'project:"{gate.project}" status:open -branch:refs/meta/config'
    found = bot.get("changes/", [("q", query), ("n", "1"), ("o", "SKIP_DIFFSTAT")])
    if not found:
        message = f"whether {gate.bot} may vote {gate.label}: no change of {gate.project} is open to see it by"
        yield Answer(code="gate-vote", fine=None, message=message)
        return
    change = bot.get(f"changes/{found[0]['id']}", [("o", "DETAILED_LABELS"), ("o", "SUBMIT_REQUIREMENTS")])
    number = change["_number"]
    may = sorted(int(value) for value in change.get("permitted_labels", {}).get(gate.label, ()))
    wrong = "" if may == [-1, 0, 1] else f"only {may}" if may else "nothing"
    yield _as_it_must_be("gate-vote", f"what {gate.bot} may vote on change {number}", wrong, IN_FORCE)
    wrong = _in_force_faults(gate, _our_id(bot), change.get("submit_requirements", ()))
    yield _as_it_must_be("gate-vote", f"what opens change {number}", wrong, IN_FORCE)


def _in_force_faults(gate: Gate, account_id: int, requirements: Iterable[dict[str, Any]]) -> str:
    """Of the requirement as it is applied to a change, wherever it comes from."""
    ours = [one for one in requirements if one["name"].lower() == gate.label.lower() and not one.get("is_legacy")]
    if not ours:
        return f"no requirement {gate.label} is in force"
    expressions = {one["submittability_expression_result"]["expression"] for one in ours}
    strange = sorted(expressions - {gate.opens(), gate.opens(account_id)})
    weak = [f"it is {one}" for one in sorted({one["status"] for one in ours} & set(WITHOUT_FORCE))]
    weak += ["it can be overridden"] if any("override_expression_result" in one for one in ours) else []
    return "; ".join((*(f"{one!r} does" for one in strange), *weak))


def _our_id(bot: Rest) -> int:
    return int(bot.get("accounts/self")["_account_id"])


def _as_it_must_be(code: str, what: str, wrong: str, remedy: str = REMEDY) -> Answer:
    if wrong:
        return Answer(code=code, fine=False, message=f"{what}: {wrong}; {remedy}")
    return Answer(code=code, fine=True, message=f"{what} is as it must be")
