"""The JSON of REST: what Gerrit shows of a change, an account, a group, a project.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html#json-entities and its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from urllib.parse import quote

from integrations.sandbox.gerrit import requirements
from integrations.sandbox.gerrit.directory import ADMINISTRATORS
from integrations.sandbox.gerrit.events import spoken
from integrations.sandbox.gerrit.file_views import commit_info, file_infos
from integrations.sandbox.gerrit.label_views import label_on, permitted, requirement_result, signed, values
from integrations.sandbox.gerrit.records import Attention, Change, Comment, Group, Message, PatchSet, Project
from integrations.sandbox.gerrit.rights import removable
from integrations.sandbox.gerrit.state import State
from integrations.sandbox.gerrit.words import Json, account_info, timestamp

DETAIL = ("DETAILED_LABELS", "DETAILED_ACCOUNTS", "REVIEWER_UPDATES", "MESSAGES")


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


def project_info(state: State, project: Project, *, listed: bool = False) -> Json:
    info: Json = {"id": quote(project.name, safe=""), "state": "ACTIVE"}
    if listed:
        return info
    labels = {
        name: {"values": values(label), "default_value": 0} for name, label in state.labels_in(project.name).items()
    }
    parent = {"parent": project.parent} if project.parent else {}
    return info | {"name": project.name} | parent | {"labels": labels}


def tag_info(state: State, project: Project, ref: str) -> Json:
    """An annotated tag has an `object`, the commit; its `revision` is the tag itself."""
    revision = project.refs[ref]
    info: Json = {"ref": ref, "revision": revision}
    if note := project.tag_objects.get(revision):
        info |= {"object": note.commit, "message": note.message}
        tagger = account_info(state, note.tagger) if note.tagger is not None else {}
        info["tagger"] = {key: tagger.get(key, "") for key in ("name", "email")} | {"date": timestamp(note.at), "tz": 0}
    return info


def change_info(state: State, change: Change, options: Collection[str], viewer: int | None = None) -> Json:
    """A ChangeInfo with the parts that `options` (o=…) ask for."""
    view = _View(state, change, frozenset(options), viewer)
    return view.basics() | view.asked()


def reviewer_info(state: State, change: Change, account_id: int) -> Json:
    here = change.current.number
    approvals = {name: signed(change.value(here, account_id, name)) for name in sorted(state.labels_of(change))}
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
            detailed = "DETAILED_LABELS" in self._options
            info["labels"] = {
                name: label_on(self._state, self._change, label, detailed=detailed, accounts=self._detailed)
                for name, label in self._state.labels_of(self._change).items()
            }
        if "DETAILED_LABELS" in self._options:
            going = [self._account(who) for who in removable(self._state, self._change, self._viewer)]
            info["permitted_labels"] = permitted(self._state, self._change, self._viewer)
            info |= {"removable_reviewers": going, "reviewers": self._reviewers(), "pending_reviewers": {}}
        if "REVIEWER_UPDATES" in self._options:
            info["reviewer_updates"] = self._reviewer_updates()
        if "MESSAGES" in self._options:
            info["messages"] = [message_info(self._state, message) for message in self._change.messages]
        if "SUBMITTABLE" in self._options:
            open_now = self._change.status == "NEW"
            info["submittable"] = open_now and not requirements.unsatisfied(self._state, self._change)
        if "SUBMIT_REQUIREMENTS" in self._options:
            found = requirements.judged(self._state, self._change)
            info["submit_requirements"] = [requirement_result(one) for one in found]
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

    def _attention(self, entries: dict[int, Attention]) -> Json:
        return {
            str(who): attention_info(self._state, who, attention, detailed=self._detailed)
            for who, attention in entries.items()
        }

    def _account(self, account_id: int) -> Json:
        return account_info(self._state, account_id, detailed=self._detailed)


def grouped_comments(state: State, change: Change, comments: Iterable[Comment]) -> Json:
    by_path: Json = {}
    for comment in comments:
        by_path.setdefault(comment.path, []).append(comment_info(state, change, comment))
    return by_path
