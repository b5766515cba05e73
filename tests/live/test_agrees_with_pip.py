"""pip, run by the target's own interpreter, and wheelpin, told of that interpreter, answer the same.

There is no column for excused differences because there are none: where pip finds no answer, neither does wheelpin.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from tests.interpreters import pyenv_interpreters
from tests.live.commands import UnexpectedExitError, filenames, lock, run
from tests.live.pip import pip_version, would_install
from wheelpin.resolve.conflict import NothingFitsError

pytestmark = pytest.mark.live

FIRST_PIP_WITH_REPORTS = Version("22.2")
MINORS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"]
CASES = [
    pytest.param(("flask",), (), id="pure Python but for one"),
    pytest.param(("requests[socks]",), (), id="an extra"),
    pytest.param(("pandas<2",), ("3.12", "3.13"), id="an old release, without wheels for new Pythons"),
    pytest.param(("fastapi",), (), id="wheels for each Python"),
    pytest.param(("black",), (), id="a project of several wheels for one Python"),
    pytest.param(("flask", "-c", "limits.txt"), (), id="constraints"),
    pytest.param(("pydantic==2.12.0b1",), ("3.8",), id="a pre-release, pinned, beyond an old Python"),
    pytest.param(("--pre", "sqlalchemy[asyncio]", "attrs"), (), id="pre-releases on request"),
    pytest.param(("celery[redis,sqs]",), (), id="an extra that asks for another project's extras"),
    pytest.param(("cffi", "charset-normalizer", "msgspec", "pyyaml"), (), id="many compiled ones"),
]
"""What is asked, and under which Pythons nothing answers."""

LIMITS = """\
werkzeug<3.0.4,!=3.0.3
click<8.2
markupsafe!=3.0.3,<3.1  # of what flask asks for in turn
jinja2<3.1.4 ; python_version == "3.8"
"""


@pytest.fixture
def target(python: Path, tmp_path: Path) -> str:
    """Capture the interpreter."""
    if (version := pip_version(python)) < FIRST_PIP_WITH_REPORTS:
        pytest.skip(f"pip {version} of {python} cannot report what it would install")
    path = tmp_path / "captured.json"
    run("target", "capture", "--python", str(python), "-o", str(path))
    return str(path)


def minor_of(python: Path) -> str:
    """Return the minor version of one of pyenv's interpreters."""
    return next(minor for minor, found in pyenv_interpreters().items() if found == python)


def would_lock(*arguments: str) -> Mapping[str, str] | None:
    """Return what `would_install` returns, by wheelpin's account."""
    try:
        return filenames(lock(*arguments, "--build", "never"))
    except UnexpectedExitError as stop:
        if stop.exit_code == NothingFitsError.exit_code:
            return None
        raise


@pytest.mark.parametrize(("asked", "unanswered_under"), CASES)
@pytest.mark.parametrize("python", MINORS, indirect=True)
def test_pip_on_the_target_agrees(
    python: Path,
    target: str,
    asked: tuple[str, ...],
    unanswered_under: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "limits.txt").write_text(LIMITS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    by_pip = would_install(python, *asked)
    by_wheelpin = would_lock(*asked, "--target", target)
    if by_pip != by_wheelpin:
        # A release of these very minutes: pip asks for every page anew, wheelpin believes PyPI's term of ten minutes.
        by_pip = would_install(python, *asked)
        by_wheelpin = would_lock(*asked, "--target", target, "--refresh")
    assert by_wheelpin == by_pip
    assert (by_pip is None) is (minor_of(python) in unanswered_under)
