"""Reading recordings and what belongs to them; the rest is tested by the commands that use it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from daemon.commands.recordings import complain_of_files, lines_of, progress, replay_with, touched_by
from daemon.main import CannotRun
from tests.daemon.config.makers import EXAMPLES


def test_lines_are_read_from_plain_and_gzip_files_without_the_empty_ones(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    plain.write_bytes(b"one\r\n\n  \ntwo")
    packed.write_bytes(gzip.compress(b"three\n"))
    assert list(lines_of([plain, packed])) == [b"one", b"two", b"three"]


def test_touched_paths_are_by_change_and_patch_set_old_names_too(tmp_path: Path) -> None:
    listing = tmp_path / "files.jsonl"
    listing.write_text('{"number": 1, "patchSet": 2, "files": [{"path": "b", "oldPath": "a"}, {"path": "c"}]}\n')
    assert touched_by([listing]) == {(1, 2): ("b", "a", "c")}
    listing.write_text("[]\n")
    with pytest.raises(CannotRun, match=r"files\.jsonl:1: is no list of touched files"):
        touched_by([listing])


def test_progress_changes_nothing() -> None:
    assert list(progress([b"a", b"b"])) == [b"a", b"b"]


def test_a_replay_pauses_nothing_and_complains_only_of_files_it_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    running = replay_with(EXAMPLES / "gerrit-plugins", {})
    complain_of_files(running)
    assert capsys.readouterr().err == ""
    running.without_files.add((1, 1))
    complain_of_files(running)
    assert (
        capsys.readouterr().err == "1 patch sets were judged without their files, which some rule asks for: --files\n"
    )
