"""Locks as pip 26, uv and Pex wrote them and as PDM does, shortened, with other addresses: what targets get of each."""

from pathlib import Path

import pytest

from wheelpin.locks import LockedFile
from wheelpin.locks.pylock_form import LockNotForTargetError, parse_pylock_for
from wheelpin.target import Target
from wheelpin.values import Origin

CASES = Path(__file__).parents[1] / "cases" / "pylock"
COLORAMA = "colorama-0.4.6-py2.py3-none-any.whl"


def filenames(tool: str, target: str) -> list[str]:
    path = CASES / f"pylock.{tool}.toml"
    lock = parse_pylock_for(path.read_text(encoding="utf-8"), Origin(path.name), Target.parse(target))
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
        pytest.param("pdm", "cp310-win_amd64", r"it is for Python >=3\.11", id="PDM, an older Python"),
    ],
)
def test_target_that_the_lock_is_not_for_is_refused(tool: str, target: str, problem: str) -> None:
    with pytest.raises(LockNotForTargetError, match=problem):
        filenames(tool, target)
