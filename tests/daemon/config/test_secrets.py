from __future__ import annotations

import os
from pathlib import Path

import pytest

from daemon.config.secrets import BadSecret, find, read

NOTHING: dict[str, str] = {}


def secret(folder: Path, mode: int, text: str = "hunter2\n", name: str = "password") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(mode)
    return folder / name


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_closed_file_is_read(tmp_path: Path, mode: int) -> None:
    secret(tmp_path, mode)
    assert read("password", tmp_path, NOTHING).get_secret_value() == "hunter2"


@pytest.mark.parametrize(("mode", "who"), [(0o640, "its group"), (0o604, "everybody"), (0o644, "everybody")])
def test_a_file_in_the_config_directory_is_for_its_owner_only(tmp_path: Path, mode: int, who: str) -> None:
    place = secret(tmp_path, mode)
    with pytest.raises(BadSecret) as refused:
        read("password", tmp_path, NOTHING)
    assert str(refused.value) == f"{place}: mode {mode:03o} lets {who} read it: chmod 600 {place}"


def test_the_credentials_of_systemd_come_first_and_may_be_for_a_group(tmp_path: Path) -> None:
    secret(tmp_path / "config", 0o600, "the other")
    place = secret(tmp_path / "credentials", 0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    assert find("password", tmp_path / "config", environ) == place


def test_a_credential_open_to_everybody_is_refused_and_no_other_is_tried(tmp_path: Path) -> None:
    secret(tmp_path / "config", 0o600)
    secret(tmp_path / "credentials", 0o444)
    with pytest.raises(BadSecret, match="mode 444 lets everybody read it"):
        read("password", tmp_path / "config", {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})


def test_a_secret_may_lie_elsewhere(tmp_path: Path) -> None:
    place = secret(tmp_path / "elsewhere", 0o640)
    assert read(str(place), tmp_path / "config", NOTHING).get_secret_value() == "hunter2"


def test_one_that_is_not_there_is_told_with_all_places(tmp_path: Path) -> None:
    with pytest.raises(BadSecret, match=r"there is no /run/c/password nor .*/password: .* chmod 600"):
        read("password", tmp_path, {"CREDENTIALS_DIRECTORY": "/run/c"})


@pytest.mark.parametrize(("text", "why"), [("", "is empty"), (" \n", "is empty")])
def test_an_empty_file_is_no_secret(tmp_path: Path, text: str, why: str) -> None:
    secret(tmp_path, 0o600, text)
    with pytest.raises(BadSecret, match=why):
        read("password", tmp_path, NOTHING)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "password").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("password", "pipe"):
        with pytest.raises(BadSecret, match="is no file"):
            read(name, tmp_path, NOTHING)


def test_a_secret_does_not_show(tmp_path: Path) -> None:
    secret(tmp_path, 0o600)
    found = read("password", tmp_path, NOTHING)
    assert "hunter2" not in f"{found} {found!r}"


def test_bytes_that_are_no_text_do_not_show_either(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b"hunter2\xff")
    (tmp_path / "password").chmod(0o600)
    with pytest.raises(BadSecret, match="is not UTF-8 text") as refused:
        read("password", tmp_path, NOTHING)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
