"""What an index says today against pins, in a table: each row one thing that became of a file."""

from typing import ClassVar

import pytest
from msgspec.structs import replace

from tests.lock.examples import INDEX, file, lock, pin, sha256
from tests.resolve.fake_index import FakeIndex
from wheelpin.checks import Finding, Kind, Severity
from wheelpin.checks.against_index import check_listed, is_listed
from wheelpin.files import IndexFile, ProjectPage, SkippedEntry
from wheelpin.locks import Lock, Pin, Proof, UnnamedFile
from wheelpin.target import Target

TARGET = Target.parse("cp36-manylinux1_x86_64")
WHEEL = "alpha-1.0-py3-none-any.whl"
LISTED = IndexFile(filename=WHEEL, url=f"https://files.example/{WHEEL}", sha256=sha256("a"), size_bytes=10)
SIZED = pin("alpha", a_file=replace(file(WHEEL), size_bytes=10))
LOCK = lock(SIZED)


def listed(**changes: object) -> IndexFile:
    fields = {name: getattr(LISTED, name) for name in LISTED.__struct_fields__}
    return IndexFile(**{**fields, **changes})


def page(*files: IndexFile, status: str = "active", reason: str | None = None) -> ProjectPage:
    return ProjectPage(project=SIZED.project, index=INDEX, files=files, status=status, status_reason=reason)


def found(a_page: ProjectPage | None, a_lock: Lock = LOCK) -> list[Finding]:
    index = FakeIndex([] if a_page is None else [a_page], {})
    return list(check_listed(a_lock, index, TARGET))


class BrokenEntries:
    """A page whose one entry cannot be a file."""

    lines = f"{WHEEL}\n"
    found: ClassVar[dict[str, dict[int, str]]] = {}

    def read_before(self, filename: str) -> None:
        return None

    def read(self, place: int, filename: str | None = None) -> IndexFile:
        raise ValueError(f"entry {place} has no address")


@pytest.mark.parametrize(
    ("a_page", "told"),
    [
        pytest.param(page(LISTED), [], id="as it was"),
        pytest.param(None, [(Kind.GONE, "no index has alpha any more")], id="no project"),
        pytest.param(page(), [(Kind.GONE, f"{WHEEL} is not on {INDEX} any more")], id="no file"),
        pytest.param(
            ProjectPage(project=SIZED.project, index=INDEX, files=BrokenEntries()),
            [(Kind.GONE, f"{WHEEL} is not on {INDEX} any more")],
            id="an entry that is broken now",
        ),
        pytest.param(page(listed(yanked="broken")), [(Kind.YANKED, f"{WHEEL} was yanked: broken")], id="yanked"),
        pytest.param(page(listed(yanked="")), [(Kind.YANKED, f"{WHEEL} was yanked")], id="yanked without a reason"),
        pytest.param(
            page(status="quarantined", reason="malware"),
            [(Kind.QUARANTINED, "alpha is quarantined: malware")],
            id="quarantined",
        ),
        pytest.param(page(LISTED, status="archived"), [(Kind.STATUS, "alpha is archived")], id="archived"),
        pytest.param(
            page(listed(sha256=sha256("b"))),
            [(Kind.HASH, f"{WHEEL} is another file than was locked: its sha256 is {'b' * 64} now")],
            id="another hash",
        ),
        pytest.param(
            page(listed(sha256=None)),
            [(Kind.UNSEEN, f"the index gives no sha256 of {WHEEL}: whether it is still the same was not looked at")],
            id="no hash",
        ),
        pytest.param(
            page(listed(size_bytes=11)), [(Kind.SIZE, f"{WHEEL} has 11 bytes on the index now, and had 10")], id="size"
        ),
        pytest.param(page(listed(size_bytes=None)), [], id="no size"),
        pytest.param(
            page(listed(requires_python=">=3.7")),
            [(Kind.REQUIRES_PYTHON, f"{WHEEL} requires Python >=3.7 now, the target has 3.6.15")],
            id="a Python that the target is not",
        ),
        pytest.param(page(listed(requires_python=">=3")), [], id="a Python that the target is"),
        pytest.param(
            page(listed(requires_python="three")),
            [(Kind.REQUIRES_PYTHON, f"{WHEEL} requires Python three now, the target has 3.6.15")],
            id="a Python that nobody can read",
        ),
    ],
)
def test_what_became_of_a_file_is_told(a_page: ProjectPage | None, told: list[tuple[Kind, str]]) -> None:
    assert [(finding.kind, finding.message) for finding in found(a_page)] == told
    assert all(finding.project == "alpha" for finding in found(a_page))


def test_what_fails_the_check_and_what_is_only_said() -> None:
    severities = {
        finding.kind: finding.severity
        for each in (page(listed(yanked="x")), page(LISTED, status="deprecated"), page(listed(sha256=None)))
        for finding in found(each)
    }
    assert severities == {Kind.YANKED: Severity.ERROR, Kind.STATUS: Severity.WARNING, Kind.UNSEEN: Severity.NOTICE}


def test_file_that_was_yanked_already_when_it_was_locked_does_not_fail_the_check() -> None:
    known = replace(lock(SIZED), proof=Proof(facts=(("yanked", "alpha,beta"),)))
    (finding,) = found(page(listed(yanked="broken")), known)
    assert finding.severity is Severity.WARNING
    assert finding.message == f"{WHEEL} is yanked, as it was when it was locked: broken"


@pytest.mark.parametrize(
    ("digest", "kinds"), [("a", []), ("b", [Kind.GONE])], ids=["a file that is listed", "no file that is listed"]
)
def test_pin_by_digest_alone_is_looked_up_by_it(digest: str, kinds: list[Kind]) -> None:
    unnamed = lock(pin("alpha", a_file=UnnamedFile(digests=frozenset({sha256(digest)}))))
    assert [finding.kind for finding in found(page(LISTED), unnamed)] == kinds


@pytest.mark.parametrize(
    ("a_pin", "asked"),
    [
        pytest.param(SIZED, True, id="from an index"),
        pytest.param(pin("alpha", a_file=file(WHEEL, url=None, index=None)), True, id="in the form without addresses"),
        pytest.param(pin("alpha", a_file=file(WHEEL, index=None)), False, id="from an address"),
        pytest.param(pin("alpha", a_file=file(WHEEL, url=None, path=WHEEL, index=None)), False, id="from a folder"),
    ],
)
def test_index_is_asked_for_what_it_listed(a_pin: Pin, asked: bool) -> None:
    assert is_listed(a_pin) is asked
    assert bool(found(None, lock(a_pin))) is asked


def test_skipped_entries_are_no_files() -> None:
    skipped = ProjectPage(project=SIZED.project, index=INDEX, files=(), skipped=(SkippedEntry(WHEEL, "no address"),))
    assert [finding.kind for finding in found(skipped)] == [Kind.GONE]
