"""YAML as text, lists and mappings: the same as the library gives, only sooner."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from integrations.governance.plain import load
from tests.integrations.governance.conftest import CHECKOUT

ALPHABET = "-:[]{}&*!|>'\"#, \n\tab1"


@pytest.mark.parametrize("name", ["2014-12-18", "2022-06-27", "release_liaisons-2022-06-30"])
def test_real_files_read_as_with_the_library(name: str) -> None:
    text = (CHECKOUT / "tests" / "samples" / "governance" / f"{name}.yaml").read_text()
    assert load(text) == yaml.load(text, yaml.CBaseLoader)


def test_aliases_stand_for_what_they_name() -> None:
    assert load("a: &x [1, {b: ~}]\nc: *x\n") == {"a": ["1", {"b": "~"}], "c": ["1", {"b": "~"}]}


@pytest.mark.parametrize("text", ["a: &x [*x]", "a: *x", "a\n---\nb", "[a]: b", "a: ["])
def test_what_the_library_refuses_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as refused:
        load(text)
    assert refused.value.problem_mark


@given(st.text(ALPHABET, max_size=40))
def test_whatever_it_reads_the_library_reads_the_same(text: str) -> None:
    try:
        found = load(text)
    except yaml.YAMLError:
        return
    assert found == yaml.load(text, yaml.CBaseLoader)
