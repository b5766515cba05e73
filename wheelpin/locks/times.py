"""Upload times: text as indexes write it, and the values that TOML has for them."""

from datetime import UTC, datetime


def spell_time(moment: datetime) -> str:
    """Spell a time as indexes do."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_time(text: str) -> datetime | None:
    """Read a time as indexes spell it; None if it is none, or nobody knows of which zone."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
