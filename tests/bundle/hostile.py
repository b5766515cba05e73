"""Wheels that somebody made to do harm, or that a bad tool broke."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.builders import FIXED_DATE, make_wheel, record_of

FILENAME = "demo-1.0-py3-none-any.whl"
DIST_INFO = "demo-1.0.dist-info"
RECORD = f"{DIST_INFO}/RECORD"

Members = Mapping[str, bytes]


def good_members(**files: bytes | str) -> dict[str, bytes]:
    """Return the members of a good wheel, RECORD last; *files* are further ones."""
    built = make_wheel("demo", "1.0", files={"demo.py": "answer = 42\n", **files})
    with zipfile.ZipFile(io.BytesIO(built.body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def recorded(members: Members, record: str = RECORD) -> dict[str, bytes]:
    """Return *members* with a RECORD that is true."""
    others = {name: body for name, body in members.items() if name != record}
    return {**others, record: record_of(others, record)}


def without(members: Members, *names: str) -> dict[str, bytes]:
    return {name: body for name, body in members.items() if name not in names}


@dataclass(kw_only=True)
class Part:
    """One member as it is written, field by field."""

    name: bytes
    body: bytes
    local_name: bytes | None = None
    flags: int = 0
    local_flags: int | None = None
    method: int = 0
    external_attributes: int = 0o100644 << 16
    size: int | None = None
    crc: int | None = None
    local_size: int | None = None
    local_crc: int | None = None
    extra: bytes = b""
    descriptor: bytes = b""
    packed: bytes | None = None


@dataclass(kw_only=True)
class Archive:
    """An archive as it is written, part by part."""

    parts: list[Part] = field(default_factory=list)
    before: bytes = b""
    between: bytes = b""
    """After the first member."""
    before_directory: bytes = b""
    before_end: bytes = b""
    after: bytes = b""
    comment: bytes = b""
    count: int | None = None
    shared_place: bool = False
    """The last entry of the directory points to the first member."""

    def write(self) -> bytes:
        out = bytearray(self.before)
        central = bytearray()
        first_start = len(out)
        for at, part in enumerate(self.parts):
            start = len(out)
            if self.shared_place and at == len(self.parts) - 1:
                start = first_start
            packed = part.body if part.packed is None else part.packed
            crc = zlib.crc32(part.body) if part.crc is None else part.crc
            size = len(part.body) if part.size is None else part.size
            local_name = part.name if part.local_name is None else part.local_name
            local_flags = part.flags if part.local_flags is None else part.local_flags
            has_descriptor = bool(part.descriptor)
            local = (
                0 if has_descriptor else (crc if part.local_crc is None else part.local_crc),
                0 if has_descriptor else len(packed),
                0 if has_descriptor else (size if part.local_size is None else part.local_size),
            )
            if start == len(out):
                header = (b"PK\x03\x04", 20, local_flags, part.method, 0, 0x5082, *local, len(local_name))
                out += struct.pack("<4s5H3L2H", *header, len(part.extra)) + local_name + part.extra + packed
                out += part.descriptor
                out += self.between if at == 0 else b""
            entry = (b"PK\x01\x02", 0x0314, 20, part.flags, part.method, 0, 0x5082, crc, len(packed), size)
            rest = (len(part.name), len(part.extra), 0, 0, 0, part.external_attributes, start)
            central += struct.pack("<4s6H3L5H2L", *entry, *rest) + part.name + part.extra
        out += self.before_directory
        directory_start = len(out)
        out += central + self.before_end
        count = len(self.parts) if self.count is None else self.count
        out += struct.pack(
            "<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(central), directory_start, len(self.comment)
        )
        return bytes(out + self.comment + self.after)


def archive_of(members: Members) -> Archive:
    return Archive(
        parts=[
            Part(name=name.encode(), body=body, flags=0 if name.isascii() else 0x800) for name, body in members.items()
        ]
    )


def changed(member: str, members: Members | None = None, **changes: object) -> bytes:
    """Write a good wheel in which one member is changed."""
    archive = archive_of(members or good_members())
    archive.parts = [
        replace(part, **changes) if part.name == member.encode() else part  # type: ignore[arg-type]
        for part in archive.parts
    ]
    return archive.write()


def around(**changes: object) -> bytes:
    """Write a good wheel whose archive is changed."""
    return replace(archive_of(good_members()), **changes).write()  # type: ignore[arg-type]


def plain(members: Members) -> bytes:
    """Write *members* as they are."""
    return archive_of(members).write()


def with_member(name: str, body: bytes = b"x = 1\n") -> bytes:
    """Write a wheel with one more member, which its RECORD lists."""
    return plain(recorded({**good_members(), name: body}))


def zip64(members: Members) -> bytes:
    """Write *members* with sizes in ZIP64 fields, as tools do that do not know the size before."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members.items():
            with archive.open(zipfile.ZipInfo(name, FIXED_DATE), "w", force_zip64=True) as stream:
                stream.write(body)
    return buffer.getvalue()


class Unseekable(io.RawIOBase):
    """A pipe: what is written cannot be gone back to."""

    def __init__(self) -> None:
        self.body = b""

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self.body += bytes(data)
        return len(data)


def streamed(members: Members) -> bytes:
    """Write *members* with descriptors after their data, as tools do that write into a pipe."""
    pipe = Unseekable()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), body)
    return pipe.body
