"""What became of a lock: a table of befores and afters."""

import pytest
from msgspec.structs import replace
from packaging.version import Version

from tests.lock.examples import DIGEST, INDEX, LEGACY, ORIGIN, file, lock, pin, sha256
from wheelpin.locks import Lock, LockedTarget, LockFormat, Pin, Provenance, UnnamedFile, parse_lock, to_text
from wheelpin.locks.difference import Added, How, Removed, Replaced, SettingChange, compare_locks, project_of
from wheelpin.values import IndexUrl

WHEEL = "alpha-1.0-py3-none-any.whl"
OTHER_DIGEST = sha256("b")


def local(path: str, *, digest: str = "a") -> Pin:
    filename = path.rpartition("/")[2]
    return pin("alpha", a_file=file(filename, digest=sha256(digest), url=None, path=path, index=None))


def built(digest: str) -> Pin:
    said = Provenance(source="alpha-1.0.tar.gz", source_sha256=DIGEST, image="manylinux2014_x86_64", image_digest=None)
    return pin("alpha", a_file=replace(file(WHEEL, digest=sha256(digest)), built=said))


def unnamed(*digests: str) -> Pin:
    return pin("alpha", a_file=UnnamedFile(digests=frozenset(map(sha256, digests))))


@pytest.mark.parametrize(
    ("before", "after", "how"),
    [
        pytest.param(pin("alpha", "1.0"), pin("alpha", "1.0"), None, id="the same"),
        pytest.param(pin("alpha", via=("a",)), pin("alpha", via=("b",)), None, id="somebody else asks"),
        pytest.param(pin("alpha", "1.9"), pin("alpha", "1.10"), How.UP, id="a higher version, not a longer text"),
        pytest.param(pin("alpha", "2.0"), pin("alpha", "2.0rc1"), How.DOWN, id="a pre-release is lower"),
        pytest.param(pin("alpha", "2.0"), pin("alpha", "1!1.0"), How.UP, id="an epoch is higher"),
        pytest.param(
            pin("alpha"),
            pin("alpha", a_file=file(WHEEL, digest=OTHER_DIGEST)),
            How.FILE_CHANGED,
            id="other bytes under the same name",
        ),
        pytest.param(
            pin("alpha"),
            pin("alpha", a_file=file("alpha-1.0-cp36-abi3-manylinux1_x86_64.whl", digest=OTHER_DIGEST)),
            How.FILE_CHANGED,
            id="a wheel with other tags",
        ),
        pytest.param(
            pin("alpha"),
            pin("alpha", a_file=file("alpha-1.0-1-py3-none-any.whl", digest=OTHER_DIGEST)),
            How.REBUILT,
            id="another build number",
        ),
        pytest.param(
            local(f"wheels/{WHEEL}"), local(f"wheels/{WHEEL}", digest="b"), How.REBUILT, id="a wheel of one's own"
        ),
        pytest.param(built("a"), built("b"), How.REBUILT, id="a wheel that was built and published"),
        pytest.param(
            built("a"), pin("alpha", a_file=file(WHEEL, digest=OTHER_DIGEST)), How.FILE_CHANGED, id="not built"
        ),
        pytest.param(
            local(f"wheels/{WHEEL}"),
            pin("alpha", a_file=file(WHEEL, digest=OTHER_DIGEST)),
            How.FILE_CHANGED,
            id="an index's instead of one's own",
        ),
        pytest.param(
            pin("alpha"),
            pin("alpha", a_file=file(WHEEL, url=f"https://mirror.example/{WHEEL}")),
            How.MOVED,
            id="the same bytes from elsewhere",
        ),
        pytest.param(
            pin("alpha"),
            pin("alpha", a_file=file(WHEEL, url=f"https://me:secret@files.example/{WHEEL}?token=1")),
            None,
            id="the same address with a secret",
        ),
        pytest.param(pin("alpha"), pin("alpha", a_file=file(WHEEL, url=None)), None, id="a form without addresses"),
        pytest.param(pin("alpha"), unnamed("a", "b"), None, id="one of several digests"),
        pytest.param(unnamed("a"), unnamed("a", "b"), None, id="a further digest"),
        pytest.param(pin("alpha"), unnamed("b"), How.FILE_CHANGED, id="none of the digests"),
    ],
)
def test_pin_is_replaced_in_one_way(before: Pin, after: Pin, how: How | None) -> None:
    found = compare_locks(lock(before), lock(after))
    assert found.settings == ()
    assert found.pins == (() if how is None else (Replaced(before=before, after=after, how=how),))


def test_pins_come_and_go_sorted_by_project() -> None:
    found = compare_locks(lock(pin("zeta"), pin("beta")), lock(pin("beta"), pin("alpha")))
    assert found.pins == (Added(pin=pin("alpha")), Removed(pin=pin("zeta")))
    assert [project_of(change) for change in found.pins] == ["alpha", "zeta"]


OTHER_TARGET = LockedTarget(name="x", spelling="cp312-win_amd64", python_full_version=Version("3.12.3"))


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param(lock(), lock(), [], id="the same"),
        pytest.param(
            lock(),
            lock(target=OTHER_TARGET),
            [("target", LEGACY.spelling, "cp312-win_amd64"), ("python", "3.6.15", "3.12.3")],
            id="another target",
        ),
        pytest.param(lock(), lock(target=None), [], id="a form that says nothing of a target"),
        pytest.param(
            lock(inputs=("a", "-r b.in")),
            lock(inputs=("a",)),
            [("inputs", "a, -r b.in", "a")],
            id="other inputs",
        ),
        pytest.param(
            lock(inputs=("a",)),
            lock(inputs=("a",), exclude_newer="2024-01-01T00:00:00Z"),
            [("exclude-newer", "", "2024-01-01T00:00:00Z")],
            id="a cut-off",
        ),
        pytest.param(
            lock(), lock(exclude_newer="2024-01-01T00:00:00Z"), [], id="a cut-off, where one side is another tool's"
        ),
        pytest.param(
            lock(),
            lock(indexes=(IndexUrl("https://mirror.example/simple/"),)),
            [("indexes", INDEX, "https://mirror.example/simple/")],
            id="another index",
        ),
        pytest.param(lock(), lock(indexes=()), [], id="a form that says nothing of indexes"),
        pytest.param(lock(refresh_command="a"), lock(refresh_command="b"), [], id="another way to say the same"),
    ],
)
def test_what_a_lock_was_made_for_is_compared(before: Lock, after: Lock, changes: list[tuple[str, str, str]]) -> None:
    found = compare_locks(before, after)
    assert found.settings == tuple(SettingChange(name=name, before=old, after=new) for name, old, new in changes)
    assert found.is_empty is not bool(changes)


@pytest.mark.parametrize("form", LockFormat, ids=lambda form: form.value)
@pytest.mark.parametrize("other", LockFormat, ids=lambda form: form.value)
def test_forms_of_one_lock_do_not_differ(form: LockFormat, other: LockFormat) -> None:
    found = lock(pin("alpha"), pin("beta", "2.0", via=("alpha",)), inputs=("alpha",))
    sides = [parse_lock(to_text(found, each), ORIGIN) for each in (form, other)]
    assert compare_locks(*sides).is_empty
