import hashlib
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from tests.builders import BuiltFile, core_metadata, make_sdist, make_wheel, make_zip
from tests.index.opening import opened, overwrite_blobs
from tests.index_server import IndexServer, Ranges, Shown, Sidecars
from wheelpin.errors import IndexUnavailableError
from wheelpin.files import CoreMetadata
from wheelpin.index.access import IndexRefusedError, NotCachedError
from wheelpin.index.remote_files import HashMismatchError
from wheelpin.ports import MetadataUnusableError


def noise(size_bytes: int) -> bytes:
    """Return bytes that do not compress."""
    return random.Random(0).randbytes(size_bytes)


WHEEL = make_wheel("foo", "1.0", requires=["bar>=1"], files={"foo.py": "", "data.bin": noise(300_000)})
LARGE = make_wheel("foo", "1.0", requires=["bar>=1"], files={"data.bin": noise(20_000_000)})
METADATA_FIRST = make_wheel("foo", "1.0", requires=["bar>=1"], files={"data.bin": noise(300_000)}, metadata_first=True)
MANY_MEMBERS = make_wheel(
    "foo",
    "1.0",
    requires=["bar>=1"],
    files={f"foo/{'long' * 20}_{number}.py": "" for number in range(3000)},
    metadata_first=True,
)
EXPECTED = CoreMetadata(name="foo", version="1.0", requires_dist=("bar>=1",))


def requests_of_wheel(server: IndexServer) -> list[tuple[str | None, int]]:
    """Return range and status of each request for the wheel itself."""
    return [
        (served.headers.get("range"), served.status) for served in server.asked(".whl") if "metadata" not in served.path
    ]


def sidecar_statuses(server: IndexServer) -> list[int]:
    return [served.status for served in server.asked(".metadata")]


@pytest.mark.parametrize("sidecars", [Sidecars.GOOD, Sidecars.UNHASHED])
def test_sidecar_is_all_that_is_read(sidecars: Sidecars, tmp_path: Path) -> None:
    server = IndexServer(WHEEL, sidecars=sidecars)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert sidecar_statuses(server) == [200]
        assert requests_of_wheel(server) == []
        assert run.notes.warnings == []


@pytest.mark.parametrize(
    ("sidecars", "status", "fault"),
    [
        pytest.param(Sidecars.MISSING, 404, "is offered, but the server answered 404", id="404"),
        pytest.param(Sidecars.WRONG_HASH, 200, "does not have the sha256 that the index gives", id="wrong hash"),
        pytest.param(
            Sidecars.WRONG_PROJECT, 200, "cannot be used (it is the metadata of 'somebody-else')", id="wrong project"
        ),
        pytest.param(Sidecars.GARBAGE, 200, "cannot be used (it names no project and version)", id="garbage"),
    ],
)
def test_wrong_sidecar_is_told_and_the_wheel_read_instead(
    sidecars: Sidecars, status: int, fault: str, tmp_path: Path
) -> None:
    server = IndexServer(WHEEL, sidecars=sidecars)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert sidecar_statuses(server) == [status]
        assert [status for _, status in requests_of_wheel(server)] == [206]
        assert run.notes.warnings == [f"{server.file_url(WHEEL.filename)}.metadata {fault}; reading the wheel itself"]


def test_sidecar_whose_server_fails_is_told_and_the_wheel_read_instead(tmp_path: Path) -> None:
    server = IndexServer(WHEEL, sidecars=Sidecars.GOOD)
    server.answers[f"/files/{WHEEL.filename}.metadata"] = 500
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert "the server answered 500" in run.notes.warnings[0]


def test_a_host_s_sidecars_are_warned_of_once(tmp_path: Path) -> None:
    wheels = [make_wheel("foo", version) for version in ("1.0", "2.0", "3.0")]
    server = IndexServer(*wheels, sidecars=Sidecars.MISSING)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        for file in run.existing_page("foo").files:
            run.index.metadata(file)
        assert (len(run.notes.warnings), len(run.notes.details)) == (1, 2)


def test_query_stays_behind_the_sidecar_s_path(tmp_path: Path) -> None:
    server = IndexServer(sidecars=Sidecars.GOOD)
    server.add(Shown(file=WHEEL, listed_changes={"url": f"/files/{WHEEL.filename}?sig=a%2Bb"}))
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert [served.path for served in server.asked(".metadata")] == [f"/files/{WHEEL.filename}.metadata?sig=a%2Bb"]


@pytest.mark.parametrize(
    ("wheel", "requests"),
    [
        pytest.param(WHEEL, 1, id="metadata near the end: one request"),
        pytest.param(make_wheel("foo", requires=["bar>=1"]), 1, id="smaller than a tail: one request"),
        pytest.param(METADATA_FIRST, 2, id="metadata at the start: one more"),
        pytest.param(MANY_MEMBERS, 3, id="a long directory as well: two more"),
    ],
)
@pytest.mark.parametrize("has_size", [True, False])
def test_ranges_read_little(wheel: BuiltFile, requests: int, has_size: bool, tmp_path: Path) -> None:
    server = IndexServer(Shown(file=wheel, has_size=has_size))
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert [status for _, status in requests_of_wheel(server)] == [206] * requests


@pytest.mark.parametrize(
    ("ranges", "has_size", "first", "second"),
    [
        pytest.param(Ranges.IGNORED, True, [200], [200], id="200 with all of it serves as well"),
        pytest.param(Ranges.REFUSED_501, True, [501, 200], [200], id="501"),
        pytest.param(Ranges.REFUSED_501, False, [501, 501, 200], [200], id="501, size unknown"),
        pytest.param(Ranges.REFUSED_416, True, [416, 200], [200], id="416"),
        pytest.param(Ranges.SHORT, True, [206, 200], [200], id="parts that are shorter than they say"),
        pytest.param(Ranges.STUBBORN, True, [206] * 6 + [200], [206] * 6 + [200], id="parts that were not asked for"),
        pytest.param(Ranges.NO_SUFFIX, False, [501, 206, 206], [206, 206], id="no suffixes: one byte tells the size"),
    ],
)
def test_what_a_server_cannot_do_is_not_asked_of_it_again(
    ranges: Ranges, has_size: bool, first: list[int], second: list[int], tmp_path: Path
) -> None:
    other = make_wheel("other", "1.0", requires=["bar>=1"], files={"data.bin": noise(100_000)})
    server = IndexServer(*(Shown(file=file, has_size=has_size) for file in (WHEEL, other)), ranges=ranges)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert [status for _, status in requests_of_wheel(server)] == first
        server.forget_requests()
        assert run.index.metadata(run.file("other")).requires_dist == ("bar>=1",)
        assert [status for _, status in requests_of_wheel(server)] == second
        assert all((spec is None) is (status == 200) for spec, status in requests_of_wheel(server))


def test_416_teaches_the_true_size(tmp_path: Path) -> None:
    server = IndexServer()
    server.add(Shown(file=WHEEL, listed_changes={"size_bytes": len(WHEEL.body) * 3}))
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert [status for _, status in requests_of_wheel(server)] == [416, 206]


def test_size_below_the_true_one_is_corrected(tmp_path: Path) -> None:
    server = IndexServer()
    server.add(Shown(file=WHEEL, listed_changes={"size_bytes": len(WHEEL.body) // 2}))
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED


def test_large_file_that_comes_whole_is_stopped_and_streamed(tmp_path: Path) -> None:
    server = IndexServer(LARGE, ranges=Ranges.IGNORED)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert [spec is None for spec, _ in requests_of_wheel(server)] == [False, True]


def test_whole_file_must_have_its_hash(tmp_path: Path) -> None:
    server = IndexServer(ranges=Ranges.REFUSED_501)
    server.add(Shown(file=WHEEL, listed_changes={"hashes": {"sha256": "00" * 32}}))
    with server, opened(server.url, cache_dir=tmp_path) as run:
        file = run.file("foo")
        with pytest.raises(MetadataUnusableError, match="its index says 0000"):
            run.index.metadata(file)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(404, MetadataUnusableError, id="gone: the file falls"),
        pytest.param(410, MetadataUnusableError, id="gone for good: the file falls"),
        pytest.param(403, MetadataUnusableError, id="forbidden, as stores say for gone: the file falls"),
        pytest.param(401, IndexRefusedError, id="credentials are missing: the run ends"),
        pytest.param(500, IndexUnavailableError, id="broken server: the run ends"),
    ],
)
@pytest.mark.parametrize("ranges", [Ranges.HONOURED, Ranges.REFUSED_501])
def test_file_that_its_server_does_not_give(
    status: int, error: type[Exception], ranges: Ranges, tmp_path: Path
) -> None:
    other = make_wheel("other")
    server = IndexServer(WHEEL, other, ranges=ranges)
    server.answers[f"/files/{WHEEL.filename}"] = status
    with server, opened(server.url, cache_dir=tmp_path) as run:
        run.index.metadata(run.file("other"))
        with pytest.raises(error):
            run.index.metadata(run.file("foo"))


def test_server_that_does_not_answer_ends_the_run(tmp_path: Path) -> None:
    with IndexServer(WHEEL) as server, opened(server.url, cache_dir=tmp_path) as run:
        file = run.file("foo")
    with opened(server.url, cache_dir=tmp_path) as run, pytest.raises(IndexUnavailableError):
        run.index.metadata(file)


def broken(change: Callable[[bytes], bytes]) -> BuiltFile:
    return replace(WHEEL, body=change(WHEEL.body))


def packed(*members: tuple[str, bytes]) -> BuiltFile:
    return replace(WHEEL, body=make_zip(members))


METADATA = core_metadata("foo", "1.0")


def lying_size() -> bytes:
    """Return an archive whose METADATA claims to be larger than any is."""
    body = make_zip([("foo-1.0.dist-info/METADATA", METADATA)], compression=zipfile.ZIP_STORED)
    at = body.index(b"PK\x01\x02")
    return body[: at + 24] + (64 * 1024 * 1024).to_bytes(4, "little") + body[at + 28 :]


def endless_directory() -> bytes:
    """Return an archive that claims to be nearly all directory."""
    size_bytes = 17 * 1024 * 1024
    return bytes(size_bytes) + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, size_bytes, 0, 0)


@pytest.mark.parametrize(
    ("wheel", "reason"),
    [
        pytest.param(broken(lambda body: body[: len(body) // 2]), "is not a zip file", id="cut off"),
        pytest.param(broken(lambda _: noise(5000)), "is not a zip file", id="noise"),
        pytest.param(broken(lambda _: b""), "", id="empty"),
        pytest.param(packed(("foo.py", b"")), "has 0 dist-info folders", id="no dist-info"),
        pytest.param(packed(("foo-1.0.dist-info/WHEEL", b"")), "0 METADATA", id="no METADATA"),
        pytest.param(
            packed(("foo-1.0.dist-info/METADATA", METADATA), ("bar-1.0.dist-info/METADATA", METADATA)),
            "has 2 dist-info folders and 2 METADATA",
            id="two dist-info folders",
        ),
        pytest.param(
            packed(("foo-1.0.dist-info/METADATA", METADATA), ("bar-1.0.dist-info/WHEEL", b"")),
            "has 2 dist-info folders and 1 METADATA",
            id="two dist-info folders, one of them without METADATA",
        ),
        pytest.param(replace(WHEEL, body=endless_directory()), "a part of more than", id="a directory past all sense"),
        pytest.param(
            packed(("bar-1.0.dist-info/METADATA", METADATA)),
            "has bar-1.0.dist-info instead of its own",
            id="a stranger's",
        ),
        pytest.param(
            packed(("foo-1.0.dist-info/METADATA", core_metadata("bar", "1.0"))),
            "metadata of 'bar'",
            id="foreign inside",
        ),
        pytest.param(replace(WHEEL, body=lying_size()), "it is larger than", id="a size past all sense"),
        pytest.param(
            broken(lambda _: make_zip([("foo-1.0.dist-info/METADATA", b" " * 9_000_000)])), "larger than", id="a bomb"
        ),
    ],
)
@pytest.mark.parametrize("ranges", [Ranges.HONOURED, Ranges.IGNORED, Ranges.REFUSED_501])
def test_hostile_wheel_falls(wheel: BuiltFile, reason: str, ranges: Ranges, tmp_path: Path) -> None:
    server = IndexServer(wheel, ranges=ranges)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        with pytest.raises(MetadataUnusableError) as caught:
            run.index.metadata(run.file("foo"))
        assert reason in caught.value.reason


def test_doubled_metadata_falls(tmp_path: Path) -> None:
    name = "foo-1.0.dist-info/METADATA"
    wheel = packed((name, METADATA), (name.replace("foo", "xxx"), METADATA))
    server = IndexServer(replace(wheel, body=wheel.body.replace(b"xxx-1.0", b"foo-1.0")))
    with server, opened(server.url, cache_dir=tmp_path) as run:
        file = run.file("foo")
        with pytest.raises(MetadataUnusableError, match="1 dist-info folders and 2 METADATA"):
            run.index.metadata(file)


def test_dist_info_of_vendored_projects_is_theirs(tmp_path: Path) -> None:
    wheel = packed(
        ("foo/_vendor/bar-2.0.dist-info/METADATA", core_metadata("bar", "2.0")),
        ("foo-1.0.dist-info/METADATA", METADATA),
    )
    with IndexServer(wheel) as server, opened(server.url, cache_dir=tmp_path) as run:
        assert run.index.metadata(run.file("foo")).name == "foo"


def test_sdist_has_no_metadata_here(tmp_path: Path) -> None:
    with IndexServer(make_sdist("foo")) as server, opened(server.url, cache_dir=tmp_path) as run:
        file = run.file("foo")
        with pytest.raises(MetadataUnusableError, match="it is no wheel"):
            run.index.metadata(file)


@pytest.mark.parametrize(
    ("algorithms", "asks_again"),
    [
        pytest.param(("sha256",), False, id="by its sha256"),
        pytest.param(("md5",), False, id="by its md5"),
        pytest.param((), True, id="without a hash it may be another file: not through a refresh"),
    ],
)
def test_metadata_is_kept_for_good(algorithms: tuple[str, ...], asks_again: bool, tmp_path: Path) -> None:
    with IndexServer(Shown(file=WHEEL, algorithms=algorithms)) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            first = run.index.metadata(run.file("foo"))
        server.forget_requests()
        with opened(server.url, cache_dir=tmp_path, later=timedelta(days=900)) as run:
            assert run.index.metadata(run.file("foo")) == first
            assert requests_of_wheel(server) == []
        with opened(server.url, cache_dir=tmp_path, refresh=True) as run:
            assert run.index.metadata(run.file("foo")) == first
            assert bool(requests_of_wheel(server)) is asks_again


def test_file_with_another_hash_is_another_file(tmp_path: Path) -> None:
    with IndexServer(WHEEL) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            run.index.metadata(run.file("foo"))
        server.add(make_wheel("foo", "1.0", requires=["new"]))
        with opened(server.url, cache_dir=tmp_path, refresh=True) as run:
            assert run.index.metadata(run.file("foo")).requires_dist == ("new",)


def test_offline_metadata_comes_from_the_cache_or_not_at_all(tmp_path: Path) -> None:
    with IndexServer(WHEEL, make_wheel("other")) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            run.index.metadata(run.file("foo"))
            run.file("other")
        server.forget_requests()
        with opened(server.url, cache_dir=tmp_path, offline=True) as run:
            assert run.index.metadata(run.file("foo")) == EXPECTED
            with pytest.raises(NotCachedError, match=r"other-1\.0-py3-none-any\.whl is not in the cache"):
                run.index.metadata(run.file("other"))
        assert server.requests == []


def test_blobs_that_say_nothing_are_as_good_as_none(tmp_path: Path) -> None:
    with IndexServer(Shown(file=WHEEL, algorithms=("md5",)), sidecars=Sidecars.GOOD) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            run.index.metadata(run.file("foo"))
            run.index.hashed(run.file("foo"))
        overwrite_blobs(tmp_path, b"\xc1 nonsense")
        server.forget_requests()
        with opened(server.url, cache_dir=tmp_path) as run:
            assert run.index.metadata(run.file("foo")) == EXPECTED
            assert run.index.hashed(run.file("foo")).sha256 == WHEEL.sha256
        assert [served.status for served in server.requests] == [200, 200, 200]


def test_offline_a_missing_sha256_stays_missing(tmp_path: Path) -> None:
    with IndexServer(Shown(file=WHEEL, algorithms=())) as server, opened(server.url, cache_dir=tmp_path) as run:
        file = run.file("foo")
    with opened(server.url, cache_dir=tmp_path, offline=True) as run, pytest.raises(NotCachedError):
        run.index.hashed(file)


def test_without_a_cache_everything_still_works() -> None:
    with IndexServer(Shown(file=WHEEL, algorithms=("md5",))) as server, opened(server.url, cache_dir=None) as run:
        assert run.index.metadata(run.file("foo")) == EXPECTED
        assert run.index.hashed(run.file("foo")).sha256 == WHEEL.sha256


@pytest.mark.parametrize("algorithms", [("md5",), ("sha1",), ()])
def test_missing_sha256_is_computed_once(algorithms: tuple[str, ...], tmp_path: Path) -> None:
    with IndexServer(Shown(file=WHEEL, algorithms=algorithms, has_size=False)) as server:
        for _ in range(2):
            with opened(server.url, cache_dir=tmp_path) as run:
                hashed = run.index.hashed(run.file("foo"))
                assert (hashed.sha256, hashed.size_bytes) == (WHEEL.sha256, len(WHEEL.body))
                assert run.index.hashed(run.file("foo")) is hashed
        assert requests_of_wheel(server) == [(None, 200)]


def test_sha256_of_the_index_is_taken_as_it_is(tmp_path: Path) -> None:
    with IndexServer(WHEEL) as server, opened(server.url, cache_dir=tmp_path) as run:
        file = run.file("foo")
        assert run.index.hashed(file) is file
        assert requests_of_wheel(server) == []


def test_file_that_lost_its_md5_is_refused(tmp_path: Path) -> None:
    server = IndexServer()
    server.add(Shown(file=WHEEL, listed_changes={"hashes": {"md5": "00" * 16}}))
    with server, opened(server.url, cache_dir=tmp_path) as run:
        with pytest.raises(HashMismatchError) as caught:
            run.index.hashed(run.file("foo"))
        assert (caught.value.algorithm, caught.value.expected) == ("md5", "00" * 16)
        assert caught.value.actual == hashlib.md5(WHEEL.body).hexdigest()


def test_reading_a_whole_file_for_its_metadata_tells_its_sha256_too(tmp_path: Path) -> None:
    server = IndexServer(Shown(file=WHEEL, algorithms=("md5",)), ranges=Ranges.REFUSED_501)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        run.index.metadata(run.file("foo"))
        server.forget_requests()
        assert run.index.hashed(run.file("foo")).sha256 == WHEEL.sha256
        assert server.requests == []


def test_metadata_is_handed_on_when_it_is_there_and_errors_wait(tmp_path: Path) -> None:
    with IndexServer(WHEEL, make_sdist("bar")) as server, opened(server.url, cache_dir=tmp_path) as run:
        got: list[CoreMetadata] = []
        arrived = Event()

        def then(metadata: CoreMetadata) -> None:
            got.append(metadata)
            arrived.set()

        run.index.when_metadata(run.file("bar"), then)
        run.index.when_metadata(run.file("foo"), then)
        assert arrived.wait(60)
        assert got == [EXPECTED]
        with pytest.raises(MetadataUnusableError):
            run.index.metadata(run.file("bar"))


def test_hundreds_of_wheels_without_ranges_or_sidecars_are_read_at_once(tmp_path: Path) -> None:
    wheels = [make_wheel("foo", f"{number}.0", requires=[f"bar=={number}"]) for number in range(200)]
    server = IndexServer(*wheels, ranges=Ranges.REFUSED_501)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        files = run.existing_page("foo").files
        for file in files:
            run.index.when_metadata(file, lambda _: None)
        assert {run.index.metadata(file).requires_dist[0] for file in files} == {f"bar=={n}" for n in range(200)}


def test_signed_addresses_are_in_no_message(tmp_path: Path) -> None:
    server = IndexServer(sidecars=Sidecars.MISSING)
    changes = {"url": f"/files/{WHEEL.filename}?signature=hunter2", "hashes": {"md5": "00" * 16}}
    server.add(Shown(file=WHEEL, listed_changes=changes))
    with server, opened(server.url, cache_dir=tmp_path) as run:
        file = run.file("foo")
        assert run.index.metadata(file) == EXPECTED
        with pytest.raises(HashMismatchError) as caught:
            run.index.hashed(file)
        said = [*run.notes.warnings, *run.notes.details, str(caught.value), repr(caught.value)]
        assert len(said) == 3
        assert "hunter2" not in "".join(said)
    with opened(server.url, cache_dir=tmp_path, offline=True, refresh=True) as run:
        with pytest.raises(NotCachedError) as missing:
            run.index.hashed(file)
        assert "hunter2" not in f"{missing.value}{missing.value!r}"
