"""The projects and their rules, on top of the people: branches, tags, labels, submit requirements, access.

All-Projects is the parent of all: it holds Code-Review, and a project has what its parents have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.sandbox.gerrit import access, contents, events
from integrations.sandbox.gerrit.directory import ADMINISTRATORS, Directory
from integrations.sandbox.gerrit.records import (
    ALL_PROJECTS,
    NO_SHA,
    Branch,
    Change,
    Commit,
    Label,
    Line,
    Project,
    Refusal,
    Requirement,
    TagObject,
)

META_CONFIG = "refs/meta/config"
CODE_REVIEW = Label(
    name="Code-Review",
    values={
        -2: "This shall not be submitted",
        -1: "I would prefer this is not submitted as is",
        0: "No score",
        1: "Looks good to me, but someone else must approve",
        2: "Looks good to me, approved",
    },
    copy_condition="changekind:NO_CHANGE OR changekind:TRIVIAL_REBASE OR is:MIN",
)
CODE_REVIEW_NEEDED = Requirement(
    name=CODE_REVIEW.name,
    submittable_if="label:Code-Review=MAX AND -label:Code-Review=MIN",
    overridable=True,
)


def now_utc() -> datetime:
    return datetime.now(UTC)


class Registry(Directory):
    """Projects, and the changes to look them up. On this site everybody may vote and submit: All-Projects says so,
    and can be told otherwise."""

    def __init__(
        self, *, clock: Callable[[], datetime] = now_utc, seed: str = "stand-in", emit_ref_updates: bool = True
    ) -> None:
        super().__init__(clock=clock, seed=seed)
        self.url = "http://127.0.0.1"  # canonical web URL, stands in `change.url`
        self.emit_ref_updates = emit_ref_updates  # for refs/changes/*; branches and tags are always told
        self.projects: dict[str, Project] = {}  # all but All-Projects
        self.changes: dict[int, Change] = {}
        self.written: list[str] = []  # "project~ref~old~new" of the refs written, newest last; the reader empties it
        self.root = Project(name=ALL_PROJECTS, parent="")
        self.root.labels[CODE_REVIEW.name] = CODE_REVIEW
        self.root.requirements[CODE_REVIEW.name] = CODE_REVIEW_NEEDED
        self._root_access()

    @property
    def global_access(self) -> dict[str, Any]:
        """Of All-Projects, as REST shows it."""
        return self.root.access

    def may_hear(self, account_id: int, line: Line) -> bool:
        if line.ref.startswith("refs/tags/"):
            return self.sees_tag(account_id, line.project, line.new)
        change = self.changes.get(line.number)
        return change is None or line.leaks or self.can_see(account_id, change)

    def can_see(self, account_id: int | None, change: Change) -> bool:
        """Private changes are for their owner, their reviewers and administrators."""
        if not change.private:
            return True
        if account_id is None:
            return False
        return account_id == change.owner or account_id in change.reviewers or self.is_admin(account_id)

    # projects

    def add_project(
        self, name: str, *, labels: Iterable[Label] = (), empty_commit: bool = True, parent: str = ALL_PROJECTS
    ) -> Project:
        """A project whose own `labels` everybody may vote; the stream tells its first branch, then
        `project-created`."""
        with self.lock:
            if name in self.projects or name == ALL_PROJECTS:
                raise Refusal(409, "Project already exists")
            project = Project(name=name, parent=self.project(parent).name)
            self.projects[name] = project
            for label in labels:
                self.set_label(name, label)
                self.allow_vote(name, label.name, access.REGISTERED)
            self._move(project, META_CONFIG, self.new_sha())
            if empty_commit:
                first = self.new_sha()
                project.commits[first] = Commit(message="Initial empty repository\n")
                self.update_ref(name, "refs/heads/master", first, by=self.admin.account_id)
            self.emit(events.project_created(self, name, "refs/heads/master"))
            return project

    def project(self, name: str) -> Project:
        if name == ALL_PROJECTS:
            return self.root
        if project := self.projects.get(name):
            return project
        raise Refusal(404, f"Not found: {name}")

    def lineage(self, name: str) -> Iterator[Project]:
        """The project, its parent, and so on to All-Projects."""
        while name:
            place = self.project(name)
            yield place
            name = place.parent

    def children(self, name: str, *, recursive: bool = False) -> list[Project]:
        own = [place for place in self.projects.values() if place.parent == name]
        if not recursive:
            return own
        return [one for place in own for one in (place, *self.children(place.name, recursive=True))]

    def update_ref(self, project: str, ref: str, new: str, *, by: int | None, old: str | None = None) -> None:
        """Moves a branch, tag or other ref outside refs/changes (`new` all zeros: removes it) and tells it."""
        with self.lock:
            place = self.project(project)
            before = self._move(place, ref, new) if old is None else old
            self._told(project, ref, before, new, by=by)

    def put_tag(self, project: str, name: str, commit: str, *, by: int | None, message: str = "") -> str:
        """Makes or moves a tag, annotated where there is a `message`; gives what the ref points to."""
        with self.lock:
            revision = commit
            if message:
                revision = self.new_sha()
                note = TagObject(commit=commit, message=message, tagger=by, at=self.now())
                self.project(project).tag_objects[revision] = note
            self.update_ref(project, f"refs/tags/{name}", revision, by=by)
            return revision

    def sees_tag(self, account_id: int | None, project: str, revision: str) -> bool:
        """Who may not read refs/* sees tags of commits on branches only, and who may not read refs/meta/config too
        does not see one go."""
        if account_id is not None and self.is_admin(account_id):
            return True
        every = access.may_do(self, account_id, project, "refs/", "read")
        if revision == NO_SHA:
            return every and access.may_do(self, account_id, project, META_CONFIG, "read")
        place = self.project(project)
        note = place.tag_objects.get(revision)
        return every or contents.on_a_branch(place, note.commit if note else revision)

    def _move(self, place: Project, ref: str, new: str) -> str:
        branch = ref.removeprefix("refs/heads/")
        if branch == ref != META_CONFIG:
            before = place.refs.get(ref, NO_SHA)
            place.refs[ref] = new
            if new == NO_SHA:
                del place.refs[ref]
            return before
        before = place.branches[branch].tip if branch in place.branches else NO_SHA
        if branch not in place.branches:
            same = (one for one in place.branches.values() if one.tip == new)
            place.branches[branch] = Branch(new, dict(next(same, Branch(new)).tree))
        place.branches[branch].tip = new
        if new == NO_SHA:
            del place.branches[branch]
        return before

    def _told(self, project: str, ref: str, old: str, new: str, *, by: int | None, number: int = 0) -> None:
        self.written.append(f"{project}~{ref}~{old}~{new}")
        del self.written[:-100]
        if number == 0 or self.emit_ref_updates:
            self.emit(events.ref_updated(self, project, ref, old, new, submitter=by, number=number))

    # labels and requirements

    def set_label(self, project: str, label: Label) -> None:
        """Nobody may vote it before an access rule says so."""
        with self.lock:
            self.project(project).labels[label.name] = label

    def labels_in(self, project: str) -> Mapping[str, Label]:
        """With those of the parents, the nearest of a name."""
        labels: dict[str, Label] = {}
        for place in self.lineage(project):
            labels = place.labels | labels
        return dict(sorted(labels.items()))

    def labels_of(self, change: Change) -> Mapping[str, Label]:
        return self.labels_in(change.project)

    def set_requirement(self, project: str, requirement: Requirement) -> None:
        with self.lock:
            self.project(project).requirements[requirement.name] = requirement

    def requirements_of(self, change: Change) -> Mapping[str, Requirement]:
        """A parent's stands unless it may be overridden."""
        found: dict[str, Requirement] = {}
        for place in reversed(list(self.lineage(change.project))):
            stay = {name for name, one in found.items() if not one.overridable}
            found |= {name: one for name, one in place.requirements.items() if name not in stay}
        return found

    # access

    def allow(self, project: str, ref: str, permission: str, group: str, **span: int) -> None:
        """One ALLOW rule for the group of that UUID; a label's has `min` and `max`."""
        sections = self.project(project).access
        permissions = sections.setdefault(ref, {"permissions": {}})["permissions"]
        found = permissions.setdefault(permission, {})
        if label := permission.removeprefix("label-") if span else "":
            found["label"] = label
        found.setdefault("rules", {})[group] = {"action": "ALLOW", "force": False} | span

    def allow_vote(self, project: str, label: str, group: str, *, ref: str = "refs/*") -> None:
        """The whole range of a label."""
        definition = self.labels_in(project)[label]
        self.allow(project, ref, f"label-{label}", group, min=definition.lowest, max=definition.highest)

    def may_vote(self, account_id: int, change: Change, label: Label, value: int) -> bool:
        low, high = self.vote_range(account_id, change, label)
        return low <= value <= high

    def vote_range(self, account_id: int, change: Change, label: Label) -> tuple[int, int]:
        """The lowest and the highest vote; (0, 0): none."""
        low, high = access.vote_range(self, account_id, change.project, change.ref, label.name, owner=change.owner)
        return max(low, label.lowest), min(high, label.highest)

    def _root_access(self) -> None:
        everybody, admins = access.REGISTERED, self.group(ADMINISTRATORS).uuid
        self.allow_vote(ALL_PROJECTS, CODE_REVIEW.name, everybody)
        self.allow(ALL_PROJECTS, "refs/heads/*", "submit", everybody)
        self.allow(ALL_PROJECTS, "refs/*", "read", access.ANONYMOUS)
        self.allow(ALL_PROJECTS, META_CONFIG, "read", admins)
        self.allow(ALL_PROJECTS, META_CONFIG, "read", access.PROJECT_OWNERS)
        self.global_access[META_CONFIG]["permissions"]["read"]["exclusive"] = True
        self.allow(ALL_PROJECTS, "refs/tags/*", "createTag", admins)
