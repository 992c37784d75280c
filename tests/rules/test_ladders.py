"""When the steps of a ladder are due: wall time, and business days where the person is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.ladders import Step, after_business_days, due, is_business_day, is_country, is_holiday
from tests.rules.makers import HOUR, NOW, person

DAY = timedelta(days=1)
PARIS = ZoneInfo("Europe/Paris")
CHICAGO = ZoneInfo("America/Chicago")
ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/Chicago", "Asia/Tokyo", "Pacific/Chatham", "America/St_Johns"])
COUNTRIES = st.sampled_from(["", "FR", "US", "US-CA", "DE-BY", "JP"])
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  UTC is added


def days(number: int) -> Step:
    return Step(after=timedelta(days=number), business=True, do="ping")


def wall(after: timedelta) -> Step:
    return Step(after=after, business=False, do="ping")


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS)  # type: ignore[arg-type, misc]


def chicago(*when: int) -> datetime:
    return datetime(*when, tzinfo=CHICAGO)  # type: ignore[arg-type, misc]


class TestWallTime:
    def test_runs_on_over_nights_and_weekends(self) -> None:
        friday = datetime(2026, 1, 9, 23, 30, tzinfo=UTC)
        assert due(wall(timedelta(hours=48)), friday, None) == friday + timedelta(hours=48)
        assert due(wall(timedelta(seconds=5)), friday, person("ann", tz="Asia/Tokyo", country="JP")) == (
            friday + timedelta(seconds=5)
        )

    @pytest.mark.parametrize("began", [paris(2026, 3, 28, 22), chicago(2026, 3, 7, 20), paris(2026, 10, 24, 22)])
    def test_is_not_stretched_where_clocks_change(self, began: datetime) -> None:
        began = began.astimezone(UTC)
        ann = person("ann", tz="Europe/Paris", country="FR")
        assert due(wall(timedelta(hours=12)), began, ann) - began == timedelta(hours=12)


class TestBusinessDays:
    @pytest.mark.parametrize(
        ("began", "after", "ended"),
        [
            (date(2026, 1, 7), 1, date(2026, 1, 8)),  # Wednesday, Thursday
            (date(2026, 1, 7), 2, date(2026, 1, 9)),
            (date(2026, 1, 7), 3, date(2026, 1, 12)),  # over the weekend
            (date(2026, 1, 9), 1, date(2026, 1, 12)),  # from Friday to Monday
            (date(2026, 1, 10), 1, date(2026, 1, 12)),  # asked on a Saturday
            (date(2026, 1, 11), 1, date(2026, 1, 12)),  # or Sunday
            (date(2026, 1, 7), 10, date(2026, 1, 21)),
        ],
    )
    def test_are_monday_to_friday(self, began: date, after: int, ended: date) -> None:
        noon = datetime(began.year, began.month, began.day, 12, tzinfo=UTC)
        assert due(days(after), noon, person("ann")) == datetime(ended.year, ended.month, ended.day, 12, tzinfo=UTC)

    def test_are_those_of_utc_where_nobody_is_known(self) -> None:
        assert due(days(3), NOW, None) == NOW + 5 * DAY

    def test_none_is_at_once(self) -> None:
        assert due(days(0), NOW, person("ann", tz="Asia/Tokyo", country="JP")) == NOW

    def test_begin_and_end_where_the_person_is(self) -> None:
        """It is Friday 23:00 in UTC, Friday evening in Chicago, and already Saturday in Tokyo."""
        began = datetime(2026, 1, 9, 23, tzinfo=UTC)
        assert due(days(1), began, person("ann", tz="America/Chicago")) == began + 3 * DAY
        assert due(days(1), began, person("ann", tz="Asia/Tokyo")) == began + 2 * DAY  # Monday, 8:00 there

    @pytest.mark.parametrize(
        ("country", "tz", "began", "after", "ended"),
        [
            ("FR", PARIS, (2026, 5, 13, 9), 1, (2026, 5, 15, 9)),  # Ascension Day
            ("FR", PARIS, (2026, 7, 13, 9), 1, (2026, 7, 15, 9)),  # le quatorze juillet
            ("", PARIS, (2026, 7, 13, 9), 1, (2026, 7, 14, 9)),
            ("FR", PARIS, (2026, 12, 24, 9), 1, (2026, 12, 28, 9)),  # Christmas on a Friday, then the weekend
            ("FR", PARIS, (2025, 12, 31, 9), 1, (2026, 1, 2, 9)),  # over the year's end
            ("US", CHICAGO, (2026, 11, 25, 9), 1, (2026, 11, 27, 9)),  # Thanksgiving
            ("US", CHICAGO, (2026, 7, 2, 9), 1, (2026, 7, 6, 9)),  # the fourth is a Saturday: observed on Friday
            ("US-CA", CHICAGO, (2026, 11, 25, 9), 1, (2026, 11, 30, 9)),  # there the Friday after it too
        ],
    )
    def test_leave_out_the_holidays_of_the_country(
        self, country: str, tz: ZoneInfo, began: tuple[int, ...], after: int, ended: tuple[int, ...]
    ) -> None:
        ann = person("ann", tz=tz.key, country=country)
        first, last = (datetime(*when, tzinfo=tz).astimezone(UTC) for when in (began, ended))  # type: ignore[arg-type, misc]
        assert due(days(after), first, ann) == last

    @pytest.mark.parametrize(
        ("began", "ended", "hours"),
        [
            (paris(2026, 3, 27, 9), paris(2026, 3, 30, 9), 71),  # an hour is lost on Sunday
            (paris(2026, 10, 23, 9), paris(2026, 10, 26, 9), 73),  # an hour is won on Sunday
            (chicago(2026, 3, 6, 9), chicago(2026, 3, 9, 9), 71),
            (chicago(2026, 10, 30, 9), chicago(2026, 11, 2, 9), 73),
        ],
    )
    def test_end_at_the_same_time_of_day_although_clocks_changed(
        self, began: datetime, ended: datetime, hours: int
    ) -> None:
        ann = person("ann", tz=str(began.tzinfo))
        first = began.astimezone(UTC)
        assert due(days(1), first, ann) == ended.astimezone(UTC) == first + timedelta(hours=hours)

    def test_the_two_weeks_between_american_and_european_changes_are_told_apart(self) -> None:
        """On 2026-03-08 Chicago changed, Paris not yet."""
        began = datetime(2026, 3, 6, 15, tzinfo=UTC)
        assert due(days(1), began, person("ann", tz="America/Chicago")) == began + 3 * DAY - HOUR
        assert due(days(1), began, person("ann", tz="Europe/Paris")) == began + 3 * DAY

    def test_either_of_a_time_that_is_there_twice_keeps_its_time_of_day(self) -> None:
        """In Cairo clocks went back at the end of Thursday, 2024-10-31."""
        twice = datetime(2024, 10, 31, 23, 30, tzinfo=ZoneInfo("Africa/Cairo"))
        for fold in (0, 1):
            began = twice.replace(fold=fold).astimezone(UTC)
            day_later = after_business_days(began, 1, "Africa/Cairo", "")
            assert day_later.astimezone(twice.tzinfo).replace(tzinfo=None) == datetime(2024, 11, 1, 23, 30)  # noqa: DTZ001

    def test_the_answer_is_in_the_zone_of_the_question(self) -> None:
        assert after_business_days(NOW, 1, "Asia/Tokyo", "").tzinfo is NOW.tzinfo

    @given(began=INSTANTS, after=st.integers(1, 30), tz=ZONES, country=COUNTRIES)
    def test_are_that_many_and_the_last_is_one(self, began: datetime, after: int, tz: str, country: str) -> None:
        zone = ZoneInfo(tz)
        ended = after_business_days(began, after, tz, country)
        first, last = began.astimezone(zone).date(), ended.astimezone(zone).date()
        between = [first + n * DAY for n in range(1, (last - first).days + 1)]
        assert sum(is_business_day(day, country) for day in between) == after
        assert is_business_day(last, country)

    @given(began=INSTANTS, after=st.integers(0, 30), tz=ZONES, country=COUNTRIES)
    def test_more_of_them_end_later(self, began: datetime, after: int, tz: str, country: str) -> None:
        assert after_business_days(began, after, tz, country) < after_business_days(began, after + 1, tz, country)

    @given(began=INSTANTS, later=st.integers(0, 10**6), after=st.integers(1, 9), country=COUNTRIES)
    def test_who_is_asked_later_has_time_longer(self, began: datetime, later: int, after: int, country: str) -> None:
        second = began + timedelta(seconds=later)
        first_due, second_due = (after_business_days(at, after, "UTC", country) for at in (began, second))
        assert first_due <= second_due or first_due.date() == second_due.date()  # Saturday and Sunday end alike


class TestHolidays:
    def test_are_those_of_the_country(self) -> None:
        bastille, fourth = date(2026, 7, 14), date(2025, 7, 4)
        assert [is_holiday(bastille, one) for one in ("FR", "US", "")] == [True, False, False]
        assert [is_holiday(fourth, one) for one in ("FR", "US", "US-TX")] == [False, True, True]

    def test_may_be_those_of_a_part_of_it(self) -> None:
        epiphany = date(2026, 1, 6)
        assert [is_holiday(epiphany, one) for one in ("DE", "DE-BY", "DE-BE")] == [False, True, False]

    def test_no_weekend_is_a_business_day(self) -> None:
        assert [is_business_day(date(2026, 1, day), "") for day in range(5, 12)] == [True] * 5 + [False] * 2

    @pytest.mark.parametrize("text", ["FR", "US", "US-CA", "DE-BY", "JP", "GB"])
    def test_are_known_of_a_country(self, text: str) -> None:
        assert is_country(text)

    @pytest.mark.parametrize(
        "text", ["", "XX", "fr", "France", "US-XX", "US-", "-CA", "NYSE", "DEC", "FR FR", "US-CA-X"]
    )
    def test_are_known_of_nothing_else(self, text: str) -> None:
        assert not is_country(text)

    @given(st.text(max_size=8))
    def test_any_word_may_be_asked_about(self, text: str) -> None:
        assert is_country(text) in (True, False)
