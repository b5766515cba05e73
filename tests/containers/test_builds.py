"""Wheels that nobody published for a target, built by real engines: locked, vendored, imported on this machine."""

import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_tar_gz
from tests.cli.running import Outcome, Wheelpin
from tests.interpreters import pyenv_interpreters
from wheelpin.target import Target

_TARGETS = "WHEELPIN_TEST_BUILD_TARGETS"
"""The targets that images to build in are there for, under the official images' names."""
_LONG = "WHEELPIN_TEST_LONG_BUILDS"
"""Asks for the builds that take many minutes."""

pytestmark = [pytest.mark.container, pytest.mark.live]

OLD_LIBC = "cp39-manylinux_2_31_x86_64"


@pytest.fixture(scope="session", params=["docker", "podman"])
def engine(request: pytest.FixtureRequest) -> str:
    """Find an engine, or tell what is missing."""
    if not os.environ.get(_TARGETS):
        pytest.skip(f"{_TARGETS} names no targets to build for")
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not on the PATH")
    done = subprocess.run([request.param, "images"], check=False, capture_output=True, timeout=60, text=True)
    if "quay.io/pypa/" not in done.stdout:
        pytest.skip(f"{request.param} has no images to build in")
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder with an empty cache and nothing of what this machine configures."""
    for name in os.environ.keys() - {"PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY"}:
        if name.startswith(("PIP_", "PYTHON")) or name == "WHEELPIN_BUILD":
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("WHEELPIN_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def wheelpin(capsys: pytest.CaptureFixture[str], folder: Path) -> Wheelpin:
    return Wheelpin(capsys)


def served(target: str) -> str:
    """Return *target* if an image serves it, or tell what is missing."""
    if target.replace("cp36-", "cp36m-") not in os.environ[_TARGETS].split():
        pytest.skip(f"no image here builds for {target}")
    return target


def imported(modules: str, target: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Import from *folder* with a real interpreter of the target's version, on this machine."""
    minor = Target.parse(target).interpreter.minor
    if (python := pyenv_interpreters().get(minor)) is None:
        pytest.skip(f"pyenv has no Python {minor}")
    script = f"import sys; sys.path.insert(0, {str(folder)!r}); import {modules}"
    return subprocess.run(
        [str(python), "-E", "-s", "-S", "-c", script], check=False, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("requirement", "target", "modules"),
    [
        pytest.param("msgpack==1.0.5", "cp36-manylinux_2_36_x86_64", "msgpack._cmsgpack", id="msgpack for 3.6"),
        pytest.param("msgpack==0.6.2", "cp27mu-manylinux_2_36_x86_64", "msgpack._cmsgpack", id="msgpack for 2.7"),
        pytest.param("markupsafe==2.1.5", "cp38-manylinux_2_36_x86_64", "markupsafe._speedups", id="markupsafe"),
        pytest.param("cffi==1.15.1", "cp310-manylinux_2_36_x86_64", "_cffi_backend", id="cffi grafts libffi"),
        pytest.param("mysqlclient==2.0.3", OLD_LIBC, "MySQLdb._mysql", id="mysqlclient grafts three"),
    ],
)
def test_wheel_is_built_proven_and_imports_outside_of_the_container(
    wheelpin: Wheelpin, engine: str, folder: Path, requirement: str, target: str, modules: str
) -> None:
    said = wheelpin("build", requirement, "-t", served(target), "--engine", engine, "-w", "wheels", "--json")
    assert said.code == 0, said.err
    (built,) = json.loads(said.out)["builds"]
    wheel = Path(built["wheel"])
    assert wheelpin("audit", wheel, "--target", target).code == 0
    assert json.loads(wheel.with_name(f"{wheel.name}.provenance.json").read_text())["image"].startswith("quay.io/pypa/")
    Path("all.txt").write_text(f"# wheelpin: target={target}\n\n./{wheel} --hash=sha256:{built['sha256']}\n")
    assert wheelpin("vendor", "all.txt", "-t", "vendored", "--audit").code == 0
    done = imported(modules, target, folder / "vendored")
    assert done.returncode == 0, done.stderr


def test_missing_wheels_come_into_the_middle_of_a_lock_and_are_built_once(
    wheelpin: Wheelpin, engine: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("lock", "docopt==0.6.2", "mysqlclient==2.0.3", "flask<3", "-t", served(OLD_LIBC))
    said = wheelpin(*words, "--engine", engine)
    assert said.code == 0, said.err
    lock = folder / "lockfiles" / f"{OLD_LIBC}.txt"
    text = lock.read_text()
    assert text.count("# built-from: ") == 2
    assert "./lockfiles/wheelhouse/docopt-0.6.2-py2.py3-none-any.whl --hash=sha256:" in text
    assert wheelpin(*words, "--check").code == 0
    # The second run finds the wheels and needs no engine.
    monkeypatch.setenv("PATH", str(folder / "nothing"))
    monkeypatch.setenv("WHEELPIN_CACHE_DIR", str(folder / "another-cache"))
    assert wheelpin(*words).code == 0
    assert lock.read_text() == text
    moved = folder.rename(folder.with_name("moved"))
    monkeypatch.chdir(moved)
    assert wheelpin("vendor", f"lockfiles/{OLD_LIBC}.txt", "-t", "vendored", "--audit").code == 0
    done = imported("docopt, MySQLdb, flask", OLD_LIBC, moved / "vendored")
    assert done.returncode == 0, done.stderr


def failed(said: Outcome, *told: str) -> None:
    """Hold a failure to its exit code, its message, its log, and to having kept nothing."""
    assert said.code == 6, said.err
    for each in told:
        assert each in said.err
    if "all that was said is in " in said.err:
        log = said.err.partition("all that was said is in ")[2].split()[0]
        assert Path(log).is_file()
    assert not list(Path("wheels").glob("*.whl"))


def test_extension_that_is_lost_silently_refuses_the_wheel(wheelpin: Wheelpin, engine: str) -> None:
    said = wheelpin("build", "pyyaml==6.0.1", "-t", served(OLD_LIBC), "--engine", engine)
    failed(said, "it claims a platform and has no binary in it", "system-packages")


def test_system_packages_of_the_recipe_bring_the_extension_back(wheelpin: Wheelpin, engine: str, folder: Path) -> None:
    recipe = '[build.pyyaml]\nsystem-packages = ["libyaml-dev"]\ntest-command = "python -c \'import yaml._yaml\'"\n'
    Path("wheelpin.toml").write_text(recipe)
    said = wheelpin("build", "pyyaml==6.0.1", "-t", served(OLD_LIBC), "--engine", engine, "-w", "wheels")
    assert said.code == 0, said.err
    (wheel,) = Path("wheels").glob("*.whl")
    assert wheelpin("audit", wheel, "--target", OLD_LIBC).code == 0


def test_symbols_newer_than_the_target_are_named(wheelpin: Wheelpin, engine: str) -> None:
    served("cp27mu-manylinux_2_36_x86_64")
    said = wheelpin("build", "msgpack==0.6.2", "-t", "cp27mu-manylinux2010_x86_64", "--engine", engine)
    failed(said, "needs newer symbols than manylinux2010_x86_64 promises: GLIBC_2.", "an older libc")


SETUP = "from setuptools import setup, Extension\n{before}\nsetup(name='demo', version='1.0', {more})\n"


def sdist(folder: Path, *, before: str = "", more: str = "py_modules=['demo']", **files: str) -> str:
    """Put an sdist of ``demo`` into *folder*."""
    members = {
        "setup.py": SETUP.format(before=before, more=more),
        "demo.py": "answer = 42\n",
        "PKG-INFO": "Name: demo\n",
    }
    members |= {name.replace("_dot_", "."): text for name, text in files.items()}
    path = folder / "demo-1.0.tar.gz"
    path.write_bytes(make_tar_gz((f"demo-1.0/{name}", text.encode()) for name, text in members.items()))
    return path.name


EXTENSION = "ext_modules=[Extension('_demo', ['a.c'], libraries=[{}])]"
GOOD_C = '#include <Python.h>\nstatic struct PyModuleDef m = {PyModuleDef_HEAD_INIT, "_demo", 0, -1, 0};\n'
GOOD_C += "PyMODINIT_FUNC PyInit__demo(void) { return PyModule_Create(&m); }\n"


@pytest.mark.parametrize(
    ("before", "more", "source", "told"),
    [
        pytest.param("", EXTENSION.format(""), "int x = ;\n", ("a.c:1:9: error",), id="a compiler error"),
        pytest.param("", EXTENSION.format(""), "#include <zzz.h>\n", ("no zzz.h", "system-packages"), id="no header"),
        pytest.param("", EXTENSION.format("'zzz'"), GOOD_C, ("no library zzz", "system-packages"), id="no library"),
        pytest.param("import zzz", "", "", ("it imports zzz", "build-requires"), id="a requirement nobody named"),
        pytest.param(
            "import urllib.request as u\nu.urlopen('http://index.example/a.c')",
            "",
            "",
            ("it tries to fetch something, and the build has no network", "network = true"),
            id="the network",
        ),
        pytest.param("import os, signal\nos.kill(os.getpid(), 11)", "", "", ("exit code",), id="a crash"),
        pytest.param("import sys\nsys.exit(3)", "", "", ("failed",), id="an exit"),
    ],
)
def test_failed_build_says_why_and_what_would_help(
    wheelpin: Wheelpin, engine: str, folder: Path, before: str, more: str, source: str, told: tuple[str, ...]
) -> None:
    name = sdist(folder, before=before, more=more or "py_modules=['demo']", a_dot_c=source)
    failed(wheelpin("build", name, "-t", served(OLD_LIBC), "--engine", engine), *told)


class Yes(BaseHTTPRequestHandler):
    """Answers everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"yes")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_package_that_fetches_is_built_where_the_recipe_allows_it(
    wheelpin: Wheelpin, engine: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "docker" and "bridge" not in subprocess.run(
        ["docker", "network", "ls"], check=True, capture_output=True, timeout=60, text=True
    ).stdout.replace("bridge    null", ""):
        pytest.skip("docker's containers have no network here")
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Yes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        name = sdist(folder, before=f"import urllib.request as u\nassert u.urlopen({address!r}).read() == b'yes'")
        words = ("build", name, "-t", served(OLD_LIBC), "--engine", engine, "-w", "wheels")
        failed(wheelpin(*words), "network = true")
        Path("wheelpin.toml").write_text("[build.demo]\nnetwork = true\n")
        said = wheelpin(*words)
        server.shutdown()
    assert said.code == 0, said.err
    assert [path.name for path in Path("wheels").glob("*.whl")] == ["demo-1.0-py3-none-any.whl"]


def test_wheel_that_does_not_import_is_refused(wheelpin: Wheelpin, engine: str, folder: Path) -> None:
    name = sdist(folder, more="py_modules=['demo']", demo_dot_py="raise ValueError('broken')\n")
    failed(wheelpin("build", name, "-t", served(OLD_LIBC), "--engine", engine), "it does not import in the image")


def test_python_that_the_image_lacks_is_named(wheelpin: Wheelpin, engine: str, folder: Path) -> None:
    served(OLD_LIBC)
    words = ("-t", "cp311-manylinux_2_31_x86_64", "--engine", engine)
    failed(wheelpin("build", sdist(folder), *words), "has no /opt/python/cp311-cp311/bin/python")


def test_image_that_cannot_be_had_is_named(wheelpin: Wheelpin, engine: str, folder: Path) -> None:
    words = ("-t", served(OLD_LIBC), "--engine", engine, "--image", "registry.example/none:1")
    failed(wheelpin("build", sdist(folder), *words), "registry.example/none:1")


def test_other_architecture_without_an_emulator_is_refused_before_anything_is_fetched(
    wheelpin: Wheelpin, engine: str, folder: Path
) -> None:
    if Path("/proc/sys/fs/binfmt_misc/qemu-s390x").exists():
        pytest.skip("this machine has an emulator")
    said = wheelpin("build", sdist(folder), "-t", "cp312-manylinux_2_28_s390x", "--engine", engine)
    failed(said, "s390x", "emulator")
    assert "fetching" not in said.err


def test_folder_is_built_for_several_targets_at_once(wheelpin: Wheelpin, engine: str, folder: Path) -> None:
    project = folder / "mine"
    project.mkdir()
    more = EXTENSION.format("")
    (project / "setup.py").write_text(SETUP.format(before="", more=more))
    (project / "a.c").write_text(GOOD_C)
    served("cp310-manylinux_2_36_x86_64")
    said = wheelpin(
        "build",
        "mine",
        "-t",
        "cp3{8,10}-manylinux_2_36_x86_64",
        "--engine",
        engine,
        "-w",
        "wheels",
        "--jobs",
        "2",
        "--sdist",
    )
    assert said.code == 0, said.err
    assert sorted(path.name for path in Path("wheels").glob("*.whl")) == [
        "demo-1.0-cp310-cp310-manylinux_2_36_x86_64.whl",
        "demo-1.0-cp38-cp38-manylinux_2_36_x86_64.whl",
    ]
    assert [path.name for path in Path("wheels").glob("*.tar.gz")] == ["demo-1.0.tar.gz"]
    assert not (project / "build").exists()


def test_recipe_patches_sets_and_prepares(wheelpin: Wheelpin, engine: str, folder: Path) -> None:
    patch = "--- a/demo.py\n+++ b/demo.py\n@@ -1 +1 @@\n-answer = 42\n+answer = 43\n"
    Path("fix.patch").write_text(patch)
    before = "import os\nassert os.environ['WANTED'] == 'yes' and os.path.exists('made')"
    Path("wheelpin.toml").write_text(
        '[build.demo]\npatches = ["fix.patch"]\nenvironment = { WANTED = "yes" }\nbefore-build = "touch made"\n'
        "test-command = \"python -c 'import demo; assert demo.answer == 43'\"\n"
    )
    name = sdist(folder, before=before)
    said = wheelpin("build", name, "-t", served(OLD_LIBC), "--engine", engine, "-w", "wheels")
    assert said.code == 0, said.err


def test_project_with_a_backend_of_another_make_is_built(wheelpin: Wheelpin, engine: str, folder: Path) -> None:
    pyproject = (
        '[build-system]\nrequires = ["flit_core>=3"]\nbuild-backend = "flit_core.buildapi"\n'
        '[project]\nname = "demo"\nversion = "1.0"\ndescription = "d"\n'
    )
    built = make_sdist("demo", "1.0", files={"pyproject.toml": pyproject, "demo.py": "'''D'''\n"})
    Path(built.filename).write_bytes(built.body)
    said = wheelpin("build", built.filename, "-t", served(OLD_LIBC), "--engine", engine, "-w", "wheels")
    assert said.code == 0, said.err
    assert [path.name for path in Path("wheels").glob("*.whl")] == ["demo-1.0-py2.py3-none-any.whl"]


def test_plain_user_builds_without_being_root_anywhere(
    wheelpin: Wheelpin, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (podman := os.environ.get("WHEELPIN_TEST_ROOTLESS_PODMAN")):
        pytest.skip("WHEELPIN_TEST_ROOTLESS_PODMAN names no podman of a plain user")
    (tmp_path / "bin").mkdir()
    Path(tmp_path, "bin", "podman").symlink_to(podman)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    target = served("cp36-manylinux_2_36_x86_64")
    said = wheelpin("build", "msgpack==1.0.5", "-t", target, "--engine", "podman", "-w", "wheels")
    assert said.code == 0, said.err
    (wheel,) = Path("wheels").glob("*.whl")
    assert wheel.name == "msgpack-1.0.5-cp36-cp36m-manylinux_2_36_x86_64.whl"
    assert wheel.stat().st_uid == os.getuid()


@pytest.mark.skipif(not os.environ.get(_LONG), reason=f"{_LONG} is not set: this takes many minutes")
def test_numpy_of_old_is_built_with_limits_on_its_build_requirements(
    wheelpin: Wheelpin, engine: str, folder: Path
) -> None:
    Path("wheelpin.toml").write_text(
        '[build.numpy]\nbuild-requires = ["setuptools<60", "cython<0.30"]\nenvironment = { CFLAGS = "-O0" }\n'
        "test-command = \"python -c 'import numpy; assert numpy.arange(3).sum() == 3'\"\n"
    )
    target = served("cp38-manylinux_2_36_x86_64")
    said = wheelpin("build", "numpy==1.18.5", "-t", target, "--engine", engine, "-w", "wheels")
    assert said.code == 0, said.err
