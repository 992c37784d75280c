"""The JSON of commits: files, their differences, the relation chain.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html#file-info and its neighbours.
"""

from __future__ import annotations

from difflib import SequenceMatcher

from integrations.sandbox.gerrit.records import Change, FileChange, PatchSet, Project
from integrations.sandbox.gerrit.words import Json, timestamp


def file_infos(patch_set: PatchSet) -> dict[str, Json]:
    """/files/ of a revision, with the generated /COMMIT_MSG."""
    size = patch_set.message_lines
    message: Json = {"status": "A", "lines_inserted": size, "size_delta": len(patch_set.message), "size": 0}
    return {"/COMMIT_MSG": message} | {path: _file(file) for path, file in sorted(patch_set.files.items())}


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
    if file is not None and file.status == "D":
        return {"change_type": "DELETED", "content": [{"a": (file.before or "").split("\n")}]}
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


def known_commit_info(place: Project, revision: str) -> Json:
    """A commit nobody may have pushed for review."""
    commit = place.commits[revision]
    info: Json = {"commit": revision, "parents": [{"commit": parent} for parent in commit.parents]}
    return info | {"subject": commit.message.split("\n", 1)[0], "message": commit.message}


def _file(file: FileChange) -> Json:
    info: Json = {} if file.status == "M" else {"status": file.status}
    info |= {"old_path": file.old_path} if file.old_path else {}
    if file.binary:
        info["binary"] = True
    else:
        counts = {"lines_inserted": file.insertions, "lines_deleted": file.deletions}
        info |= {key: count for key, count in counts.items() if count}
    size, was = (len((text or "").encode()) for text in (file.content, file.before))
    return info | {"size_delta": size - was, "size": size}
