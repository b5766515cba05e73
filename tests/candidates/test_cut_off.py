"""What ``--exclude-newer`` may say, and how a lock says it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from wheelpin.candidates.cut_off import CutOff

NOW = datetime(2026, 3, 10, 14, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        pytest.param("2024-05-31", "2024-05-31T00:00:00Z", id="a date is its midnight in UTC"),
        pytest.param("20240531", "2024-05-31T00:00:00Z", id="a date without hyphens is no number of anything"),
        pytest.param("2024-05-31T12:00:00", "2024-05-31T12:00:00Z", id="a time without a zone is UTC"),
        pytest.param("2024-05-31T12:00:00+02:00", "2024-05-31T10:00:00Z", id="another zone"),
    ],
)
def test_time_stays(text: str, spelled: str) -> None:
    cut_off = CutOff.parse(text, NOW)
    assert cut_off.age is None
    assert str(cut_off) == spelled


@pytest.mark.parametrize(
    ("text", "age", "spelled"),
    [
        pytest.param("P7D", timedelta(7), "P7D", id="days"),
        pytest.param("p1w", timedelta(7), "P7D", id="weeks, small letters"),
        pytest.param("P1W2D", timedelta(9), "P9D", id="weeks and days"),
        pytest.param("PT24H", timedelta(1), "P1D", id="a day has 24 hours"),
        pytest.param("P1DT2H3M4S", timedelta(1, 7384), "P1DT2H3M4S", id="all units"),
        pytest.param("PT90M", timedelta(0, 5400), "PT1H30M", id="minutes"),
        pytest.param("P0D", timedelta(), "P0D", id="none"),
        pytest.param("7 days", timedelta(7), "P7D", id="in words"),
        pytest.param("7 days ago", timedelta(7), "P7D", id="in more words"),
        pytest.param("3d", timedelta(3), "P3D", id="short"),
        pytest.param("1 Week, 12 hrs", timedelta(7, 43_200), "P7DT12H", id="two units"),
        pytest.param("1w2d3h4m5s", timedelta(9, 11_045), "P9DT3H4M5S", id="short, all units"),
        pytest.param("45 minutes", timedelta(0, 2700), "PT45M", id="minutes in words"),
    ],
)
def test_age_is_counted_back_from_now(text: str, age: timedelta, spelled: str) -> None:
    cut_off = CutOff.parse(text, NOW)
    assert cut_off == CutOff(datetime(2026, 3, 10, 12, 30, tzinfo=UTC) - age, age)
    assert str(cut_off) == spelled
    assert CutOff.parse(spelled, NOW) == cut_off


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1DT", "P1M", "P1Y", "P-1D", "-P1D", "P1.5D", "P٣D"),
        *("7", "days", "-7 days", "1 month", "2 years", "last week", "7 days later", "7 days 3", "1.5 days", "٣ days"),
        *("1 ss", "2024-13-01"),
    ],
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\A"):
        CutOff.parse(text, NOW)


@pytest.mark.parametrize("text", ["P999999W", "999999 weeks", "99999999999 days"])
def test_age_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(OverflowError):
        CutOff.parse(text, NOW)
