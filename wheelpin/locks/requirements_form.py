"""The form with addresses: ``name @ URL#sha256=…``, a line a project, for every pip from 10 on (PEP 508)."""

from wheelpin.locks.model import Lock
from wheelpin.locks.pin_text import addressed_lines
from wheelpin.locks.pip_lines import lines_to_text


def to_requirements(lock: Lock) -> str:
    """Write *lock* so that pip can install from it without asking any index.

    Raise `PinWithoutAddressError` if a pin has neither address nor path.
    """
    usual_index = lock.indexes[0] if lock.indexes else None
    return lines_to_text(lock, lambda pin: addressed_lines(pin, usual_index))
