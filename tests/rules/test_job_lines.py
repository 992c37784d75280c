"""Which jobs failed, as Zuul writes it."""

from __future__ import annotations

from rules.job_lines import failed_jobs


def test_as_zuul_writes_them() -> None:
    text = (
        "- a https://z/1 : FAILURE in 1h 43m 12s\n- b https://z/2 : TIMED_OUT in 3h 00m 00s\n"
        "- c https://z/3 : POST_FAILURE in 3s\n- d d : FAILURE Host unreachable in 1m 03s\n"
        "- e https://z/5 : RETRY_LIMIT in 3s\n- f https://z/6 : FAILURE in 42s (non-voting)\n- g https://z/7 : OK\n"
    )
    assert failed_jobs(text) == {"a": "https://z/1", "b": "https://z/2", "c": "https://z/3", "d": "d"}
