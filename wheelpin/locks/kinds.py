"""What kind of lock a text is, told by its first words and without reading it."""

import re

_PYLOCK = re.compile(r"^lock-version[ \t]*=", re.MULTILINE)
_OWN = re.compile(r"^\[tool\.wheelpin\]", re.MULTILINE)


def is_pylock(text: str) -> bool:
    """Tell whether *text* is a pylock.toml and no requirements file."""
    return _PYLOCK.search(text) is not None


def is_own_pylock(text: str) -> bool:
    """Tell whether wheelpin wrote the pylock.toml *text*, which then says what each of its targets gets."""
    return is_pylock(text) and _OWN.search(text) is not None
