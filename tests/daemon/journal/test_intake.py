"""What was heard is there, in order, whatever happens next."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, event, select, update

from daemon.journal.codec import TRAIN_ON
from daemon.journal.intake import MOST_RAW_BYTES
from daemon.journal.journal import Journal
from daemon.journal.tables import connections, dictionaries
from daemon.journal.tables import heard as heard_table
from integrations.contract import Transient
from tests.clock import START, Clock
from tests.daemon.journals import SOURCE, Place, failing, heard, pushed

HEAR_AND_DIE = """
import os, random, sys
from datetime import UTC, datetime
from daemon.journal.journal import open_journal
from integrations.contract import Heard
journal = open_journal(sys.argv[1], lambda: datetime.now(UTC), random.Random(1))
for n in range(int(sys.argv[2])):
    journal.intake.hear("gerrit-stream", "one", [Heard(sequence=n, raw=b"line %d" % n)])
os._exit(9)
"""


def test_what_was_heard_survives_kill_9(place: Place) -> None:
    done = subprocess.run([sys.executable, "-c", HEAR_AND_DIE, place.url, "3"], check=False, timeout=60)
    assert done.returncode == 9
    assert _raws(place.open()) == [b"line 0", b"line 1", b"line 2"]


def test_lines_come_back_in_the_order_heard_with_source_and_time(journal: Journal, clock: Clock) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b"))
    clock.pass_s(1.000001)
    journal.intake.hear("gerrit-rest", "two", heard(b"c"))
    lines = journal.intake.next(0, 10)
    assert [(line.source, line.raw) for line in lines] == [(SOURCE, b"a"), (SOURCE, b"b"), ("gerrit-rest", b"c")]
    assert [(line.at - START).total_seconds() for line in lines] == [0, 0, 1.000001]


def test_numbers_only_grow_also_after_a_restart(place: Place) -> None:
    for start in range(3):
        place.open().intake.hear(SOURCE, f"connection {start}", heard(b"a", b"b"))
    seqs = [line.seq for line in place.open().intake.next(0, 100)]
    assert seqs == sorted(set(seqs))
    assert len(seqs) == 6


def test_each_connection_keeps_its_own_sequence(journal: Journal) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b", first=10))
    journal.intake.hear(SOURCE, "two", heard(b"c", first=0))
    journal.intake.hear(SOURCE, "one", heard(b"d", first=12))
    place = select(connections.c.name, heard_table.c.sequence).join(
        heard_table, heard_table.c.connection == connections.c.id
    )
    with journal.database.read() as connection:
        rows = connection.execute(place.order_by(heard_table.c.seq)).all()
    assert [tuple(row) for row in rows] == [("one", 10), ("one", 11), ("two", 0), ("one", 12)]


def test_a_reader_goes_on_where_it_stopped(journal: Journal) -> None:
    journal.intake.hear(SOURCE, "one", heard(*(b"%d" % n for n in range(10))))
    first = journal.intake.next(0, 4)
    rest = journal.intake.next(first[-1].seq, 100)
    assert [line.raw for line in first + rest] == [b"%d" % n for n in range(10)]
    assert journal.intake.next(rest[-1].seq, 100) == []


def test_a_reader_that_starts_anew_gets_everything_again(journal: Journal) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b"))
    journal.intake.next(journal.intake.next(0, 10)[-1].seq, 10)
    assert _raws(journal) == [b"a", b"b"]


def test_lines_are_found_by_number(journal: Journal) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b", b"c"))
    seqs = [line.seq for line in journal.intake.next(0, 10)]
    assert [line.raw for line in journal.intake.lines([seqs[2], seqs[0], 999])] == [b"a", b"c"]
    assert journal.intake.lines([]) == []


def test_very_many_lines_are_found_by_number(place: Place) -> None:
    """Databases bound the parameters of one statement: PostgreSQL at 65535."""
    journal = place.open()
    journal.intake.hear(SOURCE, "one", heard(b"a"))
    assert len(journal.intake.lines(range(70_000))) == 1


def test_another_process_reads_the_same(place: Place) -> None:
    one, other = place.open(), place.open()
    one.intake.hear(SOURCE, "one", heard(b"a"))
    assert _raws(other) == [b"a"]
    one.intake.hear("another source", "two", heard(b"b"))
    assert [(line.source, line.raw) for line in other.intake.next(0, 10)] == [(SOURCE, b"a"), ("another source", b"b")]


def test_what_is_heard_at_once_is_one_commit(journal: Journal) -> None:
    commits: list[Connection] = []
    event.listen(journal.database.engine, "commit", commits.append)
    journal.intake.hear(SOURCE, "one", heard(*(b"%d" % n for n in range(100))))
    assert len(commits) == 1


def test_many_threads_may_hear_at_once_and_each_keeps_its_order(journal: Journal) -> None:
    """Long lines of many threads: zstd's compressor takes one thread at a time, else the process dies."""
    raws = {name: [os.urandom(3_000).hex().encode() for _ in range(60)] for name in ("a", "b", "c", "d")}
    start = threading.Barrier(len(raws))

    def hear(name: str) -> None:
        start.wait(10)
        for first in range(0, 60, 3):
            journal.intake.hear(name, name, heard(*raws[name][first : first + 3], first=first))

    threads = [threading.Thread(target=hear, args=(name,)) for name in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    lines = journal.intake.next(0, 1_000)
    assert {name: [line.raw for line in lines if line.source == name] for name in raws} == raws
    assert journal.views.stats().heard == dict.fromkeys(raws, 60)


def test_what_somebody_else_wrote_in_between_is_not_skipped(place: Place) -> None:
    one, other = place.open(), place.open()
    one.intake.hear(SOURCE, "one", heard(b"a"))
    after = one.intake.next(0, 10)[-1].seq
    other.intake.hear(SOURCE, "other", heard(b"b"))
    assert [line.raw for line in one.intake.next(after, 10)] == [b"b"]


def test_a_line_of_10_mb_is_kept_cut_off(journal: Journal) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"x" * 10_000_000, b"next"))
    assert _raws(journal) == [b"x" * MOST_RAW_BYTES, b"next"]


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\xff\xfe", b'{"type":', "☂".encode()])
def test_any_bytes_come_back_as_they_were(journal: Journal, raw: bytes) -> None:
    journal.intake.hear(SOURCE, "one", heard(raw, raw))
    assert _raws(journal) == [raw, raw]


def test_pruned_lines_come_back_without_their_text(journal: Journal) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b"))
    with journal.database.write() as connection:
        connection.execute(update(heard_table).where(heard_table.c.sequence == 0).values(raw=None))
    seqs = [line.seq for line in journal.intake.next(0, 10)]
    assert [line.raw for line in journal.intake.lines(seqs)] == [None, b"b"]


def test_a_dictionary_is_trained_once_and_everything_stays_readable(place: Place) -> None:
    journal, other = place.open(), place.open()
    raws = [pushed(n) for n in range(TRAIN_ON + 20)]
    for first in range(0, len(raws), 100):
        journal.intake.hear(SOURCE, "one", heard(*raws[first : first + 100], first=first))
    with journal.database.read() as connection:
        assert len(connection.execute(select(dictionaries.c.id)).all()) == 1
    assert _raws(other) == raws  # which was open before there was a dictionary
    assert _raws(place.open()) == raws


def test_after_a_restart_new_lines_are_packed_with_the_stored_dictionary(place: Place) -> None:
    first = place.open()
    first.intake.hear(SOURCE, "one", heard(*(pushed(n) for n in range(TRAIN_ON))))
    again = place.open()
    again.intake.hear(SOURCE, "two", heard(*(pushed(n) for n in range(TRAIN_ON))))
    with again.database.read() as connection:
        assert len(connection.execute(select(dictionaries.c.id)).all()) == 1
        sizes = [len(row.raw) for row in connection.execute(select(heard_table.c.raw).order_by(heard_table.c.seq))]
    assert max(sizes[TRAIN_ON:]) < min(sizes[:TRAIN_ON])


def test_a_full_disk_is_transient_and_nothing_is_lost_once_there_is_space(sqlite_journal: Journal) -> None:
    journal = sqlite_journal
    journal.intake.hear(SOURCE, "one", heard(b"before"))
    _limit_pages(journal, to_what_there_is=True)
    big = [os.urandom(500_000) for _ in range(3)]
    for _ in range(2):
        with pytest.raises(Transient, match="full"):
            journal.intake.hear(SOURCE, "one", heard(*big, first=1))
        _limit_pages(journal, to_what_there_is=True)
    assert _raws(journal) == [b"before"]
    assert journal.views.stats().heard == {SOURCE: 1}
    _limit_pages(journal, to_what_there_is=False)
    journal.intake.hear(SOURCE, "one", heard(*big, first=1))
    assert _raws(journal) == [b"before", *big]
    assert journal.views.stats().heard == {SOURCE: 4}


FILL_THE_DISK = """
import os, random, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from daemon.journal.journal import open_journal
from integrations.contract import Heard, Transient
journal = open_journal(sys.argv[1], lambda: datetime.now(UTC), random.Random(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
taken = 0
try:
    while True:
        journal.intake.hear("gerrit-stream", "one", [Heard(sequence=taken, raw=os.urandom(30_000))])
        taken += 1
except Transient as error:
    print(taken, flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.intake.hear("gerrit-stream", "one", [Heard(sequence=taken, raw=b"after")])
os._exit(0)
"""


def test_a_file_that_cannot_grow_keeps_every_line_that_was_taken(place: Place) -> None:
    if not place.is_sqlite:
        pytest.skip("PostgreSQL keeps its own files")
    done = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, place.url], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    raws = _raws(place.open())
    assert (len(raws), raws[-1]) == (int(done.stdout) + 1, b"after")


def test_a_failed_hear_gives_nobody_its_lines(journal: Journal) -> None:
    with failing(journal, "UPDATE connections"), pytest.raises(Transient, match="the disk is gone"):
        journal.intake.hear(SOURCE, "one", heard(b"a", b"b"))
    assert _raws(journal) == []
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b"))
    assert _raws(journal) == [b"a", b"b"]


def test_who_waits_is_woken_by_a_line_and_by_a_nudge(journal: Journal) -> None:
    wakes: list[Callable[[], None]] = [
        lambda: journal.intake.hear(SOURCE, "one", heard(b"a")),
        journal.intake.nudge,
    ]
    for wake in wakes:
        woken = threading.Event()

        def wait(woken: threading.Event = woken) -> None:
            journal.intake.wait(60)
            woken.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        while not woken.wait(0.01):  # it may not wait yet
            wake()
        waiting.join(10)


def test_many_lines_unread_are_all_read_in_the_end(journal: Journal) -> None:
    """More than is kept in memory between hearing and deciding."""
    raws = [bytes([n]) * 400_000 for n in range(40)]
    for n, raw in enumerate(raws):
        journal.intake.hear(SOURCE, "one", heard(raw, first=n))
    seen: list[bytes] = []
    after = 0
    while lines := journal.intake.next(after, 7):
        seen += [line.raw or b"" for line in lines]
        after = lines[-1].seq
    assert Counter(seen) == Counter(raws)
    assert seen == raws


def _raws(journal: Journal) -> list[bytes | None]:
    return [line.raw for line in journal.intake.next(0, 10_000)]


def _limit_pages(journal: Journal, *, to_what_there_is: bool) -> None:
    with journal.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() if to_what_there_is else 1 << 30
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
