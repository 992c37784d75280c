"""What all tests share: the real servers, and how hypothesis looks for examples."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.real.downloads import VERSIONS

pytest_plugins = ["tests.real.fixtures"]

# How long an example takes says nothing on shared machines. In CI the examples are always the same, at home new ones.
settings.register_profile("any", deadline=None)
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady" if os.environ.get("CI") else "any")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup` each real Gerrit has a process of its own; of all else, each file has one."""
    for item in items:
        given = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        version = next((value for value in given if value in VERSIONS), "")
        item.add_marker(pytest.mark.xdist_group(version or item.nodeid.partition("::")[0]))
