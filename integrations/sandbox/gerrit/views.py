"""The JSON of REST: what Gerrit shows of a change, an account, a group, a project.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html#json-entities and its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import quote

from integrations.sandbox.gerrit import votes
from integrations.sandbox.gerrit.events import spoken
from integrations.sandbox.gerrit.records import (
    Attention,
    Change,
    Comment,
    FileChange,
    Group,
    Label,
    Message,
    PatchSet,
    Project,
)
from integrations.sandbox.gerrit.registry import ADMINISTRATORS
from integrations.sandbox.gerrit.rights import removable
from integrations.sandbox.gerrit.state import State

Json = dict[str, Any]
DETAIL = ("DETAILED_LABELS", "DETAILED_ACCOUNTS", "REVIEWER_UPDATES", "MESSAGES")


def timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.000000000")


def account_info(state: State, account_id: int, *, detailed: bool = True) -> Json:
    account = state.accounts[account_id]
    info: Json = {"_account_id": account_id}
    if not detailed:
        return info
    words = {"name": account.name, "email": account.email, "username": account.username}
    info |= {key: word for key, word in words.items() if word}
    info |= {"tags": ["SERVICE_USER"]} if state.is_service(account_id) else {}
    return info if account.active else info | {"inactive": True}


def group_info(state: State, group: Group) -> Json:
    owner = state.groups[ADMINISTRATORS]
    return {
        "id": group.uuid,
        "name": group.name,
        "url": f"#/admin/groups/uuid-{group.uuid}",
        "options": {},
        "group_id": group.group_id,
        "owner": owner.name,
        "owner_id": owner.uuid,
    }


def project_info(project: Project, *, listed: bool = False) -> Json:
    labels = {name: {"values": _values(label), "default_value": 0} for name, label in project.labels.items()}
    info: Json = {"id": quote(project.name, safe=""), "state": "ACTIVE"}
    return info if listed else info | {"name": project.name, "parent": "All-Projects", "labels": labels}


def label_info(project: str, label: Label) -> Json:
    info: Json = {"name": label.name, "project_name": project, "function": "NoBlock", "values": _values(label)}
    info |= {"default_value": 0, "can_override": True, "allow_post_submit": label.allow_post_submit}
    return info | ({"copy_condition": label.copy_condition} if label.copy_condition else {})


def change_info(state: State, change: Change, options: Collection[str], viewer: int | None = None) -> Json:
    """A ChangeInfo with the parts that `options` (o=…) ask for."""
    view = _View(state, change, frozenset(options), viewer)
    return view.basics() | view.asked()


def file_infos(patch_set: PatchSet) -> dict[str, Json]:
    """/files/ of a revision, with the generated /COMMIT_MSG."""
    size = patch_set.message_lines
    message: Json = {"status": "A", "lines_inserted": size, "size_delta": len(patch_set.message), "size": 0}
    return {"/COMMIT_MSG": message} | {path: _file(file) for path, file in sorted(patch_set.files.items())}


def reviewer_info(state: State, change: Change, account_id: int) -> Json:
    here = change.current.number
    approvals = {name: _signed(change.value(here, account_id, name)) for name in sorted(state.labels_of(change))}
    return account_info(state, account_id) | {"approvals": approvals}


def message_info(state: State, message: Message) -> Json:
    info: Json = {"id": message.id}
    info |= {"tag": message.tag} if message.tag else {}
    info |= {"author": account_info(state, message.author)} if message.author is not None else {}
    info |= {"date": timestamp(message.at), "message": spoken(state, message.text)}
    named = re.findall(r"<GERRIT_ACCOUNT_(\d+)>", message.text)
    info["accounts_in_message"] = [account_info(state, int(who)) for who in dict.fromkeys(named)]
    return info | {"_revision_number": message.patch_set}


def comment_info(state: State, change: Change, comment: Comment) -> Json:
    info: Json = {
        "author": account_info(state, comment.author),
        "change_message_id": comment.message_id,
        "unresolved": comment.unresolved,
        "patch_set": comment.patch_set,
        "id": comment.id,
        "updated": timestamp(comment.at),
        "message": comment.text,
        "commit_id": change.patch_sets[comment.patch_set - 1].revision,
    }
    info |= {"tag": comment.tag} if comment.tag else {}
    info |= {"line": comment.line} if comment.line else {}
    return info | ({"in_reply_to": comment.in_reply_to} if comment.in_reply_to else {})


def related_info(change: Change) -> Json:
    patch_set = change.current
    return {
        "project": change.project,
        "change_id": change.change_id,
        "commit": commit_info(patch_set) | {"commit": patch_set.revision},
        "_change_number": change.number,
        "_revision_number": patch_set.number,
        "_current_revision_number": patch_set.number,
        "status": change.status,
    }


def diff_info(patch_set: PatchSet, path: str) -> Json:
    """The file against the branch it was pushed to; a text that ends with a newline has an empty last line."""
    file = patch_set.files.get(path)
    if file is None or file.content is None:
        return {"change_type": "MODIFIED", "content": []}
    if file.before is None:
        return {"change_type": "ADDED", "content": [{"b": file.content.split("\n")}]}
    return {"change_type": "MODIFIED", "content": _compared(file.before.split("\n"), file.content.split("\n"))}


def _compared(old: list[str], new: list[str]) -> list[Json]:
    content: list[Json] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            content.append({"ab": new[new_from:new_to]})
        else:
            gone, come = old[old_from:old_to], new[new_from:new_to]
            content.append(({"a": gone} if gone else {}) | ({"b": come} if come else {}))
    return content


def attention_info(state: State, account_id: int, attention: Attention, *, detailed: bool = True) -> Json:
    return {
        "account": account_info(state, account_id, detailed=detailed),
        "last_update": timestamp(attention.at),
        "reason": attention.reason,
    }


class _View:
    """One change as one asker wants it."""

    def __init__(self, state: State, change: Change, options: frozenset[str], viewer: int | None) -> None:
        self._viewer = viewer
        self._state = state
        self._change = change
        self._options = options
        self._detailed = "DETAILED_ACCOUNTS" in options

    def basics(self) -> Json:
        change = self._change
        project = quote(change.project, safe="")
        info: Json = {
            "id": f"{project}~{change.number}",
            "triplet_id": f"{project}~{quote(change.branch, safe='')}~{change.change_id}",
            "project": change.project,
            "branch": change.branch,
        }
        info |= {"topic": change.topic} if change.topic else {}
        info |= {
            "attention_set": self._attention(change.attention),
            "removed_from_attention_set": self._attention(change.out_of_attention),
            "hashtags": list(change.hashtags),
            "change_id": change.change_id,
            "subject": change.subject,
            "status": change.status,
            "created": timestamp(change.created),
            "updated": timestamp(change.updated),
        }
        info |= {"submitted": timestamp(change.submitted)} if change.submitted else {}
        info |= {"submitter": self._account(change.submitter)} if change.submitter is not None else {}
        if change.cherry_pick_of:
            number, patch_set = change.cherry_pick_of
            info |= {"cherry_pick_of_change": number, "cherry_pick_of_patch_set": patch_set}
        info |= {"is_private": True} if change.private else {}
        info |= {"work_in_progress": True} if change.wip else {}
        return info | {
            "insertions": change.current.insertions,
            "deletions": change.current.deletions,
            "total_comment_count": len(change.comments),
            "unresolved_comment_count": sum(comment.unresolved for comment in change.comments),
            "has_review_started": change.started,
            "meta_rev_id": change.meta,
            "_number": change.number,
            "virtual_id_number": change.number,
            "owner": self._account(change.owner),
            "requirements": [],
        }

    def asked(self) -> Json:
        info: Json = {}
        if self._options & {"LABELS", "DETAILED_LABELS"}:
            info["labels"] = {name: self._label(label) for name, label in self._state.labels_of(self._change).items()}
        if "DETAILED_LABELS" in self._options:
            going = [self._account(who) for who in removable(self._state, self._change, self._viewer)]
            info |= {"removable_reviewers": going, "reviewers": self._reviewers(), "pending_reviewers": {}}
        if "REVIEWER_UPDATES" in self._options:
            info["reviewer_updates"] = self._reviewer_updates()
        if "MESSAGES" in self._options:
            info["messages"] = [message_info(self._state, message) for message in self._change.messages]
        if "SUBMITTABLE" in self._options:
            open_now = self._change.status == "NEW"
            info["submittable"] = open_now and not votes.unsatisfied(self._state, self._change)
        if "SUBMIT_REQUIREMENTS" in self._options:
            info["submit_requirements"] = self._requirements()
        info |= {"current_revision_number": self._change.current.number}
        return info | self._revisions()

    def _revisions(self) -> Json:
        whole = "ALL_REVISIONS" in self._options
        if not whole and "CURRENT_REVISION" not in self._options:
            return {}
        shown = self._change.patch_sets if whole else [self._change.current]
        return {
            "current_revision": self._change.current.revision,
            "revisions": {patch_set.revision: self._revision(patch_set) for patch_set in shown},
        }

    def _revision(self, patch_set: PatchSet) -> Json:
        ref = f"{self._change.ref_base}/{patch_set.number}"
        info: Json = {
            "kind": patch_set.kind,
            "_number": patch_set.number,
            "created": timestamp(patch_set.created),
            "uploader": self._account(patch_set.uploader),
            "ref": ref,
            "fetch": {},
            "branch": self._change.ref,
        }
        current = patch_set is self._change.current
        if "ALL_COMMITS" in self._options or (current and "CURRENT_COMMIT" in self._options):
            info["commit"] = commit_info(patch_set)
        if "ALL_FILES" in self._options or (current and "CURRENT_FILES" in self._options):
            info["files"] = {path: file for path, file in file_infos(patch_set).items() if path != "/COMMIT_MSG"}
        return info

    def _label(self, label: Label) -> Json:
        here = self._change.current.number
        given = {
            who: vote
            for (number, who, name), vote in self._change.votes.items()
            if (number, name) == (here, label.name)
        }
        info: Json = {}
        for word, value in (("approved", label.highest), ("rejected", label.lowest)):
            first = next((who for who, vote in given.items() if vote.value == value and value), None)
            info |= {word: self._account(first)} if first is not None else {}
        if "DETAILED_LABELS" in self._options:
            entries = []
            everybody = [who for who, state in self._change.reviewers.items() if state == "REVIEWER" or who in given]
            for who in dict.fromkeys([*everybody, *given]):
                vote = given.get(who)
                entry: Json = self._account(who) | {"value": vote.value if vote else 0}
                entry |= {"date": timestamp(vote.at)} if vote else {}
                if self._state.may_vote(who, label):
                    entry["permitted_voting_range"] = {"min": label.lowest, "max": label.highest}
                entries.append(entry | ({"tag": vote.tag} if vote and vote.tag else {}))
            info |= {"all": entries} if entries else {}
            info["values"] = _values(label)
        return info | {"default_value": 0}

    def _reviewers(self) -> Json:
        by_state: Json = {}
        for who, state in sorted(self._change.reviewers.items()):
            by_state.setdefault(state, []).append(self._account(who))
        return by_state

    def _reviewer_updates(self) -> list[Json]:
        return [
            {
                "updated": timestamp(update.at),
                "updated_by": self._account(update.by),
                "reviewer": self._account(update.reviewer),
                "state": update.state,
            }
            for update in self._change.reviewer_updates
        ]

    def _requirements(self) -> list[Json]:
        found = []
        for name, expression in self._state.projects[self._change.project].requirements.items():
            holds = votes.fulfilled(self._state, self._change, expression)
            result = {"expression": expression, "fulfilled": holds, "status": "PASS" if holds else "FAIL"}
            result |= {"passing_atoms": [], "failing_atoms": []}
            found.append(
                {
                    "name": name,
                    "status": "SATISFIED" if holds else "UNSATISFIED",
                    "is_legacy": False,
                    "submittability_expression_result": result,
                }
            )
        return found

    def _attention(self, entries: dict[int, Attention]) -> Json:
        return {
            str(who): attention_info(self._state, who, attention, detailed=self._detailed)
            for who, attention in entries.items()
        }

    def _account(self, account_id: int) -> Json:
        return account_info(self._state, account_id, detailed=self._detailed)


def commit_info(patch_set: PatchSet) -> Json:
    at = timestamp(patch_set.created)
    author = {"name": patch_set.author.name, "email": patch_set.author.email, "date": at, "tz": 0}
    return {
        "parents": [{"commit": parent} for parent in patch_set.parents],
        "author": author,
        "committer": author,
        "subject": patch_set.message.split("\n", 1)[0],
        "message": patch_set.message,
    }


def grouped_comments(state: State, change: Change, comments: Iterable[Comment]) -> Json:
    by_path: Json = {}
    for comment in comments:
        by_path.setdefault(comment.path, []).append(comment_info(state, change, comment))
    return by_path


def _file(file: FileChange) -> Json:
    info: Json = {} if file.status == "M" else {"status": file.status}
    info |= {"old_path": file.old_path} if file.old_path else {}
    if file.binary:
        info["binary"] = True
    else:
        counts = {"lines_inserted": file.insertions, "lines_deleted": file.deletions}
        info |= {key: count for key, count in counts.items() if count}
    return info | {"size_delta": 0, "size": len(file.content or "")}


def _values(label: Label) -> dict[str, str]:
    return {_signed(value): text for value, text in sorted(label.values.items())}


def _signed(value: int) -> str:
    return f"{value:+d}" if value else " 0"
