"""The JSON of labels, votes and submit requirements.

https://gerrit-review.googlesource.com/Documentation/rest-api-projects.html#label-definition-info and
rest-api-changes.html#label-info.
"""

from __future__ import annotations

from integrations.sandbox.gerrit.records import Change, Label, Requirement
from integrations.sandbox.gerrit.registry import Registry
from integrations.sandbox.gerrit.requirements import Judged, Result
from integrations.sandbox.gerrit.words import Json, account_info, timestamp


def label_info(project: str, label: Label) -> Json:
    """A definition."""
    info: Json = {"name": label.name, "project_name": project, "function": label.function, "values": values(label)}
    info |= {"default_value": 0, "can_override": True} if label.can_override else {"default_value": 0}
    info |= {"copy_condition": label.copy_condition} if label.copy_condition else {}
    return info | ({"allow_post_submit": True} if label.allow_post_submit else {})


def requirement_info(project: str, requirement: Requirement) -> Json:
    """A definition."""
    words = {
        "name": requirement.name,
        "description": requirement.description,
        "project_name": project,
        "applicability_expression": requirement.applicable_if,
        "submittability_expression": requirement.submittable_if,
        "override_expression": requirement.override_if,
    }
    shown = {key: word for key, word in words.items() if word}
    return shown | {"allow_override_in_child_projects": requirement.overridable}


def requirement_result(judged: Judged) -> Json:
    """A requirement on a change."""
    requirement = judged.requirement
    info: Json = {"name": requirement.name}
    info |= {"description": requirement.description} if requirement.description else {}
    info |= {"status": judged.status, "is_legacy": False}
    info["submittability_expression_result"] = _result(judged.submittable)
    if judged.applicable:
        seen = _result(judged.applicable)
        info["applicability_expression_result"] = {key: seen[key] for key in ("fulfilled", "status")}
    if judged.override:
        info["override_expression_result"] = _result(judged.override)
    return info


def _result(result: Result) -> Json:
    info: Json = {"expression": result.expression, "fulfilled": result.fulfilled, "status": result.status}
    info |= {"passing_atoms": list(result.passing), "failing_atoms": list(result.failing)}
    return info | ({"error_message": result.error} if result.error else {})


def permitted(world: Registry, change: Change, viewer: int | None) -> Json:
    """Label to the values the viewer may vote; of a closed change nothing."""
    if viewer is None or change.status != "NEW":
        return {}
    ranges = {name: world.vote_range(viewer, change, label) for name, label in world.labels_of(change).items()}
    labels = world.labels_of(change)
    return {
        name: [signed(value) for value in sorted(labels[name].values) if low <= value <= high]
        for name, (low, high) in ranges.items()
        if low < high
    }


def label_on(world: Registry, change: Change, label: Label, *, detailed: bool, accounts: bool) -> Json:
    """What was voted on the current patch set; `detailed` names everybody, with the votes they might give."""
    given = {
        who: vote
        for (number, who, name), vote in change.votes.items()
        if (number, name) == (change.current.number, label.name)
    }
    info: Json = {}
    for word, value in (("approved", label.highest), ("rejected", label.lowest)):
        first = next((who for who, vote in given.items() if vote.value == value and value), None)
        info |= {word: account_info(world, first, detailed=accounts)} if first is not None else {}
    if detailed:
        reviewers = [who for who, state in change.reviewers.items() if state == "REVIEWER" or who in given]
        entries = []
        for who in dict.fromkeys([*reviewers, *given]):
            vote, (low, high) = given.get(who), world.vote_range(who, change, label)
            entry: Json = account_info(world, who, detailed=accounts)
            entry |= {"value": vote.value if vote else 0} if vote or low < high else {}
            entry |= {"date": timestamp(vote.at)} if vote else {}
            entry |= {"permitted_voting_range": {"min": low, "max": high}} if low < high else {}
            entries.append(entry | ({"tag": vote.tag} if vote and vote.tag else {}))
        info |= {"all": entries} if entries else {}
        info["values"] = values(label)
    return info | {"default_value": 0}


def values(label: Label) -> dict[str, str]:
    return {signed(value): text for value, text in sorted(label.values.items())}


def signed(value: int) -> str:
    return f"{value:+d}" if value else " 0"
