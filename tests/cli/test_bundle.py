"""``wheelpin bundle``: archives as platforms want them, the same bytes each time, held to their limits."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, Wheelpin
from tests.index_server import IndexServer

LAMBDA = "aws-lambda-python3.12-arm64"
AZURE = "azure-functions-python3.11"
ARCHIVE = Path("function.zip")
APP = make_wheel("app", requires=["core"], files={"app/__init__.py": "", "app/tests/test_app.py": "", "app/x.pyi": ""})
CORE = make_wheel("core")
HUGE_BYTES = 270_000_000
_BLOCK = hashlib.shake_128(b"").digest(1000) + bytes(99_000)
"""So long that packing finds nothing to repeat, so that the wheel is large and no bomb."""


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(APP, CORE) as server:
        yield server


@pytest.fixture
def lock(wheelpin: Wheelpin, index: IndexServer) -> Path:
    """Lock the application for AWS Lambda."""
    wheelpin.lock("app", "-i", index.url, "-o", "lambda.txt", target=LAMBDA)
    return Path("lambda.txt")


@pytest.fixture
def sources(project: Path) -> Path:
    """Write the user's own files."""
    (project / "src").mkdir()
    (project / "src" / "handler.py").write_text("import app\n", encoding="utf-8")
    (project / "src" / "notes.tmp").write_text("", encoding="utf-8")
    (project / "src" / ".gitignore").write_text("*.tmp\n", encoding="utf-8")
    return Path("src")


def names_in(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_archive_holds_the_wheels_and_the_users_files(wheelpin: Wheelpin, lock: Path, sources: Path) -> None:
    said = wheelpin("bundle", lock, "-o", ARCHIVE, "--add", sources)
    assert (said.code, said.out) == (0, ""), said.err
    assert said.err == (f"function.zip: 2 wheels for {LAMBDA} as aws-lambda, 0.0 MB, 0.0 MB unpacked of 262.1 MB\n")
    assert names_in(ARCHIVE) == {"app/__init__.py", "app/tests/test_app.py", "app/x.pyi", "core.py", "handler.py"}


def test_equal_runs_write_equal_bytes(wheelpin: Wheelpin, lock: Path, sources: Path) -> None:
    wheelpin("bundle", lock, "-o", ARCHIVE, "--add", sources)
    wheelpin("bundle", lock, "-o", "again.zip", "--add", sources, "--offline")
    assert ARCHIVE.read_bytes() == Path("again.zip").read_bytes()


def test_what_is_written_among_the_sources_is_none_of_them(wheelpin: Wheelpin, lock: Path, sources: Path) -> None:
    words = ("bundle", lock, "-o", sources / "f.zip", "--add", sources, "--report", sources / "sizes.json")
    assert wheelpin(*words).code == 0
    first = (sources / "f.zip").read_bytes()
    assert wheelpin(*words).code == 0
    assert (sources / "f.zip").read_bytes() == first


@pytest.mark.parametrize(
    ("target", "words", "layout", "place"),
    [
        pytest.param(LAMBDA, (), "aws-lambda", "core.py", id="AWS Lambda"),
        pytest.param(AZURE, (), "azure", ".python_packages/lib/site-packages/core.py", id="Azure Functions"),
        pytest.param("gcf-python3.12", (), "gcf", "core.py", id="Google Cloud"),
        pytest.param(LINUX, (), "plain", "core.py", id="any other target"),
        pytest.param(
            LAMBDA,
            ("--layout", "aws-layer"),
            "aws-layer",
            "python/lib/python3.12/site-packages/core.py",
            id="a layer, as the user says",
        ),
    ],
)
def test_layout_follows_from_the_target_unless_it_is_named(
    wheelpin: Wheelpin, index: IndexServer, target: str, words: tuple[str, ...], layout: str, place: str
) -> None:
    wheelpin.lock("core", "-i", index.url, "-o", "lock.txt", target=target)
    said = wheelpin("bundle", "lock.txt", "-o", ARCHIVE, "--json", "--quiet", *words)
    assert (said.code, json.loads(said.out)["layout"]) == (0, layout)
    assert names_in(ARCHIVE) == {place}


@pytest.mark.parametrize(
    ("target", "tags", "layout", "warnings"),
    [
        pytest.param("cp312-win_amd64", "cp312-cp312-win_amd64", "aws-lambda", 1, id="Windows"),
        pytest.param("cp312-macosx_14_0_arm64", "cp312-cp312-macosx_11_0_arm64", "azure", 1, id="macOS"),
        pytest.param("cp312-musllinux_1_2_x86_64", "cp312-cp312-musllinux_1_2_x86_64", "gcf", 1, id="musl"),
        pytest.param(LINUX, "cp312-cp312-manylinux_2_28_x86_64", "aws-lambda", 0, id="glibc"),
        pytest.param("cp312-win_amd64", "cp312-cp312-win_amd64", "plain", 0, id="no platform"),
        pytest.param("cp312-win_amd64", "py3-none-any", "aws-lambda", 0, id="wheels for any"),
    ],
)
def test_wheels_that_the_platform_cannot_load_are_told_of(
    wheelpin: Wheelpin, target: str, tags: str, layout: str, warnings: int
) -> None:
    with IndexServer.json_with_sidecars(make_wheel("fast", tag=tags)) as server:
        wheelpin.lock("fast", "-i", server.url, "-o", "lock.txt", target=target)
        said = wheelpin("bundle", "lock.txt", "-o", ARCHIVE, "--layout", layout)
    assert said.code == 0, said.err
    told = f"{layout} runs Linux with glibc, and lock.txt is for {target}: fast-1.0-{tags}.whl is of no use there"
    assert said.warnings == [told] * warnings


def test_slim_leaves_out_what_running_code_does_not_read(wheelpin: Wheelpin, lock: Path) -> None:
    assert wheelpin("bundle", lock, "-o", ARCHIVE, "--slim", "--exclude", "core.py").code == 0
    assert names_in(ARCHIVE) == {"app/__init__.py"}


@pytest.fixture
def huge(wheelpin: Wheelpin, index: IndexServer) -> Path:
    """Lock a project that no function may bring."""
    index.add(
        make_wheel(
            "huge",
            requires=["core"],
            files={"huge/tests/zeros": _BLOCK * (HUGE_BYTES // len(_BLOCK)), "huge/__init__.py": ""},
        )
    )
    wheelpin.lock("huge", "-i", index.url, "-o", "huge.txt", target=LAMBDA)
    return Path("huge.txt")


def test_what_the_platform_refuses_is_not_written(wheelpin: Wheelpin, huge: Path) -> None:
    said = wheelpin("bundle", huge, "-o", ARCHIVE, "--report", "sizes.json")
    assert said.code == 1
    assert "than the 262,144,000 that its platform takes; the largest: huge 270,0" in said.errors[0]
    assert said.hints == ["--slim saves 270,000,000 bytes, which is enough"]
    assert [line.split()[0] for line in said.out.splitlines()] == ["project", "huge", "core", "total"]
    assert not ARCHIVE.exists()
    assert json.loads(Path("sizes.json").read_text(encoding="utf-8"))["most_bytes"] == 262_144_000
    assert wheelpin("bundle", huge, "-o", ARCHIVE, "--slim").code == 0


def test_report_is_a_page_or_data(wheelpin: Wheelpin, lock: Path) -> None:
    assert wheelpin("bundle", lock, "-o", ARCHIVE, "--report", "sizes.html").code == 0
    assert Path("sizes.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert wheelpin("bundle", lock, "-o", ARCHIVE, "--report", "sizes.json").code == 0
    report = json.loads(Path("sizes.json").read_text(encoding="utf-8"))
    assert {project["name"] for project in report["projects"]} == {"app", "core"}


def test_report_is_printed_as_a_table_too(wheelpin: Wheelpin, lock: Path) -> None:
    printed = wheelpin("bundle", lock, "-o", ARCHIVE, "--report", "sizes.json").out
    report = json.loads(Path("sizes.json").read_text(encoding="utf-8"))
    head, *rows = (line.split() for line in printed.splitlines())
    assert head == ["project", "files", "compressed", "unpacked"]
    assert rows == [
        *([each["name"], *(f"{each[key]:,}" for key in KEYS)] for each in report["projects"]),
        ["total", *(f"{sum(each[key] for each in report['projects']):,}" for key in KEYS)],
    ]
    assert json.loads(wheelpin("bundle", lock, "-o", ARCHIVE, "--report", "sizes.json", "--json").out)


KEYS = ("files", "packed_bytes", "size_bytes")


def test_check_tells_whether_the_archive_is_what_would_be_written(
    wheelpin: Wheelpin, lock: Path, sources: Path
) -> None:
    words = ("bundle", lock, "-o", ARCHIVE, "--add", sources)
    wheelpin(*words)
    before = ARCHIVE.stat().st_mtime_ns
    assert wheelpin(*words, "--check").code == 0
    (sources / "handler.py").write_text("import core\n", encoding="utf-8")
    said = wheelpin(*words, "--check")
    assert said.code == 1
    assert "handler.py" in said.errors[0]
    assert ARCHIVE.stat().st_mtime_ns == before


def test_check_of_no_archive_is_a_difference(wheelpin: Wheelpin, lock: Path) -> None:
    assert wheelpin("bundle", lock, "-o", ARCHIVE, "--check").code == 1
    assert not ARCHIVE.exists()


def test_members_are_dated_as_the_environment_says(
    wheelpin: Wheelpin, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert wheelpin("bundle", lock, "-o", ARCHIVE).code == 0
    with zipfile.ZipFile(ARCHIVE) as archive:
        assert {info.date_time[:3] for info in archive.infolist()} == {(2023, 11, 14)}


def test_date_that_is_none_is_refused(wheelpin: Wheelpin, lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    said = wheelpin("bundle", lock, "-o", ARCHIVE)
    assert said.code == 2
    assert said.errors == ["error: SOURCE_DATE_EPOCH: 'yesterday' is not a number of seconds since 1970"]


def test_lock_of_another_tool_needs_a_target(wheelpin: Wheelpin, index: IndexServer) -> None:
    Path("hashes.txt").write_text(f"core==1.0 --hash=sha256:{CORE.sha256}\n", encoding="utf-8")
    refused = wheelpin("bundle", "hashes.txt", "-o", ARCHIVE)
    assert refused.code == 2
    assert refused.errors == ["error: hashes.txt does not say which target it is for"]
    said = wheelpin("bundle", "hashes.txt", "--target", AZURE, "-o", ARCHIVE, "-i", index.url)
    assert said.code == 0, said.err
    assert names_in(ARCHIVE) == {".python_packages/lib/site-packages/core.py"}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(("-o", "x.zip", "--report", "x.txt"), "--report ends in .json or .html", id="an unknown report"),
        pytest.param(("-o", "x.zip", "--report", "x.html", "--check"), "--check writes nothing", id="check and report"),
        pytest.param(("-o", "x.zip", "--layout", "heroku"), "'heroku' is not one of", id="an unknown layout"),
        pytest.param(("-o", "x.zip", "--add", "no-such-folder"), "'no-such-folder' cannot", id="no such sources"),
        pytest.param(("-o", "lambda.txt"), "lambda.txt is one of the things that are packed", id="the lock itself"),
        pytest.param((), "Missing option '-o' / '--output'", id="no archive named"),
    ],
)
def test_wrong_words_are_answered_with_one_error(
    wheelpin: Wheelpin, lock: Path, words: tuple[str, ...], error: str
) -> None:
    said = wheelpin("bundle", lock, *words)
    assert said.code == 2
    (line,) = said.errors
    assert error in line
    assert not Path("x.zip").exists()


@pytest.mark.parametrize("check", [(), ("--check",)], ids=["written", "checked"])
@pytest.mark.parametrize(
    ("name", "suffix", "meant"),
    [
        pytest.param("x.tar", ".tar", "x.zip", id="tar"),
        pytest.param("out/function-1.2.tar.gz", ".gz", "function-1.2.zip", id="packed tar"),
        pytest.param("x.TGZ", ".TGZ", "x.zip", id="packed tar in capitals"),
        pytest.param("x.tar.zst", ".zst", "x.zip", id="tar packed by zstd"),
        pytest.param("x.7z", ".7z", "x.zip", id="7z"),
        pytest.param("app-1.0-py3-none-any.whl", ".whl", "app-1.0-py3-none-any.zip", id="wheel"),
    ],
)
def test_archive_named_as_one_of_another_form_is_refused(
    wheelpin: Wheelpin, lock: Path, name: str, suffix: str, meant: str, check: tuple[str, ...]
) -> None:
    said = wheelpin("bundle", lock, "-o", name, *check)
    assert said.code == 2
    assert said.errors == [f"error: {name} is named {suffix}, and a bundle is a ZIP archive"]
    assert f"hint: name it {meant}: " in said.err
    assert not Path(name).exists()


@pytest.mark.parametrize("name", ["function", "app.pyz", "Function.ZIP", "x.tar.gz.zip", ".tar", "function-1.2"])
def test_any_other_name_is_a_zip_archive(wheelpin: Wheelpin, lock: Path, name: str) -> None:
    assert wheelpin("bundle", lock, "-o", name).code == 0
    assert names_in(Path(name))


def test_own_files_are_never_overwritten(wheelpin: Wheelpin, lock: Path, project: Path) -> None:
    (project / "page.html").write_text("mine", encoding="utf-8")
    said = wheelpin("bundle", lock, "-o", ARCHIVE, "--add", "page.html", "--report", "./page.html")
    assert said.code == 2
    assert said.errors == ["error: page.html is one of the things that are packed, and would be overwritten"]
    assert (project / "page.html").read_text(encoding="utf-8") == "mine"


def test_users_file_that_a_wheel_also_has_is_a_collision(wheelpin: Wheelpin, lock: Path, sources: Path) -> None:
    (sources / "core.py").write_text("mine = True\n", encoding="utf-8")
    said = wheelpin("bundle", lock, "-o", ARCHIVE, "--add", sources)
    assert said.code == 2
    assert "your files and core both have core.py" in said.errors[0]
