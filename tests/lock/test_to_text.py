import pytest

from tests.lock.examples import INDEX, LEGACY, file, lock, pin, sha256
from wheelpin.locks import Lock, LockedFile, LockedTarget, LockFormat, Pin, PinWithoutAddressError, UnnamedFile, to_text
from wheelpin.target import Target
from wheelpin.values import IndexUrl

CRYPTOGRAPHY = pin(
    "cryptography",
    "3.3.2",
    a_file=file("cryptography-3.3.2-cp36-abi3-manylinux1_x86_64.whl", digest=sha256("c")),
    via=("-r requirements.in",),
)
CFFI = pin(
    "cffi",
    "1.15.1",
    a_file=file("cffi-1.15.1-cp36-cp36m-manylinux1_x86_64.whl", digest=sha256("f")),
    via=("pynacl", "cryptography", "pynacl"),
)
LOCK = lock(
    CRYPTOGRAPHY,
    CFFI,
    inputs=("-r requirements.in", "-c constraints.txt"),
    refresh_command="wheelpin lock -r requirements.in -c constraints.txt --target cp36-manylinux1_x86_64",
)
HEADER = """\
# Wheels for cp36-manylinux1_x86_64 and Python 3.6.15, locked by wheelpin.
# wheelpin: target=cp36-manylinux1_x86_64 python-full-version=3.6.15
# lock-version: 1
# input: -r requirements.in
# input: -c constraints.txt
# index: https://index.example/simple/
# refresh: wheelpin lock -r requirements.in -c constraints.txt --target cp36-manylinux1_x86_64

"""


def lines(a_lock: Lock, lock_format: LockFormat = LockFormat.REQUIREMENTS) -> list[str]:
    return to_text(a_lock, lock_format).splitlines()


def test_requirements_form_names_one_address_a_project_and_who_asked() -> None:
    assert to_text(LOCK, LockFormat.REQUIREMENTS) == HEADER + (
        f"cffi @ https://files.example/cffi-1.15.1-cp36-cp36m-manylinux1_x86_64.whl#sha256={'f' * 64}\n"
        "    # via cryptography\n"
        "    # via pynacl\n"
        f"cryptography @ https://files.example/cryptography-3.3.2-cp36-abi3-manylinux1_x86_64.whl#sha256={'c' * 64}\n"
        "    # via -r requirements.in\n"
    )


def test_hashes_form_names_versions_and_file_names_and_no_address() -> None:
    assert to_text(LOCK, LockFormat.HASHES) == HEADER.replace(f"# index: {INDEX}\n", "") + (
        f"cffi==1.15.1 --hash=sha256:{'f' * 64}\n"
        "    # file: cffi-1.15.1-cp36-cp36m-manylinux1_x86_64.whl\n"
        "    # via cryptography\n"
        "    # via pynacl\n"
        f"cryptography==3.3.2 --hash=sha256:{'c' * 64}\n"
        "    # file: cryptography-3.3.2-cp36-abi3-manylinux1_x86_64.whl\n"
        "    # via -r requirements.in\n"
    )


@pytest.mark.parametrize(
    ("a_lock", "expected"),
    [
        pytest.param(
            lock(
                target=LockedTarget(
                    name="lambda",
                    spelling="cp311-manylinux_2_26_x86_64",
                    python_full_version=LEGACY.python_full_version,
                    is_patch_assumed=True,
                )
            ),
            ["# target-name: lambda", "# patch: assumed"],
            id="a target's own name and an assumed patch are told",
        ),
        pytest.param(
            lock(exclude_newer="2024-05-01T00:00:00Z"),
            ["# exclude-newer: 2024-05-01T00:00:00Z"],
            id="the upload cut-off is told",
        ),
        pytest.param(lock(target=None), ["# Wheels locked by wheelpin."], id="without a target nothing is invented"),
        pytest.param(
            lock(indexes=(IndexUrl("https://user:secret@index.example/simple/?sig=1"),)),
            ["# index: https://index.example/simple/"],
            id="an index is named without secrets",
        ),
        pytest.param(
            lock(inputs=("a\nevil==1", "b\u2028evil==1")),
            ["# input: a evil==1", "# input: b evil==1"],
            id="an input with line breaks stays one comment",
        ),
    ],
)
def test_header(a_lock: Lock, expected: list[str]) -> None:
    assert set(expected) <= set(lines(a_lock))
    assert all(line.startswith("#") for line in lines(a_lock) if line)


@pytest.mark.parametrize(
    ("a_pin", "expected"),
    [
        pytest.param(
            pin("a", a_file=file("a-1.0-py3-none-any.whl", url="https://me:pw@files.example/a.whl?sig=x#y")),
            f"a @ https://files.example/a.whl#sha256={'a' * 64}",
            id="user information, query and fragment are dropped",
        ),
        pytest.param(
            pin("a", a_file=file("a-1.0-py3-none-any.whl", url="https://files.example/a b;é/${X}/a%2B1.whl")),
            f"a @ https://files.example/a%20b%3B%C3%A9/%24%7BX%7D/a%2B1.whl#sha256={'a' * 64}",
            id="what pip would take for something else is percent-encoded, once",
        ),
        pytest.param(
            pin(
                "a",
                a_file=file("a-1.0-py3-none-any.whl", url=None, index=None, path="built wheels/a-1.0-py3-none-any.whl"),
            ),
            f"./built wheels/a-1.0-py3-none-any.whl --hash=sha256:{'a' * 64}",
            id="a file that no index holds is named by its relative path",
        ),
    ],
)
def test_address_line(a_pin: Pin, expected: str) -> None:
    assert lines(lock(a_pin))[5] == expected


@pytest.mark.parametrize(
    ("index", "comment"),
    [
        pytest.param(INDEX, None, id="the first index goes without saying"),
        pytest.param(IndexUrl("https://two.example/simple/"), "    # index: https://two.example/simple/", id="another"),
        pytest.param(None, "    # index: none", id="a direct address"),
    ],
)
def test_index_of_a_file_is_told_where_it_is_not_the_first(index: IndexUrl | None, comment: str | None) -> None:
    text = lines(lock(pin("a", a_file=file("a-1.0-py3-none-any.whl", index=index))))
    assert [line for line in text if line.startswith("    # index")] == ([comment] if comment else [])


def test_notes_and_narrower_tags_stand_under_their_pin() -> None:
    text = lines(lock(pin("a", tags=("cp36", "manylinux1"), notes=("The index gave no digest;\nit is computed.",))))
    assert text[-2:] == ["    # tags: cp36,manylinux1", "    # note: The index gave no digest; it is computed."]


def test_equal_locks_are_equal_text_whatever_the_order_of_pins() -> None:
    assert lock(CFFI, CRYPTOGRAPHY) == lock(CRYPTOGRAPHY, CFFI)
    assert lines(lock(CFFI, CRYPTOGRAPHY)) == lines(lock(CRYPTOGRAPHY, CFFI))


@pytest.mark.parametrize("lock_format", [LockFormat.REQUIREMENTS, LockFormat.HASHES])
def test_text_beyond_ascii_names_its_encoding_where_old_pips_look_for_it(lock_format: LockFormat) -> None:
    assert lines(lock(pin("a", via=("-r größe.in",))), lock_format)[0] == "# -*- coding: utf-8 -*-"
    assert "coding" not in to_text(lock(pin("a")), lock_format)


@pytest.mark.parametrize(
    "a_file",
    [
        pytest.param(file("a-1.0-py3-none-any.whl", url=None), id="a file from a lock in hashes form"),
        pytest.param(UnnamedFile(digests=frozenset([sha256("a")])), id="another tool's digests"),
    ],
)
def test_pin_without_address_has_no_requirements_form(a_file: LockedFile | UnnamedFile) -> None:
    with pytest.raises(PinWithoutAddressError) as caught:
        to_text(lock(pin("a", a_file=a_file)), LockFormat.REQUIREMENTS)
    assert (caught.value.project, caught.value.version) == ("a", "1.0")
    assert str(caught.value) == "the pin a 1.0 has no address to write"
    assert "hashes" in caught.value.hint


def test_digests_of_an_unnamed_file_are_sorted() -> None:
    unnamed = UnnamedFile(digests=frozenset([sha256("b"), sha256("a")]))
    assert lines(lock(pin("a", a_file=unnamed)), LockFormat.HASHES)[-1] == (
        f"a==1.0 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}"
    )


def test_lock_keeps_of_a_target_what_reads_back_as_the_same() -> None:
    target = Target.parse("manylinux1-cp36-x86_64", python_full_version="3.6.15")
    assert LockedTarget.of(target) == LEGACY
