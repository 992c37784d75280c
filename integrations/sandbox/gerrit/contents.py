"""The texts of files: what a commit changes against the one below it, and what stands in a commit.

A commit holds only its changes; the rest is found by walking down first parents. Recordings name commits nobody has
seen: below those stands the branch.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from integrations.sandbox.gerrit.records import Branch, Commit, FileChange, Project

Given = Mapping[str, str | FileChange | None]  # texts after the commit (None: deleted), or what is known of them
_RENAMED_FROM = 0.6  # how alike two files must be


def compared(place: Project, branch: Branch, parent: str, files: Given) -> dict[str, FileChange]:
    """What a commit with these files changes on top of `parent`; what stands there already is no change."""
    changed = {}
    for path, file in files.items():
        if isinstance(file, FileChange):
            changed[path] = file
            continue
        known, before = found(place, branch, parent, path)
        if (known, before) != (file is not None, file):
            changed[path] = edited(before or "" if known else None, file)
    return _with_renames(changed)


def edited(before: str | None, after: str | None, *, old_path: str = "") -> FileChange:
    """One file from text to text; None: it is not there."""
    added, removed = _diffstat(before or "", after or "")
    status = "R" if old_path else "A" if before is None else "D" if after is None else "M"
    return FileChange(
        status=status, insertions=added, deletions=removed, content=after, before=before, old_path=old_path
    )


def found(place: Project, branch: Branch | None, revision: str, path: str) -> tuple[bool, str | None]:
    """Whether the file is in the tree of that commit, and its text; None where the text is unknown."""
    while commit := place.commits.get(revision):
        if branch is not None and revision == branch.tip:
            break
        if file := commit.files.get(path):
            return file.status != "D", file.content
        if any(file.status == "R" and file.old_path == path for file in commit.files.values()):
            return False, None
        if not commit.parents:
            return False, None
        revision = commit.parents[0]
    tree = branch.tree if branch else {}
    return path in tree, tree.get(path)


def on_a_branch(place: Project, revision: str) -> bool:
    """Whether some branch has the commit in its history."""
    seen: set[str] = set()
    news = {branch.tip for branch in place.branches.values()}
    while news and revision not in news:
        seen |= news
        news = {parent for one in news if one in place.commits for parent in place.commits[one].parents} - seen
    return revision in news


def landed(branch: Branch, files: Mapping[str, FileChange]) -> None:
    """The branch has taken these changes."""
    for path, file in files.items():
        if file.status == "R":
            branch.tree.pop(file.old_path, None)
        if file.status == "D":
            branch.tree.pop(path, None)
        else:
            branch.tree[path] = file.content


def remember(
    place: Project, revision: str, message: str, parents: Sequence[str], files: Mapping[str, FileChange]
) -> None:
    place.commits[revision] = Commit(message=message, parents=tuple(parents), files=files)


def _with_renames(changed: dict[str, FileChange]) -> dict[str, FileChange]:
    """A deleted file and a new one much like it are one that moved."""
    gone = {path: file.before for path, file in changed.items() if file.status == "D" and file.before is not None}
    for path in [path for path, file in changed.items() if file.status == "A" and file.content is not None]:
        after = changed[path].content or ""
        like = max(gone, key=lambda old: _likeness(gone[old] or "", after), default="")
        if not like or _likeness(gone[like] or "", after) < _RENAMED_FROM:
            continue
        changed[path] = edited(gone.pop(like), after, old_path=like)
        del changed[like]
    return changed


def _likeness(old: str, new: str) -> float:
    """The part of the longer text that stands in the other too, by whole lines."""
    left, right = old.splitlines(keepends=True), new.splitlines(keepends=True)
    blocks = difflib.SequenceMatcher(a=left, b=right, autojunk=False).get_matching_blocks()
    same = sum(len(line) for block in blocks for line in left[block.a : block.a + block.size])
    return same / max(len(old), len(new), 1)


def _diffstat(old: str, new: str) -> tuple[int, int]:
    left, right = old.splitlines(), new.splitlines()
    blocks = difflib.SequenceMatcher(a=left, b=right, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks)
    return len(right) - same, len(left) - same


def leads_to(place: Project, tip: str, revision: str) -> bool:
    """Whether a commit is in the history of another, as far as it is known here."""
    seen, ahead = set[str](), [tip]
    while ahead:
        commit = ahead.pop()
        if commit == revision:
            return True
        if commit in seen or commit not in place.commits:
            continue
        seen.add(commit)
        ahead += place.commits[commit].parents
    return False
