"""A line of requirements names a library and a version, or nothing."""

from __future__ import annotations

import pytest

from rules.requirement_lines import Bump, bumps

SIX = Bump(name="six", version="1" * 64)


@pytest.mark.parametrize(
    ("line", "name", "version"),
    [
        ("oslo.log===5.4.0", "oslo-log", "5.4.0"),
        ("Oslo_Log == 5.4.0", "oslo-log", "5.4.0"),
        ("oslo.log>=5.4.0 # Apache-2.0", "oslo-log", "5.4.0"),
        ("oslo.log!=5.5.0,>=5.4.0,<6;python_version>='3.10'", "oslo-log", "5.4.0"),
        ("oslo.log===5.4.0;python_version=='3.9'", "oslo-log", "5.4.0"),
        ("oslo.messaging[kafka,amqp]~=14.1", "oslo-messaging", "14.1"),
        ("  six (>=1.16)", "six", "1.16"),
        ("six", "six", ""),
        ("six ; sys_platform != 'win32'", "six", ""),
        ("six!=1.15", "six", "!=1.15"),
        ("six @ https://example.org/six.whl", "six", ""),
        ("six===1.16.0+local.1", "six", "1.16.0+local.1"),
    ],
)
def test_as_they_are_written(line: str, name: str, version: str) -> None:
    assert list(bumps([line])) == [Bump(name=name, version=version)]


@pytest.mark.parametrize(
    "line",
    ["", "# six", "-r other.txt", "-e .", "git+https://example.org/six", "https://example.org", "what is it"],
)
def test_what_is_none(line: str) -> None:
    assert list(bumps([line])) == []


def test_a_line_of_any_length_is_read_in_no_time() -> None:
    longest = ["a." * 250, "six" + " " * 496 + "x", "six>=" + "1" * 495, "six[" * 125]
    assert list(bumps([*(line * 1000 for line in longest), *longest * 100])) == [SIX] * 100
