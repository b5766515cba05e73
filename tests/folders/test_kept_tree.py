"""The form in which a folder's files are remembered."""

import struct

import pytest

from wheelpin.folders.kept_tree import KeptTree, decode_tree, encode_tree

TREE = KeptTree(
    destination="/work/vendored",
    watched=[("/work/lock.txt", "ab" * 32)],
    said=("vendored: ", ", 1 wheel"),
    warnings=["the patch is assumed"],
    files=[("demo/a.py", "files-1/ab/cd", (7, 6, 123_456_789, 0o100644)), ("ü.py", "files-1/ef/01", (8, 0, -1, 1))],
)


def test_tree_comes_back_as_it_was_kept() -> None:
    blob = encode_tree(TREE)
    assert blob is not None
    found = decode_tree(blob)
    assert found is not None
    assert vars(found) == vars(TREE)


def test_empty_tree_comes_back() -> None:
    blob = encode_tree(KeptTree(destination="/x", watched=[], said=("", ""), warnings=[], files=[]))
    assert blob is not None
    found = decode_tree(blob)
    assert found is not None
    assert found.files == []


def test_what_the_form_cannot_hold_is_not_kept() -> None:
    assert encode_tree(KeptTree(destination="/x", watched=[], said=("", ""), warnings=["a\0b"], files=[])) is None


def test_numbers_longer_than_the_form_has_are_not_kept() -> None:
    files = [("a.py", "files-1/ab/cd", (1 << 80, 6, 5, 0o100644))]
    assert encode_tree(KeptTree(destination="/x", watched=[], said=("", ""), warnings=[], files=files)) is None


def spelled(text: str, states: bytes = b"", *, files: int = 0) -> bytes:
    return struct.pack("<2Q", len(text.encode()), files) + text.encode() + states


@pytest.mark.parametrize(
    "blob",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\0" * 9, id="noise"),
        pytest.param(spelled("/x\0a\0b\0many"), id="no count"),
        pytest.param(spelled("/x\0a\0b\x000\x005"), id="warnings that are not there"),
        pytest.param(spelled("/x\0a\0b\x000\x000\0a.py\0name", bytes(31), files=1), id="half a state"),
        pytest.param(spelled("/x\0a\0b\x000\x000\0a.py", bytes(32), files=1), id="a file without a name"),
    ],
)
def test_anything_else_is_none(blob: bytes) -> None:
    assert decode_tree(blob) is None
