"""Broken config directories, each with the lines that must come out; what is not in them is as in examples/small."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from daemon.config.load import load
from daemon.config.mistakes import Mistakes
from tests.daemon.config.makers import EXAMPLES

CASES = sorted((Path(__file__).parent / "broken").iterdir())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_mistake_is_told_at_its_place(case: Path, tmp_path: Path) -> None:
    directory = tmp_path / "config"
    if not (case / "alone").exists():
        shutil.copytree(EXAMPLES / "small", directory)
    shutil.copytree(case, directory, dirs_exist_ok=True)
    with pytest.raises(Mistakes) as refused:
        load(directory)
    assert str(refused.value).splitlines() == (case / "expected.txt").read_text(encoding="utf-8").splitlines()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 10
