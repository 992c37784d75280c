"""Lines in which Zuul tells in a comment what became of a job: `- JOB URL : RESULT in 1h 2m 3s (non-voting)`."""

from __future__ import annotations

import re

_JOB = re.compile(r"- (\S+) (\S+) : (?:FAILURE|TIMED_OUT|POST_FAILURE)\b(.*)")


def failed_jobs(text: str) -> dict[str, str]:
    """Voting jobs that a CI's comment tells to have failed, and where: `- JOB URL : FAILURE in 1h 2m 3s`."""
    found = (_JOB.match(line.strip()) for line in text.splitlines())
    return {job[1]: job[2] for job in found if job and "(non-voting)" not in job[3]}
