"""The store of blobs that many processes share."""

import hashlib
import os
import random
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.reporters import RecordingReporter
from wheelpin.cache import Cache, Usage

ROOT = Path(__file__).parents[1]
NOTHING = Usage(blobs=0, size_bytes=0)
HEADER_BYTES = 20
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def reporter() -> RecordingReporter:
    return RecordingReporter()


@pytest.fixture
def cache(tmp_path: Path, reporter: RecordingReporter) -> Cache:
    return Cache(tmp_path / "cache", reporter)


def blobs_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "CACHEDIR.TAG"]


@pytest.mark.parametrize(
    ("key", "blob"),
    [
        pytest.param("https://index.example/simple/flask/", b"page", id="a page under its address"),
        pytest.param("empty", b"", id="an empty blob"),
        pytest.param("../../etc/passwd", b"x", id="a key that looks like a path"),
        pytest.param("größe\udc80", b"x", id="a key that is no good text"),
        pytest.param("large", bytes(3_000_000), id="a large blob"),
    ],
)
def test_blob_comes_back_as_it_was_put(cache: Cache, key: str, blob: bytes) -> None:
    assert cache.get("pages-1", key) is None
    cache.put("pages-1", key, blob)
    assert cache.get("pages-1", key) == blob
    assert cache.get("pages-2", key) is None


def test_blob_may_be_put_in_parts(cache: Cache) -> None:
    cache.put("pages-1", "key", b"", b"a ", b"blob")
    assert cache.get("pages-1", "key") == b"a blob"


def test_later_blob_replaces_the_earlier(cache: Cache) -> None:
    cache.put("pages-1", "key", b"old")
    cache.put("pages-1", "key", b"new")
    assert cache.get("pages-1", "key") == b"new"
    assert cache.usage() == {"pages-1": Usage(blobs=1, size_bytes=HEADER_BYTES + 3)}


def test_blob_can_be_let_go_of(cache: Cache) -> None:
    cache.put("pages-1", "key", b"blob")
    for _ in range(2):
        cache.drop("pages-1", "key")
        assert cache.get("pages-1", "key") is None


def test_key_is_not_in_the_file_name(cache: Cache, tmp_path: Path) -> None:
    cache.put("pages-1", "https://user:secret@index.example/", b"page")
    (path,) = blobs_in(tmp_path)
    assert "secret" not in str(path)
    assert b"secret" not in path.read_bytes()


def test_folder_tells_backup_programs_to_skip_it(cache: Cache, tmp_path: Path) -> None:
    cache.put("pages-1", "key", b"blob")
    tag = (tmp_path / "cache" / "CACHEDIR.TAG").read_text(encoding="ascii")
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="nothing in it"),
        pytest.param(lambda data: data[:10], id="cut within the header"),
        pytest.param(lambda data: data[:-1], id="cut within the blob"),
        pytest.param(lambda data: data + b"\0", id="something after it"),
        pytest.param(lambda data: data[:-1] + b"?", id="one byte changed"),
        pytest.param(lambda data: bytes(len(data)), id="zeros, as a power cut leaves them"),
        pytest.param(lambda data: b"wpblob\0\xff" + data[8:], id="a later format"),
    ],
)
def test_damaged_blob_is_missing_and_removed(
    cache: Cache, tmp_path: Path, damage: Callable[[bytes], bytes], reporter: RecordingReporter
) -> None:
    cache.put("pages-1", "key", b"a blob")
    (path,) = blobs_in(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert cache.get("pages-1", "key") is None
    assert blobs_in(tmp_path) == []
    cache.put("pages-1", "key", b"again")
    assert cache.get("pages-1", "key") == b"again"
    assert reporter.warnings == []


@pytest.mark.parametrize("kind", ["", "Pages", "../pages", "pages/1", "1", "."])
def test_kind_must_be_a_plain_name(cache: Cache, kind: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(kind)}$"):
        cache.put(kind, "key", b"blob")


def test_folder_that_cannot_be_written_is_reported_once(tmp_path: Path, reporter: RecordingReporter) -> None:
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file", encoding="utf-8")
    cache = Cache(in_the_way, reporter)
    cache.put("pages-1", "one", b"blob")
    cache.put("pages-1", "two", b"blob")
    assert cache.get("pages-1", "one") is None
    assert len(reporter.warnings) == 1
    assert str(in_the_way) in reporter.warnings[0]


def test_blob_that_does_not_fit_is_reported_and_the_old_one_stays(
    cache: Cache, tmp_path: Path, reporter: RecordingReporter
) -> None:
    resource = pytest.importorskip("resource", reason="needs POSIX limits to make a write fail as on a full disk")
    cache.put("pages-1", "key", b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        cache.put("pages-1", "key", bytes(100_000))
        cache.put("pages-1", "other", b"small")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert cache.get("pages-1", "key") == b"old"
    assert cache.get("pages-1", "other") is None
    assert len(blobs_in(tmp_path)) == 1
    assert len(reporter.warnings) == 1


def aged(path: Path, age: timedelta) -> None:
    then = (NOW - age).timestamp()
    os.utime(path, (then, then))


@pytest.mark.parametrize(
    ("age", "stays"),
    [
        pytest.param(timedelta(days=29), True, id="younger than the limit"),
        pytest.param(timedelta(days=31), False, id="older than the limit"),
    ],
)
def test_prune_removes_what_nobody_used_for_long(cache: Cache, tmp_path: Path, age: timedelta, stays: bool) -> None:
    cache.put("pages-1", "key", b"blob")
    (path,) = blobs_in(tmp_path)
    aged(path, age)
    freed = cache.prune(NOW, timedelta(days=30))
    assert (cache.get("pages-1", "key") == b"blob") is stays
    assert freed == (NOTHING if stays else Usage(blobs=1, size_bytes=HEADER_BYTES + 4))


def test_prune_keeps_what_was_read_lately(cache: Cache, tmp_path: Path) -> None:
    cache.put("metadata-1", "key", b"blob")
    (path,) = blobs_in(tmp_path)
    os.utime(path, (NOW.timestamp(), (NOW - timedelta(days=400)).timestamp()))
    assert cache.prune(NOW, timedelta(days=30)) == NOTHING
    assert cache.get("metadata-1", "key") == b"blob"


@pytest.mark.parametrize(
    ("age", "stays"),
    [
        pytest.param(timedelta(minutes=5), True, id="somebody may still write it"),
        pytest.param(timedelta(hours=2), False, id="whoever wrote it was killed"),
    ],
)
def test_prune_removes_abandoned_parts(cache: Cache, tmp_path: Path, age: timedelta, stays: bool) -> None:
    cache.put("pages-1", "key", b"blob")
    (path,) = blobs_in(tmp_path)
    part = path.with_name(".0123456789abcdef.part")
    part.write_bytes(b"half a bl")
    aged(part, age)
    assert cache.prune(NOW, timedelta(days=3000)).blobs == 0
    assert part.exists() is stays
    assert path.exists()


def test_clear_removes_all_blobs_and_nothing_else(cache: Cache, tmp_path: Path) -> None:
    for key in ("one", "two", "three"):
        cache.put("pages-1", key, b"blob")
    cache.put("metadata-1", "one", b"other blob")
    theirs = tmp_path / "cache" / "pages-1" / "notes.txt"
    theirs.write_text("not ours", encoding="utf-8")
    assert cache.usage() == {
        "metadata-1": Usage(blobs=1, size_bytes=HEADER_BYTES + 10),
        "pages-1": Usage(blobs=3, size_bytes=3 * HEADER_BYTES + 12),
    }
    assert cache.clear() == Usage(blobs=4, size_bytes=4 * HEADER_BYTES + 22)
    assert cache.usage() == {}
    assert blobs_in(tmp_path) == [theirs]
    cache.put("pages-1", "one", b"blob")
    assert cache.get("pages-1", "one") == b"blob"


HAMMER = textwrap.dedent("""
    import hashlib, random, sys
    from pathlib import Path
    from tests.reporters import RecordingReporter
    from wheelpin.cache import Cache

    root, rounds = Path(sys.argv[1]), int(sys.argv[2])
    reporter = RecordingReporter()
    cache = Cache(root, reporter)
    print("begun", flush=True)
    for number in range(rounds):
        key = random.choice(["one", "two", "three"])
        blob = cache.get("pages-1", key)
        assert blob is None or hashlib.sha256(blob[32:]).digest() == blob[:32], "torn"
        payload = random.randbytes(random.choice([10, 5_000, 200_000]))
        cache.put("pages-1", key, hashlib.sha256(payload).digest() + payload)
    assert reporter.warnings == [], reporter.warnings
""")


def hammer(root: Path, rounds: int) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HAMMER, str(root), str(rounds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def test_processes_share_a_cache_while_some_of_them_are_killed(
    cache: Cache, tmp_path: Path, reporter: RecordingReporter
) -> None:
    root = tmp_path / "cache"
    lasting = [hammer(root, 1500) for _ in range(3)]
    while any(process.poll() is None for process in lasting):
        doomed = hammer(root, 1_000_000)
        time.sleep(random.uniform(0, 0.02))  # so that death comes at another point of a round each time
        doomed.kill()
        doomed.communicate()
    for process in lasting:
        _, complaint = process.communicate()
        assert (process.returncode, complaint) == (0, "")
    for key in ("one", "two", "three"):
        blob = cache.get("pages-1", key)
        assert blob is not None
        assert hashlib.sha256(blob[32:]).digest() == blob[:32]
    cache.clear()
    assert blobs_in(tmp_path) == []
    assert reporter.warnings == []


def test_logs_of_builds_are_counted_and_go_when_they_are_old(tmp_path: Path, cache: Cache) -> None:
    logs = tmp_path / "cache" / "logs"
    logs.mkdir(parents=True)
    old, new, other = logs / "old.log", logs / "new.log", logs / "mine.txt"
    for path in (old, new, other):
        path.write_text("words")
    long_ago = (NOW - timedelta(days=31)).timestamp()
    for path, at in ((old, long_ago), (new, NOW.timestamp()), (other, long_ago)):
        os.utime(path, (at, at))
    assert cache.usage() == {"logs": Usage(blobs=2, size_bytes=10)}
    assert cache.prune(NOW, timedelta(days=30)) == Usage(blobs=1, size_bytes=5)
    assert sorted(logs.iterdir()) == [other, new]
    assert cache.clear() == Usage(blobs=1, size_bytes=5)
    assert list(logs.iterdir()) == [other]
