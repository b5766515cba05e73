"""An interpreter in a container: what is made for it, and what becomes of the container."""

import json
from pathlib import Path

import pytest

from tests.engines.stand_in import IMAGE, make_engine
from tests.reporters import RecordingReporter
from tests.trials.folders import folder_of, own_target, project
from wheelpin.engines import CommandLineEngine, EngineName, ImageMissingError
from wheelpin.target import Target
from wheelpin.trials import ImportsFailedError, PythonFailedError, verify_imports
from wheelpin.trials.images import ImagePython


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_engine(tmp_path / "engine").parent


@pytest.fixture
def engine(home: Path) -> CommandLineEngine:
    return CommandLineEngine(EngineName.DOCKER, str(home / "docker"))


@pytest.mark.parametrize(
    ("target", "python", "architecture", "program"),
    [
        pytest.param("cp312-manylinux_2_28_aarch64", None, "aarch64", "python3.12", id="ARM"),
        pytest.param("cp27-manylinux1_i686", None, "i686", "python2.7", id="an old one of 32 bits"),
        pytest.param("cp311-musllinux_1_2_armv7l", None, "armv7l", "python3.11", id="a small one"),
        pytest.param("pp310-manylinux_2_28_x86_64", None, "x86_64", "pypy3.10", id="PyPy"),
        pytest.param("cp312-macosx_14_0_arm64", None, None, "python3.12", id="no Linux: whatever the image is of"),
        pytest.param("cp312-manylinux_2_28_x86_64", "/opt/bin/py", "x86_64", "/opt/bin/py", id="named by the user"),
    ],
)
def test_place_is_chosen_for_the_target(
    engine: CommandLineEngine, target: str, python: str | None, architecture: str | None, program: str
) -> None:
    place = ImagePython.of("python:slim", Target.parse(target), engine=engine, python=python)
    assert (place.architecture, place.python) == (architecture, program)
    assert place.name == f"{program} in python:slim"


def test_folder_is_copied_in_and_tried_there(engine: CommandLineEngine, home: Path, tmp_path: Path) -> None:
    target = own_target()
    tree, folder = folder_of(tmp_path, project("thing", {"a.py": "", "b.py": "import nothing_there"}), target=target)
    with pytest.raises(ImportsFailedError) as caught:
        verify_imports(tree, folder, ImagePython.of(IMAGE, target, engine=engine), target, RecordingReporter())
    assert str(caught.value) == (
        f"{folder} does not import with python{target.interpreter.minor} in {IMAGE}: "
        "b of thing: ModuleNotFoundError: No module named 'nothing_there'"
    )
    assert list((home / "containers").iterdir()) == []
    calls = [json.loads(line) for line in (home / "calls").read_text(encoding="utf-8").splitlines()]
    (run,) = (words for words in calls if words[0] == "run")
    assert run[run.index("--network") + 1] == "none"
    _, command = (words for words in calls if words[0] == "exec")  # the first asks whether its programs run at all
    assert command[3:8] == [f"python{target.interpreter.minor}", "-E", "-s", "-S", "-B"]
    assert command[-1] == "/vendored"


def test_image_that_is_not_there_is_not_fetched(engine: CommandLineEngine, home: Path, tmp_path: Path) -> None:
    target = own_target()
    tree, folder = folder_of(tmp_path, project("thing", {"a.py": ""}), target=target)
    place = ImagePython.of("no/such:image", target, engine=engine)
    with pytest.raises(ImageMissingError, match="docker has no image no/such:image"):
        verify_imports(tree, folder, place, target, RecordingReporter())
    assert not (home / "containers").exists()


def test_container_is_removed_when_the_folder_cannot_be_copied(
    engine: CommandLineEngine, home: Path, tmp_path: Path
) -> None:
    target = own_target()
    tree, _ = folder_of(tmp_path, project("thing", {"a.py": ""}), target=target)
    place = ImagePython.of(IMAGE, target, engine=engine)
    with pytest.raises(PythonFailedError, match=rf"cannot run .* in {IMAGE}: No such file or directory"):
        verify_imports(tree, tmp_path / "not there", place, target, RecordingReporter())
    assert list((home / "containers").iterdir()) == []
