"""``wheelpin lock`` with a project's file: every target that it names, from any folder, with options over it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin, lines_of_pins
from tests.index_server import IndexServer, Shown
from wheelpin.cli.recall import recall

LEGACY = "cp36-manylinux1_x86_64"
WORLD = (
    make_wheel("alpha", "1.0", requires=["beta"]),
    make_wheel("alpha", "2.0", requires=["beta"], requires_python=">=3.8"),
    make_wheel("alpha", "3.0rc1", requires=["beta"]),
    make_wheel("beta", "1.0"),
    make_wheel("gamma", "1.0"),
)
FILE = f"""
requirements = ["requirements.in"]
[targets]
lambda = "aws-lambda-python3.12-arm64"
old = {{ tags = "{LEGACY}", python-full-version = "3.6.8" }}
"""


@pytest.fixture
def index() -> Iterator[IndexServer]:
    shown = (Shown(file=wheel, uploaded_at="2020-01-01T00:00:00Z") for wheel in WORLD)
    with IndexServer.json_with_sidecars(*shown) as running:
        yield running


@pytest.fixture
def lay(index: IndexServer, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out a project with two targets, on a machine whose index is the test's."""
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    (project / "wheelpin.toml").write_text(FILE)
    (project / "requirements.in").write_text("alpha\n")
    return project


def pins(path: str | Path) -> list[str]:
    """Return the files of a lock."""
    return [line.rpartition("/")[2].partition("#")[0] for line in lines_of_pins(Path(path).read_text())]


def header(path: str | Path) -> dict[str, str]:
    lines = (line[2:] for line in Path(path).read_text().splitlines() if line.startswith("# "))
    return {key: value for key, colon, value in (line.partition(": ") for line in lines) if colon}


def test_every_target_of_the_file_is_locked_under_its_name(wheelpin: Wheelpin, lay: Path) -> None:
    said = wheelpin("lock")
    assert said.code == 0, said.err
    assert said.err.splitlines() == ["lockfiles/lambda.txt: 2 pins for lambda", "lockfiles/old.txt: 2 pins for old"]
    assert pins("lockfiles/lambda.txt") == ["alpha-2.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl"]
    assert pins("lockfiles/old.txt") == ["alpha-1.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl"]
    found = header("lockfiles/lambda.txt")
    assert found["target-name"] == "lambda"
    assert found["preset"] == "aws-lambda-python3.12-arm64"
    assert found["input"] == "-r requirements.in"
    assert found["refresh"] == "wheelpin lock --target lambda"
    assert header("lockfiles/old.txt")["wheelpin"].endswith("python-full-version=3.6.8")


def test_refresh_command_of_a_lock_changes_nothing(wheelpin: Wheelpin, lay: Path) -> None:
    wheelpin("lock")
    before = {path: path.read_bytes() for path in Path("lockfiles").iterdir()}
    for path in before:
        assert wheelpin(*header(path)["refresh"].split()[1:]).code == 0
    assert wheelpin("lock", "--upgrade").code == 0
    assert {path: path.read_bytes() for path in Path("lockfiles").iterdir()} == before


def test_lock_of_a_preset_under_another_name_keeps_its_limits(wheelpin: Wheelpin, lay: Path) -> None:
    wheelpin("lock")
    said = wheelpin("bundle", "lockfiles/lambda.txt", "-o", "out.zip", "--json")
    assert said.code == 0, said.err
    assert '"layout": "aws-lambda"' in said.out


def test_target_is_chosen_by_name_and_names_go_before_spellings(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "wheelpin.toml").write_text(f'{FILE}\n"{LINUX}" = "{LEGACY}"\n')
    assert wheelpin("lock", "-t", "old").code == 0
    assert [path.name for path in Path("lockfiles").iterdir()] == ["old.txt"]
    assert wheelpin("lock", "-t", LINUX, "-o", "it.txt").code == 0
    assert header("it.txt")["wheelpin"].startswith(f"target={LEGACY} ")


def test_target_that_the_file_does_not_name_is_spelled(wheelpin: Wheelpin, lay: Path) -> None:
    assert wheelpin("lock", "-t", LINUX).code == 0
    assert header(LOCK)["refresh"] == f"wheelpin lock --target {LINUX}"


def test_targets_without_names_are_locked_under_their_own(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "wheelpin.toml").write_text(f'requirements = ["requirements.in"]\ntargets = ["{LINUX}", "{LEGACY}"]\n')
    assert wheelpin("lock").code == 0
    assert sorted(path.stem for path in Path("lockfiles").iterdir()) == sorted([LINUX, LEGACY])
    assert header(LOCK)["refresh"] == f"wheelpin lock --target {LINUX}"


def test_file_is_found_from_a_folder_within_and_its_paths_start_at_it(
    wheelpin: Wheelpin, lay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheelpin("lock")
    before = Path("lockfiles/lambda.txt").read_bytes()
    (lay / "src" / "deep").mkdir(parents=True)
    monkeypatch.chdir(lay / "src" / "deep")
    said = wheelpin("lock", "-t", "lambda", "--refresh")
    assert said.err == "../../lockfiles/lambda.txt: 2 pins for lambda (unchanged)\n"
    assert (lay / "lockfiles/lambda.txt").read_bytes() == before


def test_wheels_of_a_folder_are_pinned_from_the_file_s_folder(
    wheelpin: Wheelpin, lay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lay / "wheels").mkdir()
    local = make_wheel("gamma", "5.0")
    (lay / "wheels" / local.filename).write_bytes(local.body)
    (lay / "requirements.in").write_text("gamma\n")
    (lay / "wheelpin.toml").write_text(f'find-links = ["wheels"]\n{FILE}')
    (lay / "src").mkdir()
    monkeypatch.chdir(lay / "src")
    assert wheelpin("lock", "-t", "lambda").code == 0
    assert "wheels/gamma-5.0" in (lay / "lockfiles/lambda.txt").read_text()
    assert "../" not in (lay / "lockfiles/lambda.txt").read_text()
    assert str(lay) not in (lay / "lockfiles/lambda.txt").read_text()


def test_find_links_of_a_requirements_file_start_at_that_file(
    wheelpin: Wheelpin, lay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lay / "wheels").mkdir()
    local = make_wheel("gamma", "5.0")
    (lay / "wheels" / local.filename).write_bytes(local.body)
    (lay / "requirements.in").write_text("--find-links wheels\ngamma\n")
    (lay / "src").mkdir()
    monkeypatch.chdir(lay / "src")
    assert wheelpin("lock", "-t", "lambda").code == 0
    assert "wheels/gamma-5.0" in (lay / "lockfiles/lambda.txt").read_text()


@pytest.mark.parametrize(
    ("more", "words", "expected"),
    [
        pytest.param("pre-releases = true", [], "alpha-3.0rc1", id="pre-releases"),
        pytest.param('exclude-newer = "2000-01-01"', ["--exclude-newer", "2999-01-01"], "alpha-2.0", id="cut-off"),
        pytest.param('index-url = "https://index.invalid/"', ["-i", "INDEX"], "alpha-2.0", id="index"),
        pytest.param('constraints = ["c.txt"]', [], "alpha-1.0", id="constraints"),
        pytest.param('constraints = ["c.txt"]', ["-c", "other.txt"], "alpha-2.0", id="other constraints"),
        pytest.param('overrides = ["o.txt"]', [], "gamma", id="overrides"),
        pytest.param("no-index = true", ["-f", "LINKS"], "alpha-2.0", id="no index"),
    ],
)
def test_rules_of_the_file_hold_and_options_go_before_them(
    wheelpin: Wheelpin, lay: Path, index: IndexServer, more: str, words: list[str], expected: str
) -> None:
    (lay / "c.txt").write_text("alpha<2\n")
    (lay / "other.txt").write_text("alpha<3\n")
    (lay / "o.txt").write_text("alpha==1.0\ngamma\n")
    (lay / "requirements.in").write_text("alpha\ngamma\n")
    (lay / "wheelpin.toml").write_text(f"{more}\n{FILE}")
    places = {"INDEX": index.url, "LINKS": index.links_url}
    said = wheelpin("lock", "-t", "lambda", *(places.get(word, word) for word in words))
    assert said.code == 0, said.err
    assert any(pin.startswith(expected) for pin in pins("lockfiles/lambda.txt"))


def test_index_of_the_file_counts(wheelpin: Wheelpin, lay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "9.0")) as private:
        (lay / "wheelpin.toml").write_text(f'project-indexes = {{ alpha = "{private.url}" }}\n{FILE}')
        assert wheelpin("lock", "-t", "lambda").code == 0
        assert pins("lockfiles/lambda.txt") == ["alpha-9.0-py3-none-any.whl"]
        (lay / "wheelpin.toml").write_text(f'index-url = "{private.url}"\n{FILE}')
        assert wheelpin("lock", "-t", "lambda").code == 0
        assert header("lockfiles/lambda.txt")["index"] == private.url
    assert "refresh: wheelpin lock --target lambda\n" in Path("lockfiles/lambda.txt").read_text()


def test_wrong_address_is_named_by_file_and_key(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "wheelpin.toml").write_text(f'index-url = "ftp://index.example/"\n{FILE}')
    said = wheelpin("lock")
    assert said.code == 2
    assert "error: wheelpin.toml, index-url: 'ftp://index.example/' is not an absolute address" in said.err


def test_target_may_have_requirements_a_form_and_a_file_of_its_own(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "old.in").write_text("gamma\n")
    (lay / "wheelpin.toml").write_text(
        f'{FILE}\n[targets.other]\ntags = "{LINUX}"\nrequirements = ["old.in"]\n'
        'lockfile = "other/lock.txt"\nformat = "hashes"\n'
    )
    assert wheelpin("lock").code == 0
    assert "gamma==1.0 --hash=sha256:" in Path("other/lock.txt").read_text()
    assert header("other/lock.txt")["input"] == "-r old.in"
    assert sorted(path.name for path in Path("lockfiles").iterdir()) == ["lambda.txt", "old.txt"]


def test_several_forms_lie_beside_each_other(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "wheelpin.toml").write_text(f'format = ["requirements", "hashes"]\n{FILE}')
    assert wheelpin("lock", "-t", "old").code == 0
    assert "alpha @ http" in Path("lockfiles/old.txt").read_text()
    assert "alpha==1.0 --hash" in Path("lockfiles/old.hashes.txt").read_text()
    assert wheelpin("lock", "-t", "old", "--format", "hashes", "-o", "-").out.count("--hash=") == 2


def test_pyproject_s_dependencies_are_locked_where_no_file_is_named(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "wheelpin.toml").unlink()
    (lay / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "1"\ndependencies = ["beta"]\n'
        '[dependency-groups]\ntest = ["gamma"]\n'
        f'[tool.wheelpin]\ngroups = ["test"]\ntargets.only = "{LINUX}"\n'
    )
    assert wheelpin("lock").code == 0
    assert pins("lockfiles/only.txt") == ["beta-1.0-py3-none-any.whl", "gamma-1.0-py3-none-any.whl"]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        pytest.param(("lock", "-t", "lambdaa"), "wheelpin.toml names lambda, old; `wheelpin target list`", id="lock"),
        pytest.param(("explain", "beta", "-t", "cp312"), "wheelpin.toml names lambda, old; add one", id="explain"),
    ],
)
@pytest.mark.usefixtures("lay")
def test_target_that_the_file_does_not_name_is_told_with_those_that_it_does(
    wheelpin: Wheelpin, words: tuple[str, ...], hint: str
) -> None:
    said = wheelpin(*words)
    assert said.code == 2
    assert said.hints[0].startswith(hint)


def test_file_without_names_has_none_to_offer(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "wheelpin.toml").write_text(f'requirements = ["requirements.in"]\ntargets = ["{LINUX}"]\n')
    assert wheelpin("lock", "-t", "cp312-win64").hints == ["did you mean win_amd64?"]


def test_target_that_nothing_applies_to_is_told(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "requirements.in").write_text("gamma; sys_platform == 'win32'\n")
    said = wheelpin("lock", "-t", "old")
    assert said.code == 0
    assert said.warnings == ["nothing that is asked for applies to old: its lock is empty"]


def test_failure_of_one_target_leaves_every_lock_as_it_was(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "requirements.in").write_text("alpha==2.0\n")
    said = wheelpin("lock")
    assert said.code == 3
    assert "1 of 2 targets has no answer: old" in said.err
    assert not Path("lockfiles").exists()


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        pytest.param("targets.a = 'cp12'", [], "target 'cp12' (wheelpin.toml, line 1)", id="no target"),
        pytest.param(
            "targets.a = { tags = 'cp312-win_amd64', python-full-version = '3.6.1' }",
            [],
            "Python version '3.6.1' for target cp312-win_amd64 (wheelpin.toml, line 1): the target is 3.12",
            id="another Python",
        ),
        pytest.param("targets.a = './no.json'", [], "cannot read no.json", id="no target file"),
        pytest.param(
            "requirements = ['no.in']\ntargets.a = 'cp312-win_amd64'",
            [],
            "wheelpin.toml: cannot read no.in: there is no such file",
            id="no requirements file",
        ),
        pytest.param("targets.a = 'cp312-win_amd64'", [], "wheelpin.toml says nothing of requirements", id="nothing"),
        pytest.param("requirements = ['requirements.in']", [], "no target", id="no targets"),
        pytest.param("extras = ['x']\n" + FILE, [], "wheelpin.toml: extras are asked for", id="extras of nothing"),
        pytest.param(
            FILE + "again = { tags = 'cp36-win32', lockfile = 'lockfiles/old.txt' }",
            [],
            "wheelpin.toml: the targets old and again would both have lockfiles/old.txt as their lock",
            id="one lock for two",
        ),
        pytest.param(FILE, ["gamma", "-t", "lambda"], "lockfiles/lambda.txt is the lock of lambda in", id="kept"),
        pytest.param(
            f"targets = ['{LINUX}']",
            ["gamma", "-t", LINUX],
            f"lockfiles/{LINUX}.txt is the lock of {LINUX} in wheelpin.toml",
            id="kept without a name",
        ),
        pytest.param(FILE, ["-o", "one.txt"], "-o names one file, and there are several targets", id="one file"),
        pytest.param(FILE, ["--upgrade", "alpha>1"], "names of projects: name is invalid: 'alpha>1'", id="no name"),
    ],
)
def test_wrong_file_or_word_is_answered_with_its_place(
    wheelpin: Wheelpin, lay: Path, text: str, words: list[str], said: str
) -> None:
    (lay / "wheelpin.toml").write_text(text)
    outcome = wheelpin("lock", *words)
    assert outcome.code == 2
    assert said in outcome.err
    assert not Path("lockfiles").exists()


def test_two_files_in_one_folder_are_refused(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "pyproject.toml").write_text("[tool.wheelpin]\n")
    said = wheelpin("lock")
    assert said.code == 2
    assert "both wheelpin.toml and [tool.wheelpin] in pyproject.toml say what to lock" in said.err


def test_other_requirements_are_locked_under_the_file_s_rules(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "wheelpin.toml").write_text(f"pre-releases = true\n{FILE}")
    said = wheelpin("lock", "alpha", "-t", "lambda", "-o", "-", "--format", "hashes")
    assert said.code == 0, said.err
    assert "alpha==3.0rc1" in said.out
    assert "# refresh: wheelpin lock alpha --target lambda --format hashes\n" in said.out


def test_locks_may_go_to_another_folder_and_form(wheelpin: Wheelpin, lay: Path) -> None:
    assert wheelpin("lock", "--output-dir", "out", "--format", "hashes").code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["lambda.txt", "old.txt"]
    assert header("out/old.txt")["refresh"] == "wheelpin lock --target old --format hashes --output-dir out"


def test_captured_target_is_named_as_the_file_s_folder_sees_it(
    wheelpin: Wheelpin, lay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured = wheelpin("target", "capture", "--python", sys.executable)
    assert captured.code == 0
    (lay / "machines").mkdir()
    (lay / "machines" / "mine.json").write_text(captured.out)
    (lay / "wheelpin.toml").write_text(f'{FILE}\nhere = "machines/mine.json"\n')
    assert wheelpin("lock", "-t", "here").code == 0
    assert header("lockfiles/here.txt")["target-name"] == "here"
    monkeypatch.chdir(lay / "machines")
    assert wheelpin("lock", "-t", "mine.json").code == 0
    assert header(lay / "lockfiles/mine.txt")["refresh"] == "wheelpin lock --target machines/mine.json"
    assert recall(["lock", "-t", "mine.json"]) or wheelpin("lock", "-t", "mine.json").code == 0
    (lay / "machines" / "mine.json").write_text(captured.out + "\n")
    assert not recall(["lock", "-t", "mine.json"])


def test_named_projects_alone_are_upgraded(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "requirements.in").write_text("alpha<2\ngamma<1\n")
    with IndexServer.json_with_sidecars(*WORLD, make_wheel("gamma", "0.5"), make_wheel("alpha", "0.5")) as index:
        (lay / "wheelpin.toml").write_text(f'index-url = "{index.url}"\n{FILE}')
        assert wheelpin("lock", "-t", "lambda").code == 0
        (lay / "requirements.in").write_text("alpha\ngamma\n")
        assert wheelpin("lock", "-t", "lambda", "--refresh").code == 0
        assert pins("lockfiles/lambda.txt")[::2] == ["alpha-1.0-py3-none-any.whl", "gamma-0.5-py3-none-any.whl"]
        assert wheelpin("lock", "-t", "lambda", "--upgrade", "gamma").code == 0
        assert pins("lockfiles/lambda.txt")[::2] == ["alpha-1.0-py3-none-any.whl", "gamma-1.0-py3-none-any.whl"]
        assert wheelpin("lock", "-t", "lambda", "-P", "alpha").code == 0
        assert pins("lockfiles/lambda.txt")[::2] == ["alpha-2.0-py3-none-any.whl", "gamma-1.0-py3-none-any.whl"]


def test_other_requirements_are_upgraded_in_their_own_lock(wheelpin: Wheelpin, lay: Path) -> None:
    with IndexServer.json_with_sidecars(*WORLD, make_wheel("alpha", "0.5")) as index:
        (lay / "wheelpin.toml").write_text(f'index-url = "{index.url}"\n{FILE}')
        for words in (["alpha<1"], ["alpha<2"], ["alpha<2", "--upgrade"]):
            assert wheelpin("lock", *words, "-t", "lambda", "-o", "own.txt").code == 0
        assert pins("own.txt")[::2] == ["alpha-1.0-py3-none-any.whl"]
        assert not Path("lockfiles").exists()


def test_project_to_upgrade_that_no_lock_pins_is_told(wheelpin: Wheelpin, lay: Path) -> None:
    wheelpin("lock")
    said = wheelpin("lock", "-P", "alpah", "-P", "Beta")
    assert said.code == 0
    assert said.warnings == ["nothing to upgrade: no lock pins alpah"]


def test_other_commands_know_the_file_s_targets_and_rules(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "wheelpin.toml").write_text(f"pre-releases = true\n{FILE}")
    assert "alpha 3.0rc1 for lambda" in wheelpin("explain", "alpha", "-t", "lambda").out
    table = wheelpin("matrix", "alpha").out
    assert table.split() == ["newest", "lambda", "old", "alpha", "3.0rc1", "3.0rc1", "3.0rc1"]
    assert "cp36-manylinux1_x86_64" in wheelpin("target", "show", "old").out
    assert wheelpin("download", "gamma", "-t", "old", "-d", "wheels").code == 0
    wheelpin("lock")
    assert wheelpin("download", "lockfiles/old.txt", "-t", "old", "-d", "wheels").code == 0


def test_other_commands_take_a_directive_before_the_file(wheelpin: Wheelpin, lay: Path) -> None:
    (lay / "other.in").write_text("# wheelpin: target=cp312-win_amd64\ngamma\n")
    assert wheelpin("download", "-r", "other.in", "-d", "wheels").code == 0
    assert "gamma 1.0 for cp312-win_amd64" in wheelpin("explain", "gamma==1.0[cp312,win_amd64]").out


def test_repeated_run_is_answered_from_memory_until_a_file_changes(
    wheelpin: Wheelpin, lay: Path, index: IndexServer
) -> None:
    wheelpin("lock")
    wheelpin("lock")
    index.forget_requests()
    assert recall(["lock"])
    assert index.asked() == []
    (lay / "wheelpin.toml").write_text(f"pre-releases = true\n{FILE}")
    assert not recall(["lock"])
    wheelpin("lock", "--upgrade")
    assert pins("lockfiles/lambda.txt")[0] == "alpha-3.0rc1-py3-none-any.whl"


def test_project_file_that_appears_ends_what_is_remembered(
    wheelpin: Wheelpin, index: IndexServer, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    words = ["lock", "alpha", "-t", LINUX]
    wheelpin(*words)
    wheelpin(*words)
    assert recall(words)
    (project / "wheelpin.toml").write_text("pre-releases = true\n")
    assert not recall(words)


def test_answer_with_a_secret_in_the_file_is_not_remembered(wheelpin: Wheelpin, lay: Path, index: IndexServer) -> None:
    (lay / "wheelpin.toml").write_text(f'index-url = "{index.url_with_credentials}"\n{FILE}')
    wheelpin("lock")
    wheelpin("lock")
    assert not recall(["lock"])
    assert "@" not in "".join(line for line in header("lockfiles/lambda.txt").values())
