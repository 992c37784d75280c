"""What stands around the gate of a repo: the repos above and below it, rights of others about its label, and those
whom no label can stop.

What a label or requirement of the same name does elsewhere was tried on Gerrit 3.10.2 and 3.13.5: above, it may be in
force instead of ours; below, it is without effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from integrations.contract import Refused
from integrations.gerrit.gate.access import Project, lineage, project_path, seen
from integrations.gerrit.gate.gate import Gate
from integrations.gerrit.gate.powers import goes_past_review, is_everybody, rules_the_gate
from integrations.gerrit.gate.setup import group_id, label_of, requirement_of
from integrations.gerrit.live import Answer
from integrations.gerrit.rest import Rest

ABOVE = "it may be in force instead of ours"
BELOW = "it opens nothing, but misleads people"
LOOKS: tuple[tuple[str, Callable[[Rest, str, str], Any]], ...] = (
    ("label", label_of),
    ("submit requirement", requirement_of),
)


def strays(seer: Rest, gate: Gate) -> Iterator[Answer]:
    """Rights of others about the label, in the repo and above it."""
    line, group = lineage(seer, gate.project), group_id(seer, gate)
    found = [answer for one in line for answer in _strays("gate-access", gate, group, one)]
    yield from found
    if hidden := ", ".join(one.name for one in line if not one.whole):
        yield not_seen("gate-access", f"whether others may vote {gate.label} by the rights of {hidden}", seer)
    elif not found:
        where = ", ".join(one.name for one in line)
        message = f"nobody else may vote {gate.label}, vote it for others, or remove it: {where}"
        yield Answer(code="gate-access", fine=True, message=message)


def parents(seer: Rest, gate: Gate) -> Iterator[Answer]:
    """Labels and requirements of the same name above the repo."""
    above = [one.name for one in lineage(seer, gate.project)[1:]]
    found = [answer for parent in above for answer in _same_name("gate-parents", seer, gate, parent, ABOVE)]
    yield from found
    if not found:
        message = f"no parent of {gate.project} has a {gate.label} of its own"
        yield Answer(code="gate-parents", fine=True, message=message)


def children(seer: Rest, gate: Gate) -> Iterator[Answer]:
    """They inherit the gate. Whoever made something of the same name there meant something else."""
    below = seer.get(f"{project_path(gate.project)}/children/", [("recursive", "")])
    names = [str(one["name"]) for one in below]
    found = [answer for name in names for answer in _child(seer, gate, name)]
    yield from found
    if not sees_all(seer):
        yield not_seen("gate-children", f"whether {gate.project} has more child repos", seer)
    elif not found:
        inherit = f"inherit the gate of {gate.project} as it is: {', '.join(names)}"
        message = inherit if names else f"{gate.project} has no child repos"
        yield Answer(code="gate-children", fine=True, message=message)


def powers(seer: Rest, gate: Gate) -> Iterator[Answer]:
    """Who may change the gate itself, who may go past it, and who may submit once it is open."""
    line = lineage(seer, gate.project)
    grants = [grant for one in line for grant in one.grants]
    rulers = sorted({grant.group_name for grant in grants if rules_the_gate(grant)})
    for grant in grants:
        if goes_past_review(grant) and grant.group_name not in rulers:
            where = f"{grant.name} on {grant.ref} of {grant.project}"
            message = f"{grant.group_name} may go past review, and so past the gate, by {where}"
            yield Answer(code="gate-powers", fine=None, message=message)
    if not all(one.whole for one in line):
        yield not_seen("gate-powers", f"who else may change the gate of {gate.project} or go past it", seer)
        return
    for group in sorted({grant.group_name for grant in grants if rules_the_gate(grant) and is_everybody(grant)}):
        message = f"{group} may change the gate of {gate.project} itself: everybody opens it; take these rights away"
        yield Answer(code="gate-powers", fine=False, message=message)
    submitters = sorted({grant.group_name for grant in grants if grant.name == "submit"})
    for what, groups in (("change the gate itself, as ever", rulers), ("submit once it is open", submitters)):
        message = f"{gate.project}: these may {what}: {', '.join(groups) or 'nobody'}"
        yield Answer(code="gate-powers", fine=True, message=message)


def sees_all(seer: Rest) -> bool:
    """Whether nothing is hidden from them: they administrate the server."""
    return bool(seer.get("accounts/self/capabilities").get("administrateServer"))


def not_seen(code: str, what: str, seer: Rest) -> Answer:
    """What is not proven, and who could prove it."""
    message = f"{what}: hidden from {seer.user}; ask as an administrator, with --as"
    return Answer(code=code, fine=None, message=message)


def _child(seer: Rest, gate: Gate, name: str) -> Iterator[Answer]:
    yield from _same_name("gate-children", seer, gate, name, BELOW)
    child = seen(seer, name)
    yield from _strays("gate-children", gate, group_id(seer, gate), child)
    if not child.whole:
        yield not_seen("gate-children", f"whether others may vote {gate.label} in {name}", seer)


def _strays(code: str, gate: Gate, group: str | None, project: Project) -> Iterator[Answer]:
    says = {
        gate.right: f"may vote {gate.label}: it opens nothing while the bot is named, but misleads people",
        f"labelAs-{gate.label}": f"may vote {gate.label} in the bot's name: that opens the gate",
        f"removeLabel-{gate.label}": f"may remove votes of {gate.label}: czar votes again, but releases wait",
    }
    by_name = {name.lower(): said for name, said in says.items()}
    for grant in project.grants:
        ours = (grant.group, grant.name) == (group, gate.right)
        if (said := by_name.get(grant.name.lower())) and not ours:
            where = f"take {grant.name} on {grant.ref} of {grant.project} away"
            yield Answer(code=code, fine=False, message=f"{grant.group_name} {said}; {where}")


def _same_name(code: str, seer: Rest, gate: Gate, project: str, said: str) -> Iterator[Answer]:
    for kind, look in LOOKS:
        what = f"{project} has a {kind} {gate.label} of its own"
        try:
            if look(seer, project, gate.label) is not None:
                yield Answer(code=code, fine=False, message=f"{what}: {said}; take it away")
        except Refused:
            yield not_seen(code, f"whether {what}", seer)
