"""A Gerrit with a release repo, as far as its gate goes: the calls that set one up change it, the others show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.gerrit.gate.gate import Gate
from integrations.gerrit.rest import NotFound, Params
from tests.integrations.gerrit.answers import BOT, Answers

GATE = Gate(project="releases", label="Go", bot="bot")
UUID = "5e4f"
GROUP = f"groups/{GATE.group}"
ALLOW = {"action": "ALLOW"}


class Site(Answers):
    """`releases` below `All-Projects`. A path that is `hidden` answers as Gerrit does to who may not see it."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, Exception] = {}
        self.group: dict[str, Any] | None = None
        self.local: dict[str, dict[str, Any]] = {"releases": {}, "All-Projects": {}}
        self.whole = {"releases": True, "All-Projects": True}
        self.labels: dict[str, dict[str, Any]] = {}  # by project and name
        self.requirements: dict[str, dict[str, Any]] = {}
        self.children: list[str] = []
        self.admin = True
        self.named_bot = BOT  # whom the bot's username leads to
        self.changes: list[dict[str, Any]] = []

    def get(self, path: str, params: Params = ()) -> Any:
        self.asked.append(("GET", path, list(params)))
        if path in self.hidden:
            raise self.hidden[path]
        return self._shown(path)

    def put(self, path: str, body: object) -> Any:
        self.asked.append(("PUT", path, body))
        assert isinstance(body, dict)
        match path.split("/"):
            case ["groups", _]:
                self.group = {"id": UUID, "name": GATE.group, "owner": GATE.group, "members": [BOT], "includes": []}
            case ["groups", _, "members", _]:
                assert self.group is not None
                self.group["members"] = [*(one for one in self.group["members"] if one != BOT), BOT]
            case ["projects", project, "labels", name]:
                self.labels[f"{project}/{name}"] = {key: value for key, value in body.items() if "unset" not in key}
            case ["projects", project, "submit_requirements", name]:
                self.requirements[f"{project}/{name}"] = body
            case _:
                raise NotFound(path)

    def post(self, path: str, body: object) -> Any:
        self.asked.append(("POST", path, body))
        assert isinstance(body, dict)
        match path.split("/"):
            case ["groups", _, "members.delete"]:
                assert self.group is not None
                gone = body["members"]
                self.group["members"] = [m for m in self.group["members"] if str(m["_account_id"]) not in gone]
            case ["groups", _, "groups.delete"]:
                assert self.group is not None
                self.group["includes"] = [one for one in self.group["includes"] if one["id"] not in body["groups"]]
            case ["projects", project, "access"]:
                self._remove(project, body.get("remove", {}))
                self._add(project, body.get("add", {}))
            case _:
                raise NotFound(path)

    @property
    def written(self) -> int:
        """How many calls that change something came."""
        return sum(method != "GET" for method, _, _ in self.asked)

    def grant(self, ref: str, right: str, *, project: str = "releases", group: str = "u9") -> None:
        """Somebody gives a right away."""
        rule = ALLOW | ({"min": -1, "max": 1} if "abel" in right else {})
        self._add(project, {ref: {"permissions": {right: {"rules": {group: rule}}}}})

    def _shown(self, path: str) -> Any:
        match path.split("/"):
            case ["accounts", "self"]:
                return BOT
            case ["accounts", "bot", "detail"]:
                return self.named_bot
            case ["accounts", "self", "capabilities"]:
                return {"administrateServer": True} if self.admin else {}
            case ["groups", _, "detail"] if self.group is not None:
                return self.group
            case ["projects", project] if project in self.local:
                return {"name": project}
            case ["projects", project, "access"] if project in self.local:
                return self._access(project)
            case ["projects", project, "labels", ""]:
                return _below(self.labels, project)
            case ["projects", project, "submit_requirements", ""]:
                return _below(self.requirements, project)
            case ["projects", _, "children", ""]:
                return [{"name": name} for name in self.children]
            case ["changes", ""]:
                return self.changes[:1]
            case ["changes", _]:
                return self.changes[0]
        raise NotFound(f"GET {path}: 404")

    def _access(self, project: str) -> dict[str, Any]:
        parent = {"releases": "All-Projects", "child": "releases"}.get(project)
        inherits = {"inherits_from": {"name": parent}} if parent else {}
        groups = {UUID: {"name": GATE.group}, "u9": {"name": "core"}}
        shown = self.local[project] if self.whole[project] else {}
        return {"local": shown, "config_visible": self.whole[project], "groups": groups, **inherits}

    def _add(self, project: str, sections: Mapping[str, Any]) -> None:
        for ref, section in sections.items():
            permissions = self.local[project].setdefault(ref, {"permissions": {}})["permissions"]
            for name, given in section["permissions"].items():
                there = permissions.setdefault(name, {"rules": {}})
                there["rules"].update(given["rules"])
                there.update({"exclusive": True} if given.get("exclusive") else {})

    def _remove(self, project: str, sections: Mapping[str, Any]) -> None:
        for ref, section in sections.items():
            for name, gone in section["permissions"].items():
                assert gone["rules"], "without its rules it would be the whole section"
                rules = self.local[project][ref]["permissions"][name]["rules"]
                for group in gone["rules"]:
                    del rules[group]


def _below(things: Mapping[str, dict[str, Any]], project: str) -> list[dict[str, Any]]:
    return [thing for path, thing in things.items() if path.startswith(f"{project}/")]


def open_change(**more: Any) -> dict[str, Any]:
    """A change of the repo as the bot sees it."""
    expression = {"submittability_expression_result": {"expression": GATE.opens()}}
    in_force = {"name": "Go", "status": "UNSATISFIED", "is_legacy": False, **expression}
    may = {"Go": ["-1", " 0", "+1"]}
    return {"id": "releases~7", "_number": 7, "permitted_labels": may, "submit_requirements": [in_force]} | more
