import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.bundle.hostile import (
    DIST_INFO,
    FILENAME,
    RECORD,
    Members,
    Part,
    archive_of,
    around,
    changed,
    good_members,
    plain,
    recorded,
    streamed,
    with_member,
    without,
    zip64,
)
from wheelpin.bundle.refusal import Refusal, WheelRefusedError
from wheelpin.bundle.wheel import Limits, RecordRule, Strictness, WheelUnreadableError, open_wheel, verify_contents

GOOD = good_members()
DEMO = b"answer = 42\n"
SYMLINK = 0o120777 << 16
DEVICE = 0o060644 << 16


def deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def descriptor(body: bytes, *, signature: bytes = b"PK\x07\x08") -> bytes:
    return signature + struct.pack("<3L", zlib.crc32(body), len(body), len(body))


def twice(name: str, body: bytes) -> bytes:
    archive = archive_of(GOOD)
    archive.parts.append(Part(name=name.encode(), body=body))
    return archive.write()


def special(attributes: int) -> bytes:
    return changed("link", recorded({**GOOD, "link": b"/etc/passwd"}), external_attributes=attributes)


def record_lines(*lines: str) -> bytes:
    return plain({**GOOD, RECORD: GOOD[RECORD] + "".join(f"{line}\n" for line in lines).encode()})


def dist_info_file(name: str, body: bytes) -> bytes:
    return plain(recorded({**GOOD, f"{DIST_INFO}/{name}": body}))


def entry_points(text: str) -> bytes:
    return dist_info_file("entry_points.txt", text.encode())


_HOSTILE: dict[str, tuple[Refusal, bytes]] = {
    # E43: one archive for every reader
    "no archive at all": (Refusal.NOT_AN_ARCHIVE, b"<html>not found</html>"),
    "nothing": (Refusal.NOT_AN_ARCHIVE, b""),
    "end record only": (Refusal.DIST_INFO, archive_of({}).write()),
    "cut off": (Refusal.NOT_AN_ARCHIVE, plain(GOOD)[:-30]),
    "bytes before the first member": (Refusal.STRAY_BYTES, around(before=b"#!/bin/sh\n")),
    "bytes between members": (Refusal.STRAY_BYTES, around(between=b"hidden")),
    "a member that the directory does not list": (
        Refusal.STRAY_BYTES,
        around(between=archive_of({"evil.py": b""}).write()[:37]),
    ),
    "bytes before the directory": (Refusal.STRAY_BYTES, around(before_directory=b"hidden")),
    "bytes before the end record": (Refusal.STRAY_BYTES, around(before_end=b"hidden")),
    "bytes after the end record": (Refusal.STRAY_BYTES, around(after=b"hidden")),
    "a comment at the end": (Refusal.STRAY_BYTES, around(comment=b"hidden")),
    "a second archive after the first": (Refusal.STRAY_BYTES, around(after=plain(GOOD))),
    "a second archive in the comment": (Refusal.STRAY_BYTES, around(comment=plain(GOOD))),
    "a second end record": (Refusal.STRAY_BYTES, around(before_end=archive_of({}).write())),
    "fewer entries than the directory holds": (Refusal.STRAY_BYTES, around(count=2)),
    "more entries than the directory holds": (Refusal.NOT_AN_ARCHIVE, around(count=9)),
    "two entries for one place": (Refusal.HEADERS_DIFFER, around(shared_place=True)),
    "one name twice": (Refusal.TWICE, twice("demo.py", b"evil = 1\n")),
    "one name twice with the same bytes": (Refusal.TWICE, twice("demo.py", DEMO)),
    "a file and a folder of one name": (Refusal.TWICE, with_member("demo.py/x.py")),
    "a file and a folder entry of one name": (Refusal.TWICE, twice("demo.py/", b"")),
    "another local name": (Refusal.HEADERS_DIFFER, changed("demo.py", local_name=b"evil.py")),
    "another local size": (Refusal.HEADERS_DIFFER, changed("demo.py", local_size=3)),
    "another local checksum": (Refusal.HEADERS_DIFFER, changed("demo.py", local_crc=3)),
    "another local encoding of the name": (Refusal.HEADERS_DIFFER, changed("demo.py", local_flags=0x800)),
    "a Unicode name beside the name": (
        Refusal.HEADERS_DIFFER,
        changed("demo.py", extra=struct.pack("<2HBL", 0x7075, 12, 1, zlib.crc32(b"demo.py")) + b"evil.py"),
    ),
    "ZIP64 fields twice": (
        Refusal.HEADERS_DIFFER,
        changed("demo.py", extra=struct.pack("<2HQ", 1, 8, 12) + struct.pack("<2HQ", 1, 8, 99)),
    ),
    "a wrong descriptor": (
        Refusal.STRAY_BYTES,
        changed("demo.py", flags=8, descriptor=descriptor(b"something else")),
    ),
    "an encrypted member": (Refusal.ENCRYPTED, changed("demo.py", flags=1)),
    "a member packed by bzip2": (Refusal.COMPRESSION, changed("demo.py", method=12)),
    "a name that is not the UTF-8 it is said to be": (
        Refusal.UNSAFE_NAME,
        changed("demo.py", name=b"d\xff.py", flags=0x800),
    ),
    # E44: names that lead elsewhere
    "a parent folder": (Refusal.UNSAFE_NAME, with_member("../evil.py")),
    "a parent folder in the middle": (Refusal.UNSAFE_NAME, with_member("demo/../../evil.py")),
    "three dots": (Refusal.UNSAFE_NAME, with_member("demo/.../evil.py")),
    "dots and a space": (Refusal.UNSAFE_NAME, with_member("demo/.. /evil.py")),
    "the current folder": (Refusal.UNSAFE_NAME, with_member("./evil.py")),
    "an absolute path": (Refusal.UNSAFE_NAME, with_member("/etc/evil.py")),
    "an empty part": (Refusal.UNSAFE_NAME, with_member("demo//evil.py")),
    "backslashes": (Refusal.UNSAFE_NAME, with_member("..\\evil.py")),
    "a drive": (Refusal.UNSAFE_NAME, with_member("C:/evil.py")),
    "a drive without a slash": (Refusal.UNSAFE_NAME, with_member("c:evil.py")),
    "a share": (Refusal.UNSAFE_NAME, with_member("//server/share/evil.py")),
    "a device": (Refusal.UNSAFE_NAME, with_member("demo/NUL")),
    "a device with an ending": (Refusal.UNSAFE_NAME, with_member("demo/aux.py")),
    "a NUL in the name": (Refusal.UNSAFE_NAME, changed("demo.py", name=b"demo.py\0.txt")),
    "a line break in the name": (Refusal.UNSAFE_NAME, with_member("demo\n.py")),
    "a terminal command in the name": (Refusal.UNSAFE_NAME, with_member("\x1b[2Jdemo.py")),
    "a name that reads backwards": (Refusal.UNSAFE_NAME, with_member("demo\u202egnp.py")),
    "no name": (Refusal.UNSAFE_NAME, changed("demo.py", name=b"")),
    "a name without end": (Refusal.UNSAFE_NAME, with_member("d/" * 600 + "evil.py")),
    "a symbolic link": (Refusal.SPECIAL_FILE, special(SYMLINK)),
    "a device file": (Refusal.SPECIAL_FILE, special(DEVICE)),
    "a folder with content": (Refusal.SPECIAL_FILE, twice("more/", b"hidden")),
    "a script in another folder": (Refusal.UNSAFE_NAME, with_member("demo-1.0.data/scripts/../../evil")),
    "a script below the scripts": (Refusal.SCRIPT_NAME, with_member("demo-1.0.data/scripts/a/b")),
    "a command in another folder": (Refusal.ENTRY_POINT, entry_points("[console_scripts]\n../evil = demo:main\n")),
    "a command with an absolute path": (Refusal.ENTRY_POINT, entry_points("[console_scripts]\n/bin/sh = demo:main\n")),
    "a command with a backslash": (Refusal.ENTRY_POINT, entry_points("[gui_scripts]\n..\\evil = demo:main\n")),
    "a command that is a stream of a file": (Refusal.ENTRY_POINT, entry_points("[console_scripts]\na:b = demo:main\n")),
    "a command that is code": (Refusal.ENTRY_POINT, entry_points("[console_scripts]\nrun = os;evil:main\n")),
    "a command that calls a keyword": (Refusal.ENTRY_POINT, entry_points("[console_scripts]\nrun = demo:import\n")),
    "a command that calls nothing": (Refusal.ENTRY_POINT, entry_points("[console_scripts]\nrun = demo\n")),
    "commands that cannot be read": (Refusal.ENTRY_POINT, entry_points("[\nrun")),
    # E45: RECORD
    "no RECORD": (Refusal.RECORD_MISSING, plain(without(GOOD, RECORD))),
    "a RECORD that is not UTF-8": (Refusal.RECORD_MISSING, plain({**GOOD, RECORD: b"\xff\xfe,,\n"})),
    "a RECORD of other columns": (Refusal.RECORD_MISSING, record_lines("demo.py,sha256=x")),
    "two rows that disagree": (Refusal.RECORD_MISSING, record_lines("demo.py,,12")),
    "a member that is not recorded": (Refusal.NOT_RECORDED, plain({**GOOD, "evil.py": b""})),
    "a member recorded without a hash": (
        Refusal.NOT_HASHED,
        plain({**GOOD, "e.py": b"", RECORD: GOOD[RECORD] + b"e.py,,\n"}),
    ),
    "a member recorded by a weak hash": (
        Refusal.NOT_HASHED,
        plain({**GOOD, "e.py": b"", RECORD: GOOD[RECORD] + b"e.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,0\n"}),
    ),
    "a recorded file that is missing": (Refusal.RECORD_ONLY, record_lines("gone.py,,")),
    "a recorded file outside": (Refusal.RECORD_ONLY, record_lines("../../bin/sh,,")),
    "a member of another size than recorded": (Refusal.RECORD_DIFFERS, plain({**GOOD, "demo.py": b"evil = 1\n"})),
    "a member of other bytes than recorded": (Refusal.RECORD_DIFFERS, plain({**GOOD, "demo.py": b"answer = 43\n"})),
    # E46: dist-info
    "no dist-info": (Refusal.DIST_INFO, plain({"demo.py": DEMO})),
    "two dist-info": (Refusal.DIST_INFO, with_member("other-2.0.dist-info/METADATA")),
    "the dist-info of another project": (
        Refusal.DIST_INFO,
        plain({name.replace("demo-1.0.d", "other-1.0.d"): body for name, body in GOOD.items()}),
    ),
    "the dist-info of another version": (
        Refusal.DIST_INFO,
        plain({name.replace("demo-1.0.d", "demo-2.0.d"): body for name, body in GOOD.items()}),
    ),
    "a second dist-info through the data folder": (
        Refusal.DIST_INFO,
        with_member("demo-1.0.data/purelib/other-2.0.dist-info/METADATA"),
    ),
    "the metadata of another project": (
        Refusal.METADATA,
        dist_info_file("METADATA", b"Metadata-Version: 2.1\nName: other\nVersion: 1.0\n"),
    ),
    "the metadata of another version": (
        Refusal.METADATA,
        dist_info_file("METADATA", b"Metadata-Version: 2.1\nName: demo\nVersion: 2.0\n"),
    ),
    "no metadata": (Refusal.DIST_INFO, plain(recorded(without(GOOD, f"{DIST_INFO}/METADATA")))),
    "a wheel format of the future": (Refusal.WHEEL_VERSION, dist_info_file("WHEEL", b"Wheel-Version: 2.0\n")),
    "no wheel format": (Refusal.WHEEL_VERSION, dist_info_file("WHEEL", b"\n")),
    "the data folder of another wheel": (Refusal.DATA_FOLDER, with_member("other-1.0.data/scripts/x")),
    "data of an unknown kind": (Refusal.DATA_FOLDER, with_member("demo-1.0.data/stdlib/os.py")),
    # E51: content
    "a wrong checksum": (Refusal.BROKEN_CONTENT, changed("demo.py", crc=1)),
    "no deflate stream": (Refusal.BROKEN_CONTENT, changed("demo.py", method=8)),
    "a stream that breaks off": (
        Refusal.BROKEN_CONTENT,
        changed("demo.py", method=8, packed=deflated(DEMO)[:-3]),
    ),
    "a stream that is longer than announced": (
        Refusal.BROKEN_CONTENT,
        changed("demo.py", method=8, packed=deflated(DEMO + b"evil = 1\n"), size=len(DEMO)),
    ),
    "bytes after the stream": (
        Refusal.BROKEN_CONTENT,
        changed("demo.py", method=8, packed=deflated(DEMO) + b"hidden"),
    ),
}


def written(tmp_path: Path, body: bytes, filename: str = FILENAME) -> Path:
    path = tmp_path / filename
    path.write_bytes(body)
    return path


@pytest.mark.parametrize(("refusal", "body"), [pytest.param(*row, id=name) for name, row in _HOSTILE.items()])
def test_hostile_wheel_is_refused(tmp_path: Path, refusal: Refusal, body: bytes) -> None:
    path = written(tmp_path, body)
    with pytest.raises(WheelRefusedError) as caught:
        verify_contents(open_wheel(path))
    assert caught.value.refusal is refusal, str(caught.value)
    assert caught.value.wheel == FILENAME
    assert caught.value.exit_code == 4
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        pytest.param(Limits(members=3), Refusal.TOO_MANY_MEMBERS, id="members"),
        pytest.param(Limits(size_bytes=999_999), Refusal.TOO_LARGE, id="bytes"),
        pytest.param(Limits(harmless_bytes=999_999, ratio=100), Refusal.BOMB, id="ratio"),
    ],
)
def test_bomb_is_refused_before_it_goes_off(tmp_path: Path, limits: Limits, refusal: Refusal) -> None:
    zeros = b"\0" * 1_000_000
    body = changed("zeros", recorded({**GOOD, "zeros": zeros}), method=8, packed=deflated(zeros))
    with pytest.raises(WheelRefusedError) as caught:
        open_wheel(written(tmp_path, body), Strictness(limits=limits))
    assert caught.value.refusal is refusal
    verify_contents(open_wheel(written(tmp_path, body)))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(plain(GOOD), id="stored"),
        pytest.param(streamed(GOOD), id="written into a pipe"),
        pytest.param(zip64(GOOD), id="with ZIP64 fields"),
        pytest.param(changed("demo.py", flags=8, descriptor=descriptor(DEMO)), id="with a descriptor"),
        pytest.param(
            changed("demo.py", flags=8, descriptor=descriptor(DEMO, signature=b"")), id="with a bare descriptor"
        ),
        pytest.param(twice("more/", b""), id="with a folder entry"),
        pytest.param(with_member("d\xe4mo.py"), id="with a non-ASCII name"),
        pytest.param(with_member("demo/data:12.json"), id="with a colon in a name"),
        pytest.param(with_member("demo/_vendor/other-2.0.dist-info/METADATA"), id="with a vendored dist-info"),
        pytest.param(record_lines("demo/,,"), id="with a folder in its RECORD"),
        pytest.param(plain({**GOOD, f"{DIST_INFO}/RECORD.jws": b"{}"}), id="with a signature"),
        pytest.param(
            plain({**GOOD, RECORD: GOOD[RECORD] + GOOD[RECORD].splitlines(keepends=True)[0]}), id="with a row twice"
        ),
        pytest.param(
            entry_points("[console_scripts]\nrun = demo.cli:main [fast]\n[other]\n../x = y\n"), id="with commands"
        ),
    ],
)
def test_unusual_wheel_is_taken(tmp_path: Path, body: bytes) -> None:
    wheel = open_wheel(written(tmp_path, body))
    verify_contents(wheel)
    assert "demo.py" in {member.path for member in wheel.members}
    assert RECORD not in {member.path for member in wheel.members}


@pytest.mark.parametrize(
    "filename",
    [
        pytest.param("Demo-1.0-py3-none-any.whl", id="another case"),
        pytest.param("demo-1-py3-none-any.whl", id="an equal version"),
    ],
)
def test_dist_info_may_spell_the_name_otherwise(tmp_path: Path, filename: str) -> None:
    assert open_wheel(written(tmp_path, plain(GOOD), filename)).dist_info == DIST_INFO


def test_local_version_may_be_spelled_with_an_underscore(tmp_path: Path) -> None:
    members = {
        name.replace("1.0", "1.0_cpu"): body.replace(b"\nVersion: 1.0", b"\nVersion: 1.0+cpu")
        for name, body in without(GOOD, RECORD).items()
    }
    body = plain(recorded(members, "demo-1.0_cpu.dist-info/RECORD"))
    assert open_wheel(written(tmp_path, body, "demo-1.0+cpu-py3-none-any.whl")).dist_info == "demo-1.0_cpu.dist-info"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(plain({**GOOD, "extra.py": b""}), id="a member is not recorded"),
        pytest.param(plain({**GOOD, "demo.py": b"answer = 43\n"}), id="a member differs"),
        pytest.param(record_lines("gone.py,,"), id="a recorded file is missing"),
    ],
)
def test_record_may_be_wrong_where_the_user_says_so(tmp_path: Path, body: bytes) -> None:
    wheel = open_wheel(written(tmp_path, body), Strictness(record=RecordRule.WARN))
    verify_contents(wheel)
    assert len(wheel.warnings) == 1


def test_missing_wheel_is_named(tmp_path: Path) -> None:
    with pytest.raises(WheelUnreadableError):
        open_wheel(tmp_path / FILENAME)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED], ids=["deflated", "stored"])
def test_large_member_is_never_held_whole(tmp_path: Path, compression: int) -> None:
    body = b"".join(number.to_bytes(4) for number in range(1_000_000))
    path = written(tmp_path, make_wheel("demo", files={"demo/big.so": body}, compression=compression).body)
    wheel = open_wheel(path)
    (member,) = (member for member in wheel.members if member.path == "demo/big.so")
    with path.open("rb") as stream:
        sizes = [len(piece) for piece in wheel.iter_content(member, stream)]
    assert sum(sizes) == len(body)
    assert max(sizes) <= 1024 * 1024


@pytest.mark.parametrize("form", [plain, streamed, zip64], ids=lambda form: form.__name__)
def test_no_bit_can_be_turned_unseen(tmp_path: Path, form: Callable[[Members], bytes]) -> None:
    """A changed byte is refused, or says nothing about the files: a date, a version, a permission."""
    good = bytearray(form(GOOD))
    path = tmp_path / FILENAME
    path.write_bytes(good)
    facts = seen(path)
    for place in range(len(good)):
        for bit in (0x01, 0x80):
            good[place] ^= bit
            path.write_bytes(good)
            good[place] ^= bit
            with suppress(WheelRefusedError):
                assert seen(path) == facts, place


def seen(path: Path) -> dict[str, bytes]:
    wheel = open_wheel(path)
    with path.open("rb") as stream:
        return {member.path: b"".join(wheel.iter_content(member, stream)) for member in wheel.members}
