"""``--extra`` and ``--group`` choose what a lock of another tool offers beside its defaults."""

import zipfile
from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_wheel
from tests.cli.running import LINUX, Wheelpin

ALPHA, BETA, GAMMA = (make_wheel(name) for name in ("alpha", "beta", "gamma"))
PYLOCK = """\
lock-version = "1.0"
created-by = "a test"
extras = ["more"]
dependency-groups = ["dev"]
"""


def package(file: BuiltFile, marker: str = "") -> str:
    wheel = f'{{ path = "{file.filename}", hashes = {{ sha256 = "{file.sha256}" }} }}'
    lines = ["", "[[packages]]", f'name = "{file.project}"', 'version = "1.0"', f"wheels = [{wheel}]", marker]
    return "\n".join(lines) + "\n"


@pytest.fixture
def pylock(project: Path) -> Path:
    for file in (ALPHA, BETA, GAMMA):
        (project / file.filename).write_bytes(file.body)
    text = PYLOCK + package(ALPHA) + package(BETA, "marker = \"'more' in extras\"")
    text += package(GAMMA, "marker = \"'dev' in dependency_groups\"")
    (project / "pylock.toml").write_text(text, encoding="utf-8")
    return Path("pylock.toml")


CHOICES = [
    pytest.param((), {"alpha"}, id="the defaults"),
    pytest.param(("--extra", "More"), {"alpha", "beta"}, id="an extra"),
    pytest.param(("--group", "dev", "--extra", "more"), {"alpha", "beta", "gamma"}, id="a group, too"),
]


@pytest.mark.parametrize(("words", "projects"), CHOICES)
def test_every_delivery_takes_what_was_chosen(
    wheelpin: Wheelpin, pylock: Path, words: tuple[str, ...], projects: set[str]
) -> None:
    for command in (
        ("download", pylock, "-d", "wheels"),
        ("vendor", pylock, "-t", "vendored"),
        ("bundle", pylock, "-o", "app.zip", "--layout", "plain"),
    ):
        said = wheelpin(*command, "--target", LINUX, *words)
        assert said.code == 0, said.err
    assert {path.name.partition("-")[0] for path in Path("wheels").iterdir()} == projects
    assert {path.stem for path in Path("vendored").glob("*.py")} == projects
    with zipfile.ZipFile("app.zip") as archive:
        assert {name.removesuffix(".py") for name in archive.namelist() if name.endswith(".py")} == projects


@pytest.mark.parametrize("command", [("download", "-d"), ("vendor", "-t"), ("bundle", "-o")], ids=lambda each: each[0])
def test_what_is_not_offered_is_refused(wheelpin: Wheelpin, pylock: Path, command: tuple[str, str]) -> None:
    said = wheelpin(command[0], pylock, command[1], "out", "--target", LINUX, "--extra", "less")
    assert said.code == 2
    assert said.errors == ["error: pylock.toml offers no extra 'less'"]
    assert said.hints == ["it offers more"]


def test_lock_of_wheelpins_own_offers_nothing(wheelpin: Wheelpin, pylock: Path) -> None:
    assert wheelpin("lock", "alpha", "--no-index", "-f", ".", "--target", LINUX, "-o", "lock.txt").code == 0
    said = wheelpin("vendor", "lock.txt", "-t", "vendored", "--group", "dev")
    assert said.code == 2
    assert said.errors == ["error: lock.txt offers no group 'dev'"]
    assert said.hints == ["leave the option out"]
