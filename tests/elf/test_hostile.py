import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import make_wheel, make_zip
from tests.elf_builders import ARCHITECTURES, Elf, make_elf, make_extension
from wheelpin.elf.audit import audit_wheel
from wheelpin.elf.facts import read_elf
from wheelpin.elf.headers import binary_architecture
from wheelpin.elf.wheel import NoWheelNameError, WheelUnreadableError, read_wheel_binaries
from wheelpin.elf.window import BrokenBinaryError, Window

RICH = {
    (architecture, hashes): make_elf(
        Elf(
            architecture=architecture,
            hashes=hashes,
            needed=["libm.so.6", "libc.so.6"],
            versions={"libm.so.6": {"GLIBC_2.29": ["exp"]}, "libc.so.6": {"GLIBC_2.17": ["memcpy"]}},
            defined=["PyInit__bar"],
            undefined=["PyLong_FromLong"],
            soname="_bar.so",
            runpath="$ORIGIN",
            interpreter="/lib64/ld-linux-x86-64.so.2",
            isa_bits=2,
        )
    )
    for architecture in ARCHITECTURES
    for hashes in ("gnu", "plain")
}
NAME = "bar-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"


def read_or_refuse(data: bytes) -> None:
    with suppress(BrokenBinaryError):
        read_elf(io.BytesIO(data))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    binary_architecture(data)
    read_or_refuse(data)
    read_or_refuse(b"\x7fELF\2\1" + data)
    read_or_refuse(b"\x7fELF\1\2" + data)


@settings(deadline=None)
@given(st.sampled_from(sorted(RICH)), st.data())
def test_a_cut_file_is_read_or_refused(key: tuple[str, str], data: st.DataObject) -> None:
    whole = RICH[key]
    read_or_refuse(whole[: data.draw(st.integers(0, len(whole)))])


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(RICH)), st.data())
def test_a_file_with_changed_bytes_is_read_or_refused(key: tuple[str, str], data: st.DataObject) -> None:
    changed = bytearray(RICH[key])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(4, len(changed) - 1))
        width = data.draw(st.sampled_from([1, 2, 4, 8]))
        value = data.draw(st.sampled_from([0, 1, 0x7F, 0xFF]))
        changed[place : place + width] = bytes([value]) * min(width, len(changed) - place)
    read_or_refuse(bytes(changed))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_wheel_with_changed_bytes_is_audited_or_refused(data: st.DataObject) -> None:
    wheel = make_wheel("bar", tag="cp312-cp312-manylinux_2_17_x86_64", files={"_bar.so": make_extension()})
    changed = bytearray(wheel.body)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with suppress(WheelUnreadableError):
        audit_wheel(io.BytesIO(bytes(changed)), NAME)


def test_a_member_without_a_name_is_told_of_as_any_other() -> None:
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("_bar.so", make_extension())
        archive.infolist()[0].filename = ""
    (unreadable,) = read_wheel_binaries(wheel, NAME).unreadable
    assert (unreadable.path, "differ" in unreadable.reason) == ("", True)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        pytest.param(54, struct.pack("<H", 57), "2 segments of 57 bytes", id="segments of another size"),
        pytest.param(56, struct.pack("<H", 0xFFFF), "65535 segments", id="more segments than any file has"),
        pytest.param(32, struct.pack("<Q", 1 << 60), "its segments cannot be read", id="segments outside any file"),
        pytest.param(4, b"\3", "header is none", id="a class that is none"),
    ],
)
def test_an_absurd_header_is_refused_with_its_reason(place: int, value: bytes, reason: str) -> None:
    data = bytearray(make_elf(Elf()))
    data[place : place + len(value)] = value
    with pytest.raises(BrokenBinaryError) as caught:
        read_elf(io.BytesIO(bytes(data)))
    assert reason in caught.value.reason


def dynamic_entry(data: bytearray, tag: int) -> int:
    """Find where the value of a 64-bit dynamic entry lies."""
    return data.rindex(struct.pack("<Q", tag)) + 8


@pytest.mark.parametrize(
    ("tag", "value", "reason"),
    [
        pytest.param(0x6FFFFFFF, 1 << 40, "versions of 1099511627776 libraries", id="needed versions without end"),
        pytest.param(10, 1 << 40, "its string table would be", id="a string table beyond memory"),
        pytest.param(5, 1 << 40, "no segment holds the address", id="a string table that is not loaded"),
        pytest.param(6, 0x10001, "", id="symbols that are not symbols"),
    ],
)
def test_an_absurd_dynamic_section_is_refused_with_its_reason(tag: int, value: int, reason: str) -> None:
    data = bytearray(make_elf(Elf(versions={"libc.so.6": {"GLIBC_2.4": ["a"]}}, defined=["b"])))
    struct.pack_into("<Q", data, dynamic_entry(data, tag), value)
    with pytest.raises(BrokenBinaryError) as caught:
        read_elf(io.BytesIO(bytes(data)))
    assert reason in caught.value.reason


def test_needed_versions_that_lead_in_a_circle_end() -> None:
    data = bytearray(make_elf(Elf(versions={"libc.so.6": {"GLIBC_2.4": ["a"], "GLIBC_2.5": ["b"]}}, defined=["c"])))
    (address,) = struct.unpack_from("<Q", data, dynamic_entry(data, 0x6FFFFFFE))
    struct.pack_into("<I", data, address - 0x10000 + 12, 1 << 31)
    struct.pack_into("<Q", data, dynamic_entry(data, 0x6FFFFFFF), 4096)
    with pytest.raises(BrokenBinaryError, match="its needed versions cannot be read"):
        read_elf(io.BytesIO(bytes(data)))


def note(name_size: int, content_size: int, type_: int = 1) -> bytes:
    return struct.pack("<III", name_size, content_size, type_)


@pytest.mark.parametrize(
    ("notes", "reason"),
    [
        pytest.param(note(0, 0) * 80_000, "its tables lead in circles", id="notes without end"),
        pytest.param(bytes(1024 * 1024 + 4), "1048580 bytes of notes", id="more notes than any file has"),
        pytest.param(note(8, 4) + b"noendingabcd", "its notes cannot be read", id="a name that does not end"),
        pytest.param(note(4, 1 << 31, 5) + b"GNU\0", "its notes cannot be read", id="a property of two gigabytes"),
    ],
)
def test_absurd_notes_are_refused_with_their_reason(notes: bytes, reason: str) -> None:
    data = bytearray(make_elf(Elf(isa_bits=1)))
    row = next(at for at in range(64, 64 + 56 * 3, 56) if data[at] == 4)
    struct.pack_into("<Q", data, row + 8, len(data))
    struct.pack_into("<Q", data, row + 32, len(notes))
    with pytest.raises(BrokenBinaryError) as caught:
        read_elf(io.BytesIO(bytes(data) + notes))
    assert reason in caught.value.reason


def test_more_needed_versions_than_any_file_has_are_refused() -> None:
    data = bytearray(make_elf(Elf(versions={"libc.so.6": {"GLIBC_2.4": ["a"]}}, defined=["c"])))
    (address,) = struct.unpack_from("<Q", data, dynamic_entry(data, 0x6FFFFFFE))
    place = address - 0x10000
    version = struct.pack("<IHHII", 0, 0, 2, 0, 16)
    more = struct.pack("<HHIII", 1, 0xFFFF, 0, 16, 16 + 16 * 0xFFFF) + version * 0xFFFF
    struct.pack_into("<I", data, place + 12, len(data) - place)
    struct.pack_into("<Q", data, dynamic_entry(data, 0x6FFFFFFF), 4096)
    with pytest.raises(BrokenBinaryError, match="its needed versions cannot be read: its tables lead in circles"):
        read_elf(io.BytesIO(bytes(data) + more * 2))


class CountingStream:
    """A stream that tells how far it was read."""

    def __init__(self, data: bytes) -> None:
        self.stream = io.BytesIO(data)
        self.farthest = 0

    def read(self, size: int, /) -> bytes:
        data = self.stream.read(size)
        self.farthest = max(self.farthest, self.stream.tell())
        return data

    def seek(self, offset: int, /) -> int:
        return self.stream.seek(offset)


def test_a_file_is_read_only_as_far_as_its_tables_reach() -> None:
    stream = CountingStream(make_extension() + bytes(10_000_000))
    read_elf(stream)
    assert stream.farthest < 200_000


def test_what_lies_far_back_is_read_there_and_not_kept() -> None:
    class Endless:
        place = 0

        def read(self, size: int, /) -> bytes:
            self.place += size
            return bytes([self.place % 251]) * size

        def seek(self, offset: int, /) -> int:
            self.place = offset
            return offset

    window = Window(Endless())
    assert len(window.read_at(3_000_000_000, 16, "it")) == 16
    assert len(window.read_at(0, 16, "it")) == 16
    assert len(window.read_at(3_000_000_000, 16, "it")) == 16
    with pytest.raises(BrokenBinaryError):
        window.read_at(5_000_000_000, 16, "it")


@pytest.mark.parametrize(
    "filename", ["bar.whl", "bar-1.0.whl", "bar-1.0-py3-none-any.zip", "", "a-1-b-py3-none-any.whl"]
)
def test_a_name_that_claims_nothing_is_refused(filename: str) -> None:
    with pytest.raises(NoWheelNameError):
        read_wheel_binaries(io.BytesIO(make_zip([])), filename)


def test_a_name_with_thousands_of_tags_is_refused() -> None:
    tags = ".".join(f"cp3{minor}" for minor in range(1000))
    with pytest.raises(NoWheelNameError):
        read_wheel_binaries(io.BytesIO(make_zip([])), f"bar-1.0-{tags}-none-any.whl")


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(WheelUnreadableError, match="File is not a zip file"):
        read_wheel_binaries(io.BytesIO(b"nothing"), NAME)


def test_a_member_that_is_broken_is_a_finding_and_hides_no_other() -> None:
    members = [("a.so", b"\x7fELF" + bytes(20)), ("b.so", make_extension("b"))]
    audit = audit_wheel(io.BytesIO(make_zip(members)), NAME)
    assert [str(violation) for violation in audit.broken_claims] == [
        "a.so cannot be read: its header is none that ELF knows"
    ]
    assert [file.path for file in audit.binaries.elf_files] == ["b.so"]


def test_an_archive_bomb_is_a_finding() -> None:
    bomb = make_extension() + bytes(70 * 1024 * 1024)
    audit = audit_wheel(io.BytesIO(make_zip([("bomb.so", bomb)])), NAME)
    (violation,) = audit.broken_claims
    assert "claims to unpack from" in str(violation)


def test_a_packing_method_that_wheels_do_not_use_is_a_finding() -> None:
    body = make_zip([("_bar.so", make_extension())], compression=zipfile.ZIP_LZMA)
    (violation,) = audit_wheel(io.BytesIO(body), NAME).broken_claims
    assert "packed by method 14" in str(violation)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("bar.cpython-312-x86_64-linux-gnu.so", b"", "it is empty", id="empty"),
        pytest.param("bar.pypy310-pp73-x86_64-linux-gnu.so", b"#!/bin/sh\n" * 9, "is no binary", id="a script"),
        pytest.param("libbar.so", b"INPUT(-lbar)", None, id="a linker script"),
        pytest.param("bar.cpython-311-wasm32-emscripten.so", b"\0asm" * 20, None, id="of another system"),
    ],
)
def test_module_that_is_no_binary_is_a_finding(name: str, content: bytes, reason: str | None) -> None:
    wheel = make_wheel("bar", tag="cp312-cp312-manylinux_2_17_x86_64", files={name: content})
    found = audit_wheel(io.BytesIO(wheel.body), wheel.filename).broken_claims
    assert [reason in str(each) for each in found if reason] == [True] * (reason is not None)
