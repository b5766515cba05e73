"""The form with addresses: ``name @ URL#sha256=…``, a line a project, for every pip from 10 on (PEP 508).

Extras are left out, because with them pip would resolve their dependencies again; the lock spells those out.
"""

from collections.abc import Iterator
from urllib.parse import quote

from wheelpin.locks.errors import PinWithoutAddressError
from wheelpin.locks.model import Lock, LockedFile, Pin
from wheelpin.locks.pip_lines import lines_to_text
from wheelpin.values import IndexUrl, without_secrets

# Not ``;``, at which old pips look for a marker, nor ``$``, ``{`` and ``}``, in which later ones look for a variable.
_PLAIN_IN_URLS = "%/:@!&()*+,=[]~"


def to_requirements(lock: Lock) -> str:
    """Write *lock* so that pip can install from it without asking any index.

    Raise `PinWithoutAddressError` if a pin has neither address nor path.
    """
    usual_index = lock.indexes[0] if lock.indexes else None
    return lines_to_text(lock, lambda pin: _lines_of_pin(pin, usual_index))


def _lines_of_pin(pin: Pin, usual_index: IndexUrl | None) -> Iterator[str]:
    match pin.file:
        case LockedFile(url=str(url), sha256=sha256, index=index):
            yield f"{pin.project} @ {quote(without_secrets(url), safe=_PLAIN_IN_URLS)}#sha256={sha256}"
            if index != usual_index:
                yield "index: none" if index is None else f"index: {without_secrets(index)}"
        case LockedFile(path=str(path), sha256=sha256):
            # pip takes no relative path after ``name @``, and reads this one as it stands, spaces included.
            yield f"{_as_path(path)} --hash=sha256:{sha256}"
        case _:
            raise PinWithoutAddressError(pin.project, str(pin.version))


def _as_path(path: str) -> str:
    return path if path.startswith(("./", "../", "/")) else f"./{path}"
