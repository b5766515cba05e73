"""A pin as the lines that pip reads, in either form, and the digest that tells whether anybody changed some.

Both forms leave extras out of the names, because with them pip would resolve their dependencies again; the lock
spells those out.
"""

import hashlib
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from wheelpin.locks.errors import PinWithoutAddressError
from wheelpin.locks.model import LockedFile, Pin, UnnamedFile
from wheelpin.locks.provenance import iter_comments
from wheelpin.values import IndexUrl, without_secrets

# Not ``;``, at which old pips look for a marker, nor ``$``, ``{`` and ``}``, in which later ones look for a variable.
_PLAIN_IN_URLS = "%/:@!&()*+,=[]~"
_DIGITS_OF_DIGEST = 16
"""Against slips, not against attackers: whoever can edit a lock can also work out its digest."""


def one_line(text: str) -> str:
    """Spell *text* so that no reader sees a second line in it: what follows a break would be a requirement to pip."""
    return " ".join(text.splitlines()).strip()


def spelled_address(url: str) -> str:
    """Spell an address as a lock has it: without secrets and fragment, and safe from every pip."""
    return quote(without_secrets(url), safe=_PLAIN_IN_URLS)


def addressed_lines(pin: Pin, usual_index: IndexUrl | None) -> Iterator[str]:
    """Yield ``name @ URL#sha256=…`` or a path with a hash, then what comments say of the place.

    Raise `PinWithoutAddressError` if the pin has neither.
    """
    match pin.file:
        case LockedFile(url=str(url), sha256=sha256, index=index):
            yield f"{pin.project} @ {spelled_address(url)}#sha256={sha256}"
            if index != usual_index:
                yield "index: none" if index is None else f"index: {without_secrets(index)}"
        case LockedFile(path=str(path), sha256=sha256):
            # pip takes no relative path after ``name @``, and reads this one as it stands, spaces included.
            yield f"{_as_path(path)} --hash=sha256:{sha256}"
        case _:
            raise PinWithoutAddressError(pin.project, str(pin.version))


def hashed_lines(pin: Pin) -> Iterator[str]:
    """Yield ``name==version --hash=sha256:…``, then the file's name for a comment."""
    requirement = f"{pin.project}=={pin.version}"
    match pin.file:
        case LockedFile(filename=filename, sha256=sha256):
            yield f"{requirement} --hash=sha256:{sha256}"
            yield f"file: {filename}"
        case UnnamedFile(digests=digests):
            yield " ".join([requirement, *(f"--hash=sha256:{digest}" for digest in sorted(digests))])


def shared_comments(pin: Pin) -> Iterator[str]:
    """Yield the comments that stand under a pin in either form."""
    if pin.extras:
        yield f"extras: {','.join(pin.extras)}"
    if pin.tags:
        yield f"tags: {','.join(pin.tags)}"
    for note in pin.notes:
        yield f"note: {note}"
    if isinstance(pin.file, LockedFile) and pin.file.built is not None:
        yield from iter_comments(pin.file.built)
    for requester in pin.via:
        yield f"via {requester}"


def digest_of_pins(pins: Iterable[Pin]) -> str:
    """Return what changes with any pin and with who asked for it, whatever form the pins are read from next.

    Forms that leave out addresses or sizes have to leave them out of *pins*, too.
    """
    hasher = hashlib.sha256()
    for pin in pins:
        for line in _lines_of(pin):
            hasher.update(f"{one_line(line)}\n".encode())
    return hasher.hexdigest()[:_DIGITS_OF_DIGEST]


def _lines_of(pin: Pin) -> Iterator[str]:
    file = pin.file
    if isinstance(file, LockedFile):
        if file.url is not None or file.path is not None:
            yield from addressed_lines(pin, None)
        else:
            yield from hashed_lines(pin)
        yield f"{file.size_bytes} {file.uploaded_at} {pin.requires_python}"
    else:
        yield from hashed_lines(pin)
    yield from shared_comments(pin)


def _as_path(path: str) -> str:
    return path if path.startswith(("./", "../", "/")) else f"./{path}"
