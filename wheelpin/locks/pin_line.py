"""One line of a lock, and the comments that belong to it, to a `Pin`."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from packaging.utils import InvalidName, InvalidWheelFilename, NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from wheelpin.locks.errors import LOCK_ANEW, LockSyntaxError, MarkedLineError
from wheelpin.locks.logical_lines import LogicalLine
from wheelpin.locks.model import LockedFile, Pin, UnnamedFile
from wheelpin.locks.provenance import BUILT_KEYS, Provenance, parse_comments
from wheelpin.values import IndexUrl, Origin, Sha256, without_secrets

_SAID_ONCE = frozenset({"file:", "index:", "extras:", "tags:", *(f"{key}:" for key in BUILT_KEYS)})

_HASH_OPTION = re.compile(r"\s--hash[= ]\s*(\S+)")
_NAME = r"(?P<name>[\w.-]+)\s*(?:\[[^\]]*\])?"
"""Extras may stand there; their dependencies are lines of their own."""
_ADDRESSED = re.compile(_NAME + r"\s*@\s*(?P<url>\S+)")
_VERSIONED = re.compile(_NAME + r"\s*===?\s*(?P<version>[^\s\[\]]+)(?:\s*\[(?P<tags>[^\]]*)\])?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Two letters at least, so that a drive of Windows is none."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class _PinComments(Struct, frozen=True, kw_only=True):
    """What the comments of one pin say."""

    via: tuple[str, ...] = ()
    filename: str | None = None
    index: str | None = None
    extras: tuple[NormalizedName, ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    built: Provenance | None = None


def read_pin(line: LogicalLine, comments: Sequence[str], *, usual_index: IndexUrl | None, origin: Origin) -> Pin:
    """Read *line*, whose *comments* are its own and those under it; *origin* names it in errors.

    A file with an address came from *usual_index* unless a comment says otherwise. Raise `LockSyntaxError`.
    """
    return _PinReader(_read_comments(comments), usual_index, origin).read(line.content)


def _read_comments(comments: Iterable[str]) -> _PinComments:
    via, notes, last = list[str](), list[str](), dict[str, str]()
    in_list = False  # pip-tools writes a bare ``# via`` and the names under it
    for comment in comments:
        text = comment.lstrip("#")
        key, _, value = text.strip().partition(" ")
        value = value.strip()
        if key == "via":
            in_list = not value
            via.extend(filter(None, [value]))
        elif key == "note:":
            notes.append(value)
        elif key in _SAID_ONCE:
            last[key] = value
        elif in_list and text.startswith("   "):
            via.append(text.strip())
        else:
            in_list = False
    return _PinComments(
        via=tuple(via),
        filename=last.get("file:"),
        index=last.get("index:"),
        extras=tuple(sorted(map(canonicalize_name, _split_tags(last.get("extras:", ""))))),
        tags=_split_tags(last.get("tags:", "")),
        notes=tuple(notes),
        built=parse_comments({key.removesuffix(":"): value for key, value in last.items()}),
    )


def _split_tags(text: str) -> tuple[str, ...]:
    return tuple(part for part in (part.strip() for part in text.split(",")) if part)


class _PinReader(Struct, frozen=True):
    comments: _PinComments
    usual_index: IndexUrl | None
    origin: Origin

    def read(self, content: str) -> Pin:
        requirement = _HASH_OPTION.sub("", content).strip()
        digests = [self.digest(text) for text in _HASH_OPTION.findall(content)]
        if (match := _ADDRESSED.fullmatch(requirement)) is not None:
            return self.at_place(match["url"], digests, name=match["name"])
        if (match := _VERSIONED.fullmatch(requirement)) is not None:
            return self.at_version(match["name"], match["version"], digests, tags=_split_tags(match["tags"] or ""))
        address, _, _ = requirement.partition("#")
        if address.endswith(".whl") and ";" not in address:
            return self.at_place(requirement, digests)
        if ";" in requirement:
            raise MarkedLineError(
                self.origin,
                f"{shown(requirement)!r} has a marker, and a lock for one target needs none",
                "give the file to wheelpin as requirements (-r) and lock from it",
            )
        raise self.refusal(f"{shown(requirement)!r} does not pin one file")

    def at_place(self, place: str, digests: list[Sha256], *, name: str | None = None) -> Pin:
        """Read an address or a path, which pip tells apart by the scheme."""
        where, _, fragment = place.partition("#")
        digests = digests + [self.digest(part) for part in fragment.split("&") if part.startswith("sha256=")]
        is_address = _SCHEME.match(where) is not None
        try:
            filename = unquote(urlsplit(where).path.rpartition("/")[2]) if is_address else where.rpartition("/")[2]
        except ValueError:
            raise self.refusal("the address of this line cannot be read") from None
        file = LockedFile(
            filename=filename,
            sha256=self.only(digests, f"the {'address' if is_address else 'path'} {shown(where)}"),
            url=where if is_address else None,
            path=None if is_address else where.removeprefix("./"),
            index=self.index() if is_address else None,
            built=self.comments.built,
        )
        return self.pin(file, name=name)

    def at_version(self, name: str, version_text: str, digests: list[Sha256], *, tags: tuple[str, ...]) -> Pin:
        try:
            version = Version(version_text)
        except InvalidVersion:
            raise self.refusal(f"{version_text!r} is no version, and a lock pins one") from None
        if not digests:
            raise self.refusal(f"{name}=={version_text} has no sha256")
        if (filename := self.comments.filename) is None:
            return self.make(name, version, UnnamedFile(digests=frozenset(digests)), tags=tags)
        sha256 = self.only(digests, filename)
        return self.pin(
            LockedFile(filename=filename, sha256=sha256, built=self.comments.built),
            name=name,
            version=version,
            tags=tags,
        )

    def pin(
        self, file: LockedFile, *, name: str | None = None, version: Version | None = None, tags: tuple[str, ...] = ()
    ) -> Pin:
        if "/" in file.filename or "\\" in file.filename:
            raise self.refusal(f"{file.filename!r} is no file name")
        try:
            project, file_version, _, _ = parse_wheel_filename(file.filename)
        except InvalidWheelFilename:
            raise self.refusal(f"{file.filename!r} is no wheel's name") from None
        if name is not None and canonicalize_name(name) != project:
            raise self.refusal(f"{file.filename} is a wheel of {project}, not of {name}")
        if version is not None and version != file_version:
            raise self.refusal(f"{file.filename} is a wheel of version {file_version}, not {version}")
        return self.make(project, file_version, file, tags=tags)

    def make(self, name: str, version: Version, file: LockedFile | UnnamedFile, *, tags: tuple[str, ...]) -> Pin:
        try:
            project = canonicalize_name(name, validate=True)
        except InvalidName:
            raise self.refusal(f"{name!r} is no project's name") from None
        return Pin(
            project=project,
            version=version,
            file=file,
            via=self.comments.via,
            extras=self.comments.extras,
            tags=tags or self.comments.tags,
            notes=self.comments.notes,
        )

    def index(self) -> IndexUrl | None:
        match self.comments.index:
            case None:
                return self.usual_index
            case "none":
                return None
            case url:
                return IndexUrl(url)

    def digest(self, text: str) -> Sha256:
        """Read ``sha256:…`` or ``sha256=…``."""
        algorithm, digits = text[:6], text[7:].lower()
        if algorithm != "sha256" or _SHA256.fullmatch(digits) is None:
            raise self.refusal(f"{text!r} is no sha256 of 64 hexadecimal digits")
        return Sha256(digits)

    def only(self, digests: list[Sha256], what: str) -> Sha256:
        if not digests:
            raise self.refusal(f"{what} has no sha256")
        if len(set(digests)) > 1:
            raise self.refusal(f"{what} has several sha256, and one file has one")
        return digests[0]

    def refusal(self, problem: str, hint: str = LOCK_ANEW) -> LockSyntaxError:
        return LockSyntaxError(self.origin, problem, hint)


def shown(text: str) -> str:
    """Spell a line for a message, the addresses in it without secrets."""
    return " ".join(_shown_word(word) for word in text.split())


def _shown_word(word: str) -> str:
    try:
        return without_secrets(word) if "://" in word else word
    except ValueError:  # no address after all, and what stands before its host may still be a password
        return "…"
