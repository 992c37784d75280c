"""Why somebody was, or was not, asked about an item: by what was decided, else by the roster and the rules."""

from __future__ import annotations

from collections.abc import Iterator

import click

from daemon.commands.coming import ladders_on_disk
from daemon.commands.stories import Known, now_lines, only_observed
from daemon.config.load import Config
from daemon.journal.journal import Journal
from daemon.main import CannotRun


def person_lines(known: Known, word: str, journal: Journal) -> Iterator[str]:
    """The answer to "why me?" and "why not me?". Raises CannotRun for somebody nobody knows."""
    config = _config()
    person = _person(word, known, config)
    considered = tuple(_considered(known, person))
    theirs = [case for case in known.cases if case.person == person]
    yield from considered
    for case in theirs:
        yield from now_lines(case, config.ladders if config else ladders_on_disk())
    if not considered and not theirs:
        yield f"{person} was not considered for {known.item}."
        yield from _why_not(person, known, config, journal) if config else ()


def _why_not(person: str, known: Known, config: Config, journal: Journal) -> Iterator[str]:
    from daemon.commands.why_not import why_not
    from daemon.journal.journal import now
    from rules.routing import Index

    rules = tuple(rule for rule in config.rules if rule.event == "change")
    index = Index(rules=rules, roster=journal.deciding.book().roster(config.roster))
    return why_not(person, known.repo, known.story, index, now())


def _config() -> Config | None:
    """Today's; None, and a word about it, where it has mistakes: then the journal alone must do."""
    from daemon.commands.opened import load_config
    from daemon.config.mistakes import Mistakes

    try:
        return load_config()
    except Mistakes:
        click.echo("the config has mistakes (czar check): only what was decided can be told", err=True)
        return None


def _person(word: str, known: Known, config: Config | None) -> str:
    """Their key. Raises CannotRun for who is neither in the roster nor in what was decided."""
    from daemon.commands.words import find_person, nearest_person

    found = find_person(word, config.roster) if config else None
    told_of = any(case.person == word for case in known.cases) or any(_considered(known, word))
    if found or config is None or told_of:
        return found or word
    raise CannotRun(f"nobody is called {word!r}{nearest_person(word, config.roster)}")


def _considered(known: Known, person: str) -> Iterator[str]:
    """What the newest decision that looked at them says."""
    for told in reversed(known.story):
        verdicts = told.detail.verdicts if told.detail else ()
        found = [(verdict, one) for verdict in verdicts for one in verdict.candidates if one.person == person]
        for verdict, one in found:
            observed = only_observed(told)
            fate = ("would have been asked" if observed else "was asked") if one.picked else "was not asked"
            yield (
                f"{person} {fate} about {known.item} for {verdict.slot} ({told.at:%Y-%m-%d %H:%M}, "
                f"rule {verdict.rule}, as {one.role} of {verdict.team or 'no team'}): {one.because}"
            )
            if not one.picked and verdict.people:
                yield f"  {'would have asked' if observed else 'asked'} {', '.join(verdict.people)}: {verdict.because}"
        if found:
            return
