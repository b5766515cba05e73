import io

import pytest

from tests.elf_builders import Elf, make_elf
from wheelpin.elf.facts import read_elf
from wheelpin.elf.linking import Links, is_loader
from wheelpin.elf.wheel import ElfFile
from wheelpin.target import Libc


def file(path: str, *needed: str, rpath: str | None = None, runpath: str | None = None) -> ElfFile:
    facts = read_elf(io.BytesIO(make_elf(Elf(needed=needed, rpath=rpath, runpath=runpath))))
    return ElfFile(path=path, installed_path=path, facts=facts)


LIBRARY = file("bar.libs/libz-1234.so.1")


@pytest.mark.parametrize(
    ("needing", "is_inside"),
    [
        pytest.param(file("bar/_bar.so", "libz-1234.so.1", rpath="$ORIGIN/../bar.libs"), True, id="RPATH"),
        pytest.param(
            file("bar/_bar.so", "libz-1234.so.1", runpath="${ORIGIN}/../bar.libs"), True, id="RUNPATH, braces"
        ),
        pytest.param(
            file("bar/_bar.so", "libz-1234.so.1", runpath="/lib:$ORIGIN/../bar.libs"), True, id="second place"
        ),
        pytest.param(
            file("bar/_bar.so", "libz-1234.so.1", runpath="$ORIGIN/../other.libs"), False, id="another folder"
        ),
        pytest.param(file("bar/_bar.so", "libz-1234.so.1", runpath="/bar.libs"), False, id="a folder of the machine"),
        pytest.param(
            file("bar/_bar.so", "libz-1234.so.1", runpath="$ORIGINAL/../bar.libs"), False, id="not the origin"
        ),
        pytest.param(file("bar/_bar.so", "libz-1234.so.1"), False, id="no path at all"),
        pytest.param(file("bar/_bar.so", "libz.so.1", rpath="$ORIGIN/../bar.libs"), False, id="another name"),
    ],
)
def test_a_library_of_the_wheel_is_found_by_the_paths_of_who_needs_it(needing: ElfFile, *, is_inside: bool) -> None:
    links = Links.of([needing, LIBRARY])
    found = links.library_of(needing, needing.facts.needed[0])
    assert (found is LIBRARY) if is_inside else (found is None)


def test_a_library_without_paths_is_found_by_the_paths_of_its_loader() -> None:
    module = file("bar/_bar.so", "libpng.so", rpath="$ORIGIN/../bar.libs")
    png = file("bar.libs/libpng.so", "libz-1234.so.1")
    assert Links.of([module, png, LIBRARY]).library_of(png, "libz-1234.so.1") is LIBRARY
    assert Links.of([png, LIBRARY]).library_of(png, "libz-1234.so.1") is None


def test_libraries_that_need_each_other_end() -> None:
    one = file("bar.libs/one.so", "two.so", rpath="$ORIGIN")
    two = file("bar.libs/two.so", "one.so")
    links = Links.of([one, two])
    assert links.library_of(two, "one.so") is one


@pytest.mark.parametrize(
    ("library", "libc", "is_there"),
    [
        ("ld-linux-x86-64.so.2", Libc.GLIBC, True),
        ("ld64.so.2", Libc.GLIBC, True),
        ("libc.so.6", Libc.GLIBC, False),
        ("libc.so", Libc.MUSL, True),
        ("libc.musl-x86_64.so.1", Libc.MUSL, True),
        ("libpthread.so.0", Libc.MUSL, True),
        ("libz.so.1", Libc.MUSL, False),
        ("libc.so", Libc.GLIBC, False),
    ],
)
def test_the_loader_is_there_before_anything_is_loaded(library: str, libc: Libc, *, is_there: bool) -> None:
    assert is_loader(library, libc) is is_there
