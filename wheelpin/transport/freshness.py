"""Until when an answer may be used without asking again (RFC 9111)."""

from wheelpin.ports import Response

DEFAULT_FRESHNESS_S = 600.0
"""For servers that say nothing of it."""


def fresh_until_of(response: Response, now: float) -> float | None:
    """Tell until when the answer may be used unasked (RFC 9111); None if it may not be kept."""
    parts = (part.partition("=") for part in response.headers.get("cache-control", "").split(","))
    directives = {name.strip().lower(): value.strip().strip('"') for name, _, value in parts}
    if "no-store" in directives:
        return None
    if "no-cache" in directives:
        return now
    return now + _seconds(directives.get("max-age"), DEFAULT_FRESHNESS_S) - _seconds(response.headers.get("age"), 0.0)


def _seconds(text: str | None, default: float) -> float:
    """Read a number of seconds; at most ten digits of it are meant seriously."""
    return float(text[:10]) if text is not None and text.isascii() and text.isdigit() else default
