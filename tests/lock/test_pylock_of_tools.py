"""Locks as pip 26, uv, Pex, PDM 2.26 and nab 0.0.23 wrote them, shortened, with other addresses."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from wheelpin.locks import LockedFile
from wheelpin.locks.pylock_form import (
    DEFAULTS,
    LockNotForTargetError,
    NotOfferedError,
    Selection,
    parse_pylock_for,
)
from wheelpin.target import Target
from wheelpin.values import Origin

CASES = Path(__file__).parents[1] / "cases" / "pylock"
COLORAMA = "colorama-0.4.6-py2.py3-none-any.whl"


def filenames(tool: str, target: str, selection: Selection = DEFAULTS) -> list[str]:
    path = CASES / f"pylock.{tool}.toml"
    text = path.read_text(encoding="utf-8")
    lock = parse_pylock_for(text, Origin(path.name), Target.parse(target), selection=selection)
    files = [pin.file for pin in lock.pins]
    assert all(isinstance(file, LockedFile) and file.url == f"https://files.example/{file.filename}" for file in files)
    return [file.filename for file in files if isinstance(file, LockedFile)]


@pytest.mark.parametrize(
    ("tool", "target", "tags", "others"),
    [
        pytest.param("pip", "cp311-manylinux_2_28_x86_64", "cp311-cp311-manylinux2014_x86_64", [], id="pip"),
        pytest.param("uv", "cp312-win_amd64", "cp312-cp312-win_amd64", [COLORAMA], id="uv, Windows"),
        pytest.param("uv", "cp312-macosx_14_0_arm64", "cp312-cp312-macosx_11_0_arm64", [], id="uv, macOS"),
        pytest.param("uv", "aws-lambda-python3.12-arm64", "cp312-cp312-manylinux2014_aarch64", [], id="uv, a runtime"),
        pytest.param("pex", "cp312-macosx_14_0_arm64", "cp312-cp312-macosx_11_0_arm64", [], id="Pex, macOS"),
        pytest.param("pex", "cp312-musllinux_1_2_x86_64", "cp312-cp312-musllinux_1_2_x86_64", [], id="Pex, musl"),
        pytest.param("pdm", "cp312-musllinux_1_2_x86_64", "cp312-cp312-musllinux_1_2_x86_64", [], id="PDM, musl"),
        pytest.param("pdm", "cp312-win_amd64", "cp312-cp312-win_amd64", [COLORAMA], id="PDM, Windows"),
        pytest.param("nab", "cp312-win_amd64", "cp312-cp312-win_amd64", [COLORAMA], id="nab, Windows"),
        pytest.param("nab", "cp313-macosx_14_0_arm64", "cp313-cp313-macosx_11_0_arm64", [], id="nab, macOS"),
    ],
)
def test_target_gets_its_own_wheels(tool: str, target: str, tags: str, others: list[str]) -> None:
    *rest, compiled = filenames(tool, target)
    assert compiled.startswith(f"markupsafe-3.0.4-{tags}")
    assert rest == others


@pytest.mark.parametrize(
    ("tool", "target", "problem"),
    [
        pytest.param("pip", "cp312-win_amd64", "no wheel of markupsafe fits", id="pip locks for one machine"),
        pytest.param("pex", "cp312-win_amd64", "none of the environments", id="Pex, another system"),
        pytest.param("pex", "cp313-macosx_14_0_arm64", r"it is for Python <3\.13,>=3\.11", id="Pex, a later Python"),
        pytest.param("uv", "cp310-win_amd64", r"it is for Python >=3\.11", id="uv, an older Python"),
        pytest.param(
            "nab", "cp314-win_amd64", "none of the environments", id="nab, a Python that it was not asked for"
        ),
        pytest.param("pdm", "cp310-win_amd64", r"it is for Python >=3\.11", id="PDM, an older Python"),
    ],
)
def test_target_that_the_lock_is_not_for_is_refused(tool: str, target: str, problem: str) -> None:
    with pytest.raises(LockNotForTargetError, match=problem):
        filenames(tool, target)


def chosen(*, extras: Sequence[str] = (), groups: Sequence[str] = ()) -> Selection:
    return Selection(extras=frozenset(map(canonicalize_name, extras)), groups=frozenset(map(canonicalize_name, groups)))


@pytest.mark.parametrize("tool", ["pdm", "nab"])
@pytest.mark.parametrize(
    ("selection", "more"),
    [
        pytest.param(chosen(), set(), id="nothing"),
        pytest.param(chosen(extras=["more"]), {"iniconfig"}, id="an extra"),
        pytest.param(chosen(groups=["Dev"]), {"pluggy"}, id="a group, spelled another way"),
        pytest.param(chosen(extras=["more"], groups=["dev"]), {"iniconfig", "pluggy"}, id="both"),
    ],
)
def test_what_the_lock_offers_can_be_chosen(tool: str, selection: Selection, more: set[str]) -> None:
    names = {filename.partition("-")[0] for filename in filenames(tool, "cp312-manylinux_2_28_x86_64", selection)}
    assert names == {"markupsafe"} | more


@pytest.mark.parametrize(
    ("tool", "selection", "problem", "hint"),
    [
        pytest.param("pdm", chosen(extras=["less"]), "offers no extra 'less'", "it offers more", id="another extra"),
        pytest.param("nab", chosen(groups=["docs"]), "offers no group 'docs'", "it offers dev", id="another group"),
        pytest.param("pip", chosen(groups=["dev"]), "offers no group 'dev'", "leave the option out", id="none at all"),
    ],
)
def test_what_the_lock_does_not_offer_is_refused(tool: str, selection: Selection, problem: str, hint: str) -> None:
    with pytest.raises(NotOfferedError, match=problem) as caught:
        filenames(tool, "cp312-manylinux_2_28_x86_64", selection)
    assert caught.value.hint == hint
    assert caught.value.exit_code == 2
