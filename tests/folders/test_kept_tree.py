"""The form in which a folder's files are remembered."""

import struct
from collections.abc import Sequence

import pytest

from wheelpin.folders.kept_files import State
from wheelpin.folders.kept_tree import KeptTree, decode_tree, encode_tree, halves_of, read_half

FILES = (
    ("ü.py", "files-1/ef/01", (8, 0, -1, 1)),
    ("demo/a.py", "files-1/ab/cd", (7, 6, 123_456_789, 0o100644)),
    ("demo/b.py", "files-1/ab/ce", (9, 6, 123_456_789, 0o100644)),
)


def made(
    *, files: Sequence[tuple[str, str, State]] = (), warnings: Sequence[str] = (), said: tuple[str, str] = ("", "")
) -> KeptTree:
    halves = halves_of(files)
    assert halves is not None
    watched = [("/srv/lock.txt", "ab" * 32)]
    return KeptTree(destination="/srv/vendored", watched=watched, said=said, warnings=warnings, halves=halves)


def files_in(tree: KeptTree) -> list[tuple[str, str, State]]:
    rows = [row for half in tree.halves for row in read_half(half)[1]]
    return [(path, name, (inode, size, time, mode)) for path, name, inode, size, time, mode in rows]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_tree_comes_back_as_it_was_kept(count: int) -> None:
    tree = made(files=FILES[:count], warnings=["the patch is assumed"], said=("vendored: ", ", 1 wheel"))
    blob = encode_tree(tree)
    assert blob is not None
    found = decode_tree(blob)
    assert found is not None
    assert vars(found) == vars(tree)
    assert files_in(found) == sorted(FILES[:count])


def test_halves_are_in_the_order_of_paths() -> None:
    halves = halves_of(FILES)
    assert halves is not None
    assert [list(read_half(half)[0]) for half in halves] == [["demo/a.py"], ["demo/b.py", "ü.py"]]


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(("a\0b.py", "files-1/ab/cd", (1, 2, 3, 4)), id="a path with a NUL"),
        pytest.param(("a.py", "files-1/ab/cd", (1 << 80, 6, 5, 0o100644)), id="numbers longer than the form has"),
    ],
)
def test_files_that_the_form_cannot_hold_are_not_kept(file: tuple[str, str, State]) -> None:
    assert halves_of([file]) is None


def test_what_the_form_cannot_hold_is_not_kept() -> None:
    assert encode_tree(made(warnings=["a\0b"])) is None


def spelled(text: str) -> bytes:
    return struct.pack("<2Q", len(text.encode()), 0) + text.encode()


@pytest.mark.parametrize(
    "blob",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\0" * 9, id="noise"),
        pytest.param(spelled("/x\0a\0b\0many"), id="no count"),
        pytest.param(spelled("/x\0a\0b\x000\x005"), id="warnings that are not there"),
        pytest.param(spelled("/x\0a\0b\x000\x000\0more"), id="more than that"),
    ],
)
def test_anything_else_is_none(blob: bytes) -> None:
    assert decode_tree(blob) is None


@pytest.mark.parametrize(
    "half",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(struct.pack("<2Q", 4, 1) + b"a\0bc" + bytes(31), id="half a state"),
        pytest.param(struct.pack("<2Q", 4, 1) + b"a.py" + bytes(32), id="a file without a name"),
        pytest.param(struct.pack("<2Q", 2, 1) + b"\xff\xff" + bytes(32), id="no names at all"),
    ],
)
def test_other_files_are_refused(half: bytes) -> None:
    with pytest.raises((ValueError, struct.error)):
        read_half(half)
