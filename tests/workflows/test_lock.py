"""Inputs and targets to locks, over an index in memory: facts in values and errors, not in sentences."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import serving
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.locks import Lock, LockedFile, LockFormat, to_text
from wheelpin.requirements import Inputs, PythonDemand, parse_requirement
from wheelpin.resolve.conflict import NothingFitsError
from wheelpin.resolve.explanation import Outcome
from wheelpin.target import Target
from wheelpin.values import COMMAND_LINE, IndexUrl, Origin, Sha256
from wheelpin.workflows import Locked, LockJob, SeveralTargetsError, TargetPythonError, Upgrade, explain, lock

PUBLIC, PRIVATE = IndexUrl("https://index.example/simple/"), IndexUrl("https://private.example/simple/")
LINUX, WINDOWS = Target.parse("cp312-manylinux2014_x86_64"), Target.parse("cp312-win_amd64")
FOLDER = Path("/srv/project")
DIGEST = Sha256("0" * 64)


def file(filename: str, url: str | None = None) -> IndexFile:
    return IndexFile(filename=filename, url=url or f"https://files.example/{filename}", sha256=DIGEST)


def page(project: str, *files: IndexFile, index: IndexUrl = PUBLIC) -> ProjectPage:
    return ProjectPage(project=canonicalize_name(project), index=index, files=files)


def metadata(name: str, version: str, *requires: str) -> CoreMetadata:
    return CoreMetadata(name=name, version=version, requires_dist=requires)


def job(*requirements: str, targets: tuple[Target, ...] = (LINUX,), **changes: object) -> LockJob:
    asked = tuple(parse_requirement(text, Origin("requirements.in", 1)) for text in requirements)
    made = LockJob(targets=targets, inputs=Inputs(requirements=asked), indexes=(PRIVATE, PUBLIC), folder=FOLDER)
    return replace(made, **changes)


PAGES = (
    page("app", file("app-1.0-py3-none-any.whl"), index=PRIVATE),
    page("lib", file("lib-1.0-py3-none-any.whl"), file("lib-2.0-cp312-cp312-win_amd64.whl")),
)
METADATA: Mapping[str, CoreMetadata | str] = {
    "app-1.0-py3-none-any.whl": metadata("app", "1.0", "lib"),
    "lib-1.0-py3-none-any.whl": metadata("lib", "1.0"),
    "lib-2.0-cp312-cp312-win_amd64.whl": metadata("lib", "2.0"),
}


def run(
    asked: LockJob,
    pages: tuple[ProjectPage, ...] = PAGES,
    headers: Mapping[str, CoreMetadata | str] = METADATA,
) -> tuple[Locked, ...]:
    with serving(pages, headers) as index:
        return lock(asked, index, RecordingReporter())


def versions(found: Lock) -> dict[str, str]:
    return {pin.project: str(pin.version) for pin in found.pins}


def test_each_target_gets_its_lock_in_the_order_of_the_targets() -> None:
    first, second = run(job("app", targets=(WINDOWS, LINUX)))
    assert (first.target, second.target) == (WINDOWS, LINUX)
    assert versions(first.lock) == {"app": "1.0", "lib": "2.0"}
    assert versions(second.lock) == {"app": "1.0", "lib": "1.0"}


def test_lock_names_who_asked_and_the_indexes_that_answered() -> None:
    (done,) = run(job("app"))
    assert {pin.project: pin.via for pin in done.lock.pins} == {"app": ("-r requirements.in",), "lib": ("app",)}
    assert done.lock.indexes == (PRIVATE, PUBLIC)
    (other,) = run(job("lib"))
    assert other.lock.indexes == (PUBLIC,)


@pytest.mark.parametrize("origin", [COMMAND_LINE, Origin("standard input", 3)], ids=str)
def test_who_is_no_file_is_not_spelled_as_one(origin: Origin) -> None:
    asked = Inputs(requirements=(parse_requirement("lib", origin),))
    (done,) = run(job(inputs=asked))
    assert [pin.via for pin in done.lock.pins] == [(origin.source,)]


@pytest.mark.parametrize(
    ("upgrade", "version"),
    [
        pytest.param(Upgrade(), "1.0", id="kept"),
        pytest.param(Upgrade(projects=frozenset({canonicalize_name("app")})), "1.0", id="another is upgraded"),
        pytest.param(Upgrade(projects=frozenset({canonicalize_name("lib")})), "2.0", id="it is upgraded"),
        pytest.param(Upgrade(everything=True), "2.0", id="all are upgraded"),
    ],
)
def test_pins_of_the_previous_lock_are_preferred(upgrade: Upgrade, version: str) -> None:
    (before,) = run(job("lib<2", targets=(WINDOWS,)))
    previous = {WINDOWS.name: before.lock}
    (done,) = run(job("lib", targets=(WINDOWS,), previous=previous, upgrade=upgrade))
    assert versions(done.lock) == {"lib": version}


def test_previous_lock_of_another_target_says_nothing() -> None:
    (before,) = run(job("lib<2", targets=(WINDOWS,)))
    (done,) = run(job("lib", targets=(WINDOWS,), previous={LINUX.name: before.lock}))
    assert versions(done.lock) == {"lib": "2.0"}


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///srv/project/wheels/lib-1.0-py3-none-any.whl", "wheels/lib-1.0-py3-none-any.whl"),
        ("file:///srv/shared%20wheels/lib-1.0-py3-none-any.whl", "../shared wheels/lib-1.0-py3-none-any.whl"),
    ],
    ids=["below", "beside"],
)
def test_file_of_this_machine_is_pinned_by_its_path_from_the_folder(url: str, path: str) -> None:
    local = page("lib", file("lib-1.0-py3-none-any.whl", url=url), index=IndexUrl("wheels"))
    (done,) = run(job("lib"), (local,))
    (pin,) = done.lock.pins
    assert isinstance(pin.file, LockedFile)
    assert (pin.file.url, pin.file.path, pin.file.index) == (None, path, None)
    assert done.lock.indexes == ()


def test_equal_jobs_give_equal_texts() -> None:
    texts = {to_text(run(job(*words))[0].lock, LockFormat.REQUIREMENTS) for words in (("app", "lib"), ("lib", "app"))}
    assert len(texts) == 1


def test_python_that_an_input_refuses_is_told_with_the_target() -> None:
    demand = PythonDemand(specifier=SpecifierSet(">=3.13"), origin=Origin("pyproject.toml"))
    inputs = Inputs(requirements=(parse_requirement("lib", COMMAND_LINE),), python_demands=(demand,))
    with pytest.raises(TargetPythonError) as caught:
        run(job(inputs=inputs))
    assert (caught.value.demand, caught.value.target) == (demand, LINUX)


def test_target_without_an_answer_fails_alone_but_nothing_is_locked() -> None:
    with pytest.raises(SeveralTargetsError) as caught:
        run(job("lib>=2", targets=(LINUX, WINDOWS)))
    (failure,) = caught.value.failures
    assert failure.task.target == LINUX
    assert isinstance(failure.error, NothingFitsError)
    assert caught.value.targets == 2


def test_failure_of_the_only_target_is_the_error() -> None:
    with pytest.raises(NothingFitsError) as caught:
        run(job("lib>=2"))
    assert caught.value.explanation.outcome is Outcome.NO_WHEEL_FITS


def test_explanation_is_given_for_each_target_without_reading_metadata() -> None:
    (requirement,) = job("lib>=2").inputs.requirements
    with serving(PAGES, METADATA) as index:
        found = explain(requirement, job("lib>=2", targets=(LINUX, WINDOWS)), index)
        assert index.metadata_read == {}
        assert index.pages_read == {"lib": 1}
    assert [each.outcome for each in found] == [Outcome.NO_WHEEL_FITS, Outcome.FITS]
    assert [each.target for each in found] == [LINUX, WINDOWS]
