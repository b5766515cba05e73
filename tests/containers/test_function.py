"""Archives for function platforms, unpacked and called on another machine without network."""

import json
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import Wheelpin
from tests.containers.image import Image

pytestmark = pytest.mark.container

ARCHIVE = Path("function.zip")


@pytest.fixture
def sources(project: Path) -> Path:
    """Make a folder for the function's own files."""
    folder = project / "src"
    folder.mkdir()
    return folder


def test_handler_finds_its_wheels_and_its_own_files(wheelpin: Wheelpin, image: Image, sources: Path) -> None:
    Path("wheels").mkdir()
    for wheel in (
        make_wheel("app", requires=["core"], files={"app/__init__.py": "from core import answer\n"}),
        make_wheel("core"),
    ):
        Path("wheels", wheel.filename).write_bytes(wheel.body)
    (sources / "words.txt").write_text("grüß dich", encoding="utf-8")
    (sources / "function.py").write_text(
        "import importlib.metadata\n"
        "from pathlib import Path\n"
        "import app\n"
        "def handle(event, context):\n"
        "    words = Path(__file__).with_name('words.txt').read_text(encoding='utf-8')\n"
        "    return [event['name'], app.answer, words, importlib.metadata.version('core')]\n",
        encoding="utf-8",
    )
    offline = ("--no-index", "--find-links", "wheels")
    wheelpin.lock("app", *offline, target=image.target.name)
    pack(wheelpin, image, sources, *offline)
    assert json.loads(image.call(ARCHIVE, "function.handle", '{"name": "Ada"}')) == ["Ada", 42, "grüß dich", "1.0"]


@pytest.mark.live
def test_handler_runs_compiled_code_of_pypi(wheelpin: Wheelpin, image: Image, sources: Path) -> None:
    (sources / "function.py").write_text(
        "import jinja2, markupsafe, _cffi_backend, cffi\n"
        "def handle(event, context):\n"
        "    page = jinja2.Environment(autoescape=True).from_string('Hello {{ name }}').render(event)\n"
        "    libc = cffi.FFI()\n"
        "    libc.cdef('int abs(int);')\n"
        "    return [page, markupsafe._escape_inner.__module__, libc.dlopen(None).abs(-7)]\n",
        encoding="utf-8",
    )
    wheelpin.lock("jinja2", "markupsafe>=3", "cffi", target=image.target.name)
    pack(wheelpin, image, sources)
    page, escapes_in, number = json.loads(image.call(ARCHIVE, "function.handle", '{"name": "<Ada>"}'))
    assert (page, escapes_in, number) == ("Hello &lt;Ada&gt;", "markupsafe._speedups", 7)


def pack(wheelpin: Wheelpin, image: Image, sources: Path, *options: str) -> None:
    """Bundle the lock for AWS Lambda, together with the function's own files."""
    lock = f"lockfiles/{image.target.name}.txt"
    said = wheelpin("bundle", lock, "-o", ARCHIVE, "--layout", "aws-lambda", "--add", sources, *options)
    assert said.code == 0, said.err
