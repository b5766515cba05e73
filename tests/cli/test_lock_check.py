"""``wheelpin lock --check``: exit codes, words, annotations and JSON; offline, and against an index."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Process, Wheelpin
from tests.cli.test_imports import loaded
from tests.index_server import IndexServer, Ranges, Shown, Status
from wheelpin.cli.annotations import Annotation, github_lines

MAC = "cp312-macosx_14_0_arm64"


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(
        make_wheel("app", "1.0", requires=["lib>=0.5", "ext; extra == 'x'"], extras=["x"]),
        make_wheel("lib", "1.0"),
        make_wheel("lib", "0.9"),
        make_wheel("ext", "1.0"),
    ) as running:
        running.cache_control = "no-cache"
        yield running


@pytest.fixture
def words(project: Path, index: IndexServer) -> tuple[str, ...]:
    (project / "in.txt").write_text("app\n", encoding="utf-8")
    return ("lock", "-r", "in.txt", "-t", LINUX, "-i", index.url)


@pytest.fixture
def locked(wheelpin: Wheelpin, words: tuple[str, ...]) -> tuple[str, ...]:
    assert wheelpin(*words).code == 0
    return words


def write(text: str) -> None:
    Path("in.txt").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "text", ["app\n", "# all we need\n\n  app   # really\n", "app>=1", "app; python_version > '3'\napp\n"]
)
def test_lock_that_answers_is_green_and_asks_nobody(
    wheelpin: Wheelpin, locked: tuple[str, ...], index: IndexServer, text: str
) -> None:
    write(text)
    index.forget_requests()
    before = LOCK.read_bytes()
    said = wheelpin(*locked, "--check")
    assert (said.code, said.out) == (0, "")
    assert said.err == f"{LOCK}: 2 pins, as locked for {LINUX}\n"
    assert index.asked() == []
    assert wheelpin(*locked).code == 0
    assert LOCK.read_bytes() == before


def test_lock_that_does_not_answer_is_told_with_the_line_and_the_remedy(
    wheelpin: Wheelpin, locked: tuple[str, ...], index: IndexServer
) -> None:
    write("# more\napp[x]\nlib<1\n")
    said = wheelpin(*locked, "--check")
    assert said.code == 1
    assert said.out == (
        f"{LOCK} is out of date\n"
        "  error: in.txt, line 2: app[x] is asked for, and app is locked without that extra\n"
        "  error: in.txt, line 3: lib<1 is asked for, and 1.0 is pinned\n"
    )
    assert said.hints == [f"wheelpin lock -r in.txt --target {LINUX} -i {index.url}"]
    assert wheelpin(*said.hints[0].split()[1:]).code == 0
    assert wheelpin(*locked, "--check").code == 0


def test_pins_are_named_by_their_lines(wheelpin: Wheelpin, locked: tuple[str, ...]) -> None:
    write("lib\n")
    said = wheelpin(*locked, "--check")
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, start=1) if line.startswith("app @ "))
    assert f"  error: {LOCK}, line {number}: app is pinned, and nothing asks for it any more\n" in said.out


def test_annotations_are_workflow_commands(wheelpin: Wheelpin, locked: tuple[str, ...]) -> None:
    write("app\nnews\n")
    said = wheelpin(*locked, "--check", "--format", "github")
    assert said.code == 1
    assert said.out == (
        f"::error file=in.txt,line=2,title={LINUX}.txt%3A not-pinned::news is asked for, and news is not pinned\n"
    )
    assert said.err.startswith(f"{LOCK}: 1 difference\n")


def test_line_of_a_table_in_a_project_file_is_annotated_there(wheelpin: Wheelpin, words: tuple[str, ...]) -> None:
    project = '[project]\nname = "site"\nversion = "1"\ndependencies = [\n    "app",\n{}]\n'
    words = ("lock", "-t", LINUX, *words[-2:])
    Path("pyproject.toml").write_text(project.format(""), encoding="utf-8")
    assert wheelpin(*words).code == 0
    Path("pyproject.toml").write_text(project.format('    "news",\n'), encoding="utf-8")
    said = wheelpin(*words, "--check", "--format", "github")
    assert said.out.startswith("::error file=pyproject.toml,line=6,title=")


def test_what_the_command_line_asks_is_annotated_at_the_lock(wheelpin: Wheelpin, locked: tuple[str, ...]) -> None:
    said = wheelpin(*locked, "news", "--check", "--format", "github")
    assert f"::error file={LOCK},title={LINUX}.txt%3A not-pinned::news is asked for" in said.out


@pytest.mark.parametrize(
    ("annotation", "line"),
    [
        pytest.param(
            Annotation(severity="error", title="a: b, c", message="100%\r\n::error::x", file="a,b:c.txt", line=3),
            "::error file=a%2Cb%3Ac.txt,line=3,title=a%3A b%2C c::100%25%0D%0A::error::x",
            id="everything that could end a command",
        ),
        pytest.param(
            Annotation(severity="notice", title="", message="", file="a", line=None),
            "::notice file=a,title=::",
            id="nothing said",
        ),
    ],
)
def test_annotation_stays_one_command(annotation: Annotation, line: str) -> None:
    assert list(github_lines([annotation])) == [line]


def test_json_has_every_lock_with_its_findings(wheelpin: Wheelpin, locked: tuple[str, ...]) -> None:
    write("app\nnews\n")
    said = wheelpin(*locked, "-t", MAC, "--check", "--json")
    assert said.code == 1
    first, second = json.loads(said.out)["locks"]
    assert (first["file"], first["is_sound"], first["target"]["name"]) == (LOCK.as_posix(), False, LINUX)
    assert first["findings"] == [
        {
            "kind": "not-pinned",
            "severity": "error",
            "message": "news is asked for, and news is not pinned",
            "project": "news",
            "file": "in.txt",
            "line": 2,
        }
    ]
    assert [finding["kind"] for finding in second["findings"]] == ["lock-missing"]
    assert second["remedy"].endswith(f"--target {MAC} -i {locked[-1]}")


@pytest.mark.parametrize(("form", "name"), [("requirements", "a.txt"), ("hashes", "a.txt"), ("pylock", "pylock.toml")])
def test_every_form_is_checked(wheelpin: Wheelpin, words: tuple[str, ...], form: str, name: str) -> None:
    more = ("--format", form, "-o", name)
    assert wheelpin(*words, *more).code == 0
    assert wheelpin(*words, *more, "--check").code == 0
    assert wheelpin(*words, *more, "--check", "--format", "github").code == 0
    write("lib\n")
    said = wheelpin(*words, *more, "--check")
    assert said.code == 1
    lines = Path(name).read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, start=1) if line.startswith(("app", 'name = "app"')))
    assert f"error: {name}, line {number}: app is pinned, and nothing asks for it any more" in said.out


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        pytest.param(lambda text: text[: len(text) // 2], "", id="truncated"),
        pytest.param(lambda text: f"<<<<<<< ours\n{text}", "line 1: a merge left both sides here", id="merged"),
        pytest.param(lambda text: text.replace(".whl#", ".tar.gz#"), "is no wheel's name", id="not of wheels"),
        pytest.param(lambda text: text.replace("lock-version: 1", "lock-version: 9"), "has version 9", id="of later"),
        pytest.param(
            lambda text: text.replace("# index", "# colour: red\n# index"), "'# colour: red'", id="unknown key"
        ),
    ],
)
def test_lock_that_is_damaged_is_told_with_the_line(
    wheelpin: Wheelpin, locked: tuple[str, ...], damage: "object", told: str
) -> None:
    LOCK.write_text(damage(LOCK.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]
    said = wheelpin(*locked, "--check")
    assert said.code == 1
    assert told in said.out
    assert f"error: {LOCK}, line " in said.out or not told


@pytest.mark.parametrize(("form", "name"), [("requirements", "a.txt"), ("pylock", "pylock.toml")])
def test_merge_that_touched_the_proof_alone_is_settled_by_locking_again(
    wheelpin: Wheelpin, words: tuple[str, ...], form: str, name: str
) -> None:
    words = (*words, "--format", form, "-o", name)
    assert wheelpin(*words).code == 0
    before = Path(name).read_text(encoding="utf-8")
    (proof,) = [line for line in before.splitlines() if "pins=" in line]
    other = proof.replace("pins=", "pins=0")
    merged = before.replace(proof, f"<<<<<<< HEAD\n{proof}\n=======\n{other}\n>>>>>>> other")
    Path(name).write_text(merged, encoding="utf-8")
    said = wheelpin(*words, "--check")
    assert said.code == 1
    assert "somebody edited the pins since they were locked, or merged them" in said.out
    assert wheelpin(*words).code == 0
    assert Path(name).read_text(encoding="utf-8") == before


@pytest.mark.parametrize("form", ["requirements", "hashes", "pylock"])
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), id="its line ends"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="a byte order mark"),
    ],
)
def test_what_editors_do_to_a_lock_never_matters(
    wheelpin: Wheelpin, project: Path, form: str, edit: Callable[[bytes], bytes]
) -> None:
    wheel = make_wheel("alpha", "1.0")
    (project / wheel.filename).write_bytes(wheel.body)
    words = ("lock", "alpha", "-t", LINUX, "--no-index", "-f", ".", "--format", form, "-o", "pylock.toml")
    assert wheelpin(*words).code == 0
    (project / "pylock.toml").write_bytes(edit((project / "pylock.toml").read_bytes()))
    assert wheelpin(*words, "--check").code == 0
    assert wheelpin("vendor", "pylock.toml", "-t", "out", "--no-index", "-f", ".").code == 0


def test_wheel_of_ones_own_is_compared_where_it_lies(wheelpin: Wheelpin, project: Path) -> None:
    wheel = make_wheel("alpha", "1.0")
    (project / "wheels").mkdir()
    path = project / "wheels" / wheel.filename
    path.write_bytes(wheel.body)
    words = ("lock", "alpha", "-t", LINUX, "--no-index", "-f", "wheels")
    assert wheelpin(*words).code == 0
    assert wheelpin(*words, "--check").code == 0
    path.write_bytes(make_wheel("alpha", "1.0", requires=["beta"]).body)
    assert f"wheels/{wheel.filename} is not the file that was locked" in wheelpin(*words, "--check").out
    path.unlink()
    assert wheelpin(*words, "--check").code == 0


def test_project_that_refuses_the_targets_python_is_told(wheelpin: Wheelpin, words: tuple[str, ...]) -> None:
    text = '[project]\nname = "site"\nversion = "1"\nrequires-python = "{}"\ndependencies = ["app"]\n'
    Path("pyproject.toml").write_text(text.format(">=3.8"), encoding="utf-8")
    words = ("lock", "-t", LINUX, *words[-2:])
    assert wheelpin(*words).code == 0
    Path("pyproject.toml").write_text(text.format(">=3.13"), encoding="utf-8")
    said = wheelpin(*words, "--check")
    assert said.code == 1
    assert "requires-python is >=3.13, and cp312-manylinux_2_28_x86_64 has Python 3.12." in said.out


@pytest.mark.parametrize(
    ("more", "error"),
    [
        pytest.param(("--check", "--upgrade"), "--check changes nothing, and --upgrade asks for changes", id="upgrade"),
        pytest.param(("--check", "-P", "app"), "--check changes nothing", id="upgrade of one"),
        pytest.param(("--check", "-o", "-"), "--check reads locks where they lie, and -o - names none", id="output"),
        pytest.param(
            ("--check", "--index", "--offline"), "--index asks the index, and --offline forbids", id="offline"
        ),
        pytest.param(("--index",), "--index belongs to --check", id="the index without a check"),
        pytest.param(("--format", "github"), "--format github belongs to --check", id="annotations of nothing"),
        pytest.param(
            ("--format", "hashes", "--format", "requirements"),
            "a lock has one form, not hashes and requirements",
            id="two forms",
        ),
        pytest.param(("--check", "-t", MAC, "-o", "a.txt"), "-o names one file, and there are several", id="one file"),
    ],
)
def test_contradictions_are_refused(
    wheelpin: Wheelpin, words: tuple[str, ...], more: tuple[str, ...], error: str
) -> None:
    said = wheelpin(*words, *more)
    assert said.code == 2
    assert error in said.errors[0]


# Against the index


def test_index_that_offers_what_it_did_is_green_in_one_burst(
    wheelpin: Wheelpin, locked: tuple[str, ...], index: IndexServer
) -> None:
    index.forget_requests()
    said = wheelpin(*locked, "--check", "--index")
    assert (said.code, said.out) == (0, "")
    assert sorted(served.path for served in index.asked()) == ["/simple/app/", "/simple/lib/"]


def test_what_became_of_files_is_told(wheelpin: Wheelpin, locked: tuple[str, ...], index: IndexServer) -> None:
    index.add(Shown(file=make_wheel("app", "1.0", requires=["lib"]), yanked="it loses data"))
    index.remove(make_wheel("lib", "1.0").filename)
    assert wheelpin(*locked, "--check").code == 0
    said = wheelpin(*locked, "--check", "--index")
    assert said.code == 1
    assert f"lib-1.0-py3-none-any.whl is not on {index.url} any more" in said.out
    assert "app-1.0-py3-none-any.whl was yanked: it loses data" in said.out
    assert "app-1.0-py3-none-any.whl is another file than was locked" in said.out


def test_quarantine_and_archive_are_told(wheelpin: Wheelpin, locked: tuple[str, ...], index: IndexServer) -> None:
    index.statuses["app"] = Status(status="quarantined", reason="malware")
    index.statuses["lib"] = Status(status="archived")
    said = wheelpin(*locked, "--check", "--index")
    assert said.code == 1
    assert "app is quarantined: malware" in said.out
    assert f"warning: {LOCK}, line 12: lib is archived" in said.out


def test_plain_page_without_marks_shows_what_it_can(wheelpin: Wheelpin, words: tuple[str, ...]) -> None:
    with IndexServer.html_plain(make_wheel("lib", "1.0")) as plain:
        plain.cache_control = "no-cache"
        words = ("lock", "lib", "-t", LINUX, "-i", plain.url)
        assert wheelpin(*words).code == 0
        assert wheelpin(*words, "--check", "--index").code == 0
        plain.add(make_wheel("lib", "1.1"))
        plain.remove(make_wheel("lib", "1.0").filename)
        assert wheelpin(*words, "--check", "--index").code == 1


def test_index_that_is_away_is_an_error_of_its_own(
    wheelpin: Wheelpin, locked: tuple[str, ...], index: IndexServer
) -> None:
    index.answers["/simple/app/"] = 503
    said = wheelpin(*locked, "--check", "--index", "--no-cache")
    assert said.code == 5
    assert len(said.errors) == 1


def test_direct_address_is_asked_for_its_first_byte_only(wheelpin: Wheelpin, index: IndexServer) -> None:
    url = index.file_url(make_wheel("lib", "1.0").filename)
    words = ("lock", f"lib @ {url}", "-t", LINUX, "-i", index.url)
    assert wheelpin(*words).code == 0
    index.forget_requests()
    said = wheelpin(*words, "--check", "--index", "--no-cache")
    assert said.code == 0
    assert f"notice: {LOCK}, line " in said.out
    assert f"{url} is there; whether its bytes are the same shows only when it is fetched" in said.out
    index.remove(make_wheel("lib", "1.0").filename)
    said = wheelpin(*words, "--check", "--index")
    assert said.code == 1
    assert f"{url} is gone" in said.out


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        pytest.param(403, 1, "cannot be had: the server answers 403", id="refused"),
        pytest.param(410, 1, "is gone", id="gone"),
    ],
)
def test_direct_address_that_answers_otherwise_is_told(
    wheelpin: Wheelpin, index: IndexServer, status: int, code: int, told: str
) -> None:
    url = index.file_url(make_wheel("lib", "1.0").filename)
    words = ("lock", f"lib @ {url}", "-t", LINUX, "-i", index.url)
    assert wheelpin(*words).code == 0
    index.answers[url.removeprefix(index.origin)] = status
    said = wheelpin(*words, "--check", "--index")
    assert said.code == code
    assert f"{url} {told}" in said.out


def test_server_without_ranges_does_not_have_to_send_all(wheelpin: Wheelpin) -> None:
    large = make_wheel("lib", "1.0", files={"lib/data.bin": os.urandom(200_000)})
    with IndexServer.json_with_sidecars(large) as index:
        index.ranges = Ranges.IGNORED
        url = index.file_url(large.filename)
        words = ("lock", f"lib @ {url}", "-t", LINUX, "-i", index.url)
        assert wheelpin(*words).code == 0
        said = wheelpin(*words, "--check", "--index", "--no-cache")
        assert said.code == 0
        assert f"{url} is there" in said.out


def test_check_loads_no_http_client(process: Process, words: tuple[str, ...]) -> None:
    loaded(process, *words)
    found = loaded(process, *words, "--check")
    assert found & {"httpcore", "httpx", "ssl", "truststore", "rich", "selectolax", "installer", "keyring"} == set()


def test_lock_from_several_places_is_green_until_one_is_another(
    wheelpin: Wheelpin, index: IndexServer, project: Path
) -> None:
    own = make_wheel("own", "1.0")
    (project / "wheels").mkdir()
    (project / "wheels" / own.filename).write_bytes(own.body)
    with IndexServer.html_plain(make_wheel("extra"), make_wheel("tied"), make_wheel("lib", "9.0")) as other:
        direct = other.file_url("lib-9.0-py3-none-any.whl")
        text = f"--extra-index-url {other.url}\n-f wheels\napp[x]\nextra\nown\ntied==1.0\nlib @ {direct}\n"
        places = ("-i", index.url, "--project-index", f"tied={other.url}")
        words = ("lock", "-r", "in.txt", "-t", "aws-lambda-python3.12-arm64", "-t", LINUX, *places)
        write(text)
        assert wheelpin(*words).code == 0
        assert wheelpin(*words, "--check").code == 0
        assert wheelpin(*words, "--check", "--index").code == 0
        for more in (("--pre",), ("--exclude-newer", "2030-01-01"), ("--project-index", f"own={other.url}")):
            assert wheelpin(*words, *more, "--check").code == 1
        for gone in ("-f wheels\n", f"--extra-index-url {other.url}\n"):
            write(text.replace(gone, ""))
            assert wheelpin(*words, "--check").code == 1
