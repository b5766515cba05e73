"""The form in which a folder's files are remembered."""

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


@pytest.mark.parametrize(
    "blob",
    [b"", b"\xff\0" * 9, b"/x\0a\0b\0many", b"/x\0a\0b\x000\x005", b"/x\0a\0b\x000\x000\0a.py\0name\x001\x002\x003"],
    ids=["nothing", "noise", "no count", "warnings that are not there", "half a row"],
)
def test_anything_else_is_none(blob: bytes) -> None:
    assert decode_tree(blob) is None
