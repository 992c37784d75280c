"""Lines that are commands, told from quotes, code and talk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.command_lines import (
    MOST_COMMANDS,
    VERBS,
    Command,
    command_lines,
    listens_to,
    nearest_verb,
    read_command,
)

CZAR = ("czar",)


def lines(*text: str, terms: tuple[str, ...] = CZAR) -> list[tuple[int, str]]:
    return list(command_lines("\n".join(text), terms))


class TestLines:
    def test_begin_with_the_word_and_a_colon(self) -> None:
        assert lines("Patch Set 1:", "", "czar: claim", "thanks") == [(2, "czar: claim")]

    @pytest.mark.parametrize("line", ["czar:claim", "czar:  claim ", " czar: claim", "   czar: claim", "czar:"])
    def test_may_be_written_with_more_or_less_space(self, line: str) -> None:
        assert lines(line) == [(0, line.strip())]

    @pytest.mark.parametrize("line", ["CZAR: claim", "Czar: Claim", "cZaR: CLAIM"])
    def test_may_be_written_in_any_case(self, line: str) -> None:
        assert lines(line) == [(0, line)]
        assert read_command(0, line).verb == "claim"

    @pytest.mark.parametrize(
        "line",
        [
            *("czar claim", "czar : claim", "czars: claim", "aczar: claim", "the czar: claim", "@czar: claim"),
            *("* czar: claim", "- czar: claim", "`czar: claim`", "“czar: claim”", "<czar: claim>", ""),
        ],
    )
    def test_that_begin_otherwise_are_talk(self, line: str) -> None:
        assert lines(line) == []

    def test_have_no_nul_in_them_which_no_database_takes(self) -> None:
        assert lines("czar: veto a\0b") == [(0, "czar: veto ab")]

    def test_are_several_in_one_message_one_per_line(self) -> None:
        assert lines("czar: claim", "czar: snooze 3d czar: hold", "so be it", "czar: hold") == [
            (0, "czar: claim"),
            (1, "czar: snooze 3d czar: hold"),
            (3, "czar: hold"),
        ]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_are_numbered_alike_whatever_ends_them(self, end: str) -> None:
        text = end.join(["Patch Set 1:", "", "```", "czar: back", "```", "czar: claim", "czar: hold", ""])
        assert command_lines(text, CZAR) == ((5, "czar: claim"), (6, "czar: hold"))

    def test_are_read_up_to_a_number(self) -> None:
        assert lines(*(f"czar: snooze {n}d" for n in range(MOST_COMMANDS + 5))) == [
            (n, f"czar: snooze {n}d") for n in range(MOST_COMMANDS)
        ]

    def test_that_are_talk_count_for_no_bound(self) -> None:
        assert lines(*["talk"] * 1000, "czar: claim") == [(1000, "czar: claim")]


class TestTerms:
    def test_are_ours_and_the_one_that_people_are_shown(self) -> None:
        assert listens_to("liaison") == ("czar", "liaison")
        assert listens_to("czar") == ("czar",)

    def test_each_begins_a_command(self) -> None:
        both = ("liaison: claim", "czar: claim", "delegate: claim")
        assert lines(*both, terms=listens_to("liaison")) == [(0, "liaison: claim"), (1, "czar: claim")]

    def test_may_have_any_letters(self) -> None:
        assert lines("BÜRGEN: claim", "Straße: hold", terms=("bürgen", "STRASSE")) == [
            (0, "BÜRGEN: claim"),
            (1, "Straße: hold"),
        ]


class TestQuotes:
    @pytest.mark.parametrize("line", ["> czar: claim", ">czar: claim", " > czar: claim", "> > czar: claim"])
    def test_are_no_commands(self, line: str) -> None:
        assert lines(line) == []

    def test_end_where_the_line_ends(self) -> None:
        assert lines("> czar: claim", "czar: decline") == [(1, "czar: decline")]

    def test_hide_fences(self) -> None:
        assert lines("> ```", "czar: claim") == [(1, "czar: claim")]


class TestIndentedCode:
    @pytest.mark.parametrize("space", ["    ", "     ", "\t", " \t", "   \t"])
    def test_is_no_command(self, space: str) -> None:
        assert lines(f"{space}czar: claim") == []

    @pytest.mark.parametrize("space", ["    ", "\t"])
    def test_opens_and_closes_no_fence(self, space: str) -> None:
        assert lines(f"{space}```", "czar: claim") == [(1, "czar: claim")]
        assert lines("```", f"{space}```", "czar: claim") == []


@pytest.mark.parametrize("fence", ["```", "~~~"])
class TestFences:
    def test_hide_what_is_in_them(self, fence: str) -> None:
        assert lines("czar: hold", fence, "czar: claim", fence, "czar: back") == [(0, "czar: hold"), (4, "czar: back")]

    def test_that_are_never_closed_hide_the_rest(self, fence: str) -> None:
        assert lines("czar: hold", fence, "czar: claim", "", "czar: back") == [(0, "czar: hold")]

    def test_may_name_a_language_where_they_open(self, fence: str) -> None:
        assert lines(f"{fence}yaml", "czar: claim", fence, "czar: back") == [(3, "czar: back")]
        assert lines(f"{fence} yaml x", "czar: claim", fence, "czar: back") == [(3, "czar: back")]

    def test_name_none_where_they_close(self, fence: str) -> None:
        assert lines(fence, f"{fence}yaml", "czar: claim", fence, "czar: back") == [(4, "czar: back")]

    def test_are_closed_by_one_at_least_as_long(self, fence: str) -> None:
        longer = fence + fence[0]
        assert lines(longer, fence, "czar: claim", longer, "czar: back") == [(4, "czar: back")]
        assert lines(fence, "czar: claim", longer, "czar: back") == [(3, "czar: back")]

    def test_are_not_closed_by_the_other_kind(self, fence: str) -> None:
        other = "~~~" if fence == "```" else "```"
        assert lines(fence, other, "czar: claim", fence, "czar: back") == [(4, "czar: back")]

    def test_may_be_indented_a_little_and_be_followed_by_space(self, fence: str) -> None:
        assert lines(f"   {fence} ", "czar: claim", f" {fence}\t", "czar: back") == [(3, "czar: back")]

    def test_are_of_three_signs_at_least(self, fence: str) -> None:
        assert lines(fence[:2], "czar: claim") == [(1, "czar: claim")]

    def test_follow_each_other(self, fence: str) -> None:
        block = [fence, "czar: claim", fence]
        assert lines(*block, "czar: hold", *block, "czar: back") == [(3, "czar: hold"), (7, "czar: back")]


def test_code_within_a_line_opens_no_fence() -> None:
    assert lines("```czar: claim``` is how you take it", "czar: hold") == [(1, "czar: hold")]


class TestCommand:
    def test_is_a_verb_and_words(self) -> None:
        assert read_command(3, "czar: decline I am  busy ") == Command(
            line=3, verb="decline", words=("I", "am", "busy")
        )
        assert read_command(3, "czar: decline I am  busy ").rest == "I am busy"

    def test_may_have_colons_in_its_words(self) -> None:
        assert read_command(0, "czar: gate merge job:x@y:z").words == ("merge", "job:x@y:z")

    def test_may_be_nothing(self) -> None:
        assert read_command(0, "czar:") == Command(line=0, verb="")
        assert read_command(0, "czar:").rest == ""

    def test_keeps_the_case_of_its_words(self) -> None:
        assert read_command(0, "czar: ASSIGN @Ann Release").words == ("@Ann", "Release")

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            *(("clam", "claim"), ("claims", "claim"), ("declien", "decline"), ("re-roll", "reroll")),
            *(("sing-off", "signoff"), ("opt-out", "optout"), ("assing", "assign"), ("snoze", "snooze")),
        ],
    )
    def test_that_is_misspelled_is_known_by_the_nearest(self, written: str, meant: str) -> None:
        assert nearest_verb(written) == meant

    @pytest.mark.parametrize("written", ["", "xyzzy", "☂", "1234567890" * 50])
    def test_like_no_other_has_no_nearest(self, written: str) -> None:
        assert nearest_verb(written) == ""

    def test_is_its_own_nearest(self) -> None:
        assert [nearest_verb(verb) for verb in VERBS] == list(VERBS)
        assert len(set(VERBS)) == len(VERBS)


TERMS = st.sampled_from([("czar",), ("czar", "liaison"), ("czar", "Bürge")])
PIECES = st.sampled_from(
    [
        *("czar:", "CZAR:", "liaison: claim", "czar: claim", "czar: gate known 7", "Bürge: back", "BÜRGE:x", "czar :"),
        *("```", "~~~", "````", "~~~~ x", "```yaml", "> ", "    ", "\t", " ", "", "talk", "\u2028", "\x0b", "`", ":"),
    ]
)
TEXTS = st.text() | st.lists(st.lists(PIECES, max_size=3).map("".join), max_size=60).map("\n".join)


@given(TEXTS, TERMS)
def test_any_text_is_read_and_every_line_told_begins_with_a_term(text: str, terms: tuple[str, ...]) -> None:
    told = command_lines(text, terms)
    written = text.splitlines()
    numbers = [number for number, _ in told]
    assert numbers == sorted(set(numbers))
    assert len(told) <= MOST_COMMANDS
    for number, line in told:
        assert line == written[number].strip()
        assert line.casefold().startswith(tuple(f"{term.casefold()}:" for term in terms))
        command = read_command(number, line)
        assert (command.line, command.verb) == (number, command.verb.casefold())
        assert nearest_verb(command.verb) in (*VERBS, "")


@given(TEXTS, TERMS)
def test_a_text_that_is_quoted_or_fenced_as_a_whole_commands_nothing(text: str, terms: tuple[str, ...]) -> None:
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    fence = "`" * (text.count("`") + 3)
    assert command_lines(quoted, terms) == ()
    assert command_lines(f"{fence}\n{text}\n{fence}", terms) == ()


@given(TEXTS, TERMS)
def test_what_is_said_afterwards_changes_nothing_that_was_commanded(text: str, terms: tuple[str, ...]) -> None:
    before = command_lines(text, terms)
    assert command_lines(f"{text}\nand so on\n```\n", terms)[: len(before)] == before
