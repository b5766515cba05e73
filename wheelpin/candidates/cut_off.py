"""From when on uploads do not count: a date or time, or an age that is counted back from now."""

import re
from datetime import UTC, datetime, timedelta
from typing import Self

from msgspec import Struct

_ISO_AGE = r"P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
_ISO_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_SPELLED_AGE = r"(?:\d+\s*[a-z]+[\s,]*)+"
_SPELLED_UNITS = {
    **dict.fromkeys(("w", "week", "weeks"), "weeks"),
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hours"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "minutes"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "seconds"),
}
"""Months and years are not among them: they have no one length."""


class CutOff(Struct, frozen=True):
    """Files that were uploaded at `moment` or later are left out."""

    moment: datetime
    """Aware, in UTC."""
    age: timedelta | None = None
    """What was said in place of a time: the moment then moves with the clock."""

    @classmethod
    def parse(cls, text: str, now: datetime) -> Self:
        """Read a date, a time (ISO 8601, UTC if it names no zone), or an age (``P7D``, ``7 days``, ``1w 12h``).

        A day has 24 hours, always. Raise ValueError for anything else, and OverflowError for a time before the year 1.
        """
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            age = _iso_age(text)
            age = _spelled_age(text) if age is None else age
            return cls(now.astimezone(UTC) - age, age)
        # A date must mean the same on every machine, so no zone is UTC and never the host's.
        return cls(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))

    def __str__(self) -> str:
        """Spell it as a lock does: an age stays one (ISO 8601), so that equal runs on two days write equal locks."""
        if self.age is None:
            return self.moment.isoformat().replace("+00:00", "Z")
        hours, seconds = divmod(self.age.seconds, 3600)
        parts = ((hours, "H"), (seconds // 60, "M"), (seconds % 60, "S"))
        time = "".join(f"{number}{unit}" for number, unit in parts if number)
        days = f"{self.age.days}D" if self.age.days or not time else ""
        return f"P{days}T{time}" if time else f"P{days}"


def _iso_age(text: str) -> timedelta | None:
    if (found := re.fullmatch(_ISO_AGE, text, re.ASCII | re.IGNORECASE)) is None:
        return None
    return timedelta(**{unit: int(number or 0) for unit, number in zip(_ISO_UNITS, found.groups(), strict=True)})


def _spelled_age(text: str) -> timedelta:
    words = text.lower().removesuffix("ago").strip()
    if re.fullmatch(_SPELLED_AGE, words, re.ASCII) is None:
        raise ValueError(text)
    age = timedelta()
    for number, unit in re.findall(r"(\d+)\s*([a-z]+)", words):
        if unit not in _SPELLED_UNITS:
            raise ValueError(text)
        age += timedelta(**{_SPELLED_UNITS[unit]: int(number)})
    return age
