"""What all tests share: the real servers, and how hypothesis looks for examples."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["tests.real.fixtures"]

# How long an example takes says nothing on shared machines. In CI the examples are always the same, at home new ones.
settings.register_profile("any", deadline=None)
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady" if os.environ.get("CI") else "any")
