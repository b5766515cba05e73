"""Wheels that nobody published, built within ``wheelpin lock``: proven, vendored and used on this machine."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.containers.place import Place, run_outside, served

_LONG = "WHEELPIN_TEST_LONG_BUILDS"
"""Asks for the builds that take many minutes."""

pytestmark = [pytest.mark.container, pytest.mark.live]

OLD_LIBC = "cp39-manylinux_2_31_x86_64"

PACKS = """\
import msgpack
from msgpack import _cmsgpack
assert msgpack.Packer is _cmsgpack.Packer
thing = {'a': [1, 2.5, None], 'b': u'text'}
assert msgpack.unpackb(msgpack.packb(thing, use_bin_type=True), raw=False) == thing
"""
ESCAPES = """\
import markupsafe._speedups
assert markupsafe.escape is markupsafe._speedups.escape
assert str(markupsafe.escape('<a>')) == '&lt;a&gt;'
"""
CALLS = """\
import cffi, _cffi_backend
ffi = cffi.FFI(_cffi_backend)
ffi.cdef('size_t strlen(const char *);')
assert ffi.dlopen(None).strlen(b'four') == 4
"""


PARSES = """\
import yaml
assert not yaml.__with_libyaml__
assert yaml.safe_load('a: [1]') == {'a': [1]}
"""
WITHOUT_LIBYAML = 'optional-extensions = ["yaml._yaml"]\n'
QUICKLY = 'environment = { CFLAGS = "-O0" }\n'


@pytest.mark.parametrize(
    ("requirement", "recipe", "target", "program", "grafted"),
    [
        pytest.param("msgpack", QUICKLY, "cp36-manylinux_2_36_x86_64", PACKS, (), id="msgpack for 3.6"),
        pytest.param("msgpack==0.6.2", QUICKLY, "cp27mu-manylinux_2_36_x86_64", PACKS, (), id="msgpack for 2.7"),
        pytest.param("markupsafe==2.1.5", QUICKLY, "cp38-manylinux_2_36_x86_64", ESCAPES, (), id="markupsafe"),
        pytest.param("cffi==1.15.1", QUICKLY, "cp310-manylinux_2_36_x86_64", CALLS, ("libffi",), id="cffi"),
        pytest.param("pyyaml==6.0.1", WITHOUT_LIBYAML, OLD_LIBC, PARSES, (), id="pyyaml without libyaml"),
    ],
)
def test_project_whose_wheels_are_not_wanted_is_built_proven_and_used(
    place: Place, requirement: str, recipe: str, target: str, program: str, grafted: Sequence[str]
) -> None:
    name = requirement.partition("==")[0]
    Path("app.in").write_text(f"{requirement}\n--no-binary {name}\n")
    Path("wheelpin.toml").write_text(f"[build.{name}]\n{recipe}")
    said = place.lock("-r", "app.in", "-t", served(target), "-o", "app.txt")
    assert said.code == 0, said.err
    (wheel,) = Path("wheelhouse").glob("*.whl")
    lock = Path("app.txt").read_text()
    assert f"./{wheel} --hash=sha256:" in lock
    assert lock.count("# built-from: ") == 1
    provenance = json.loads(wheel.with_name(f"{wheel.name}.provenance.json").read_text())
    assert provenance["image"].startswith("quay.io/pypa/manylinux")
    assert wheel.stat().st_uid == os.getuid()
    assert place.wheelpin("audit", wheel, "--target", target).code == 0
    assert place.wheelpin("vendor", "app.txt", "-t", "vendored", "--audit").code == 0
    assert libraries_in(Path("vendored")) == list(grafted)
    run_outside(program, target, place.folder / "vendored")
    assert place.left_over() == frozenset()


def libraries_in(folder: Path) -> list[str]:
    """Return the names of grafted libraries, without what auditwheel and their versions add."""
    return sorted(path.name.partition("-")[0].partition(".")[0] for path in folder.glob("*.libs/*"))


OLD_APPLICATION = """\
flask==2.3.3
docopt==0.6.2
mysqlclient==2.0.3
requests==2.31.0
pyyaml==6.0.1
attrs==23.1.0
python-dateutil==2.8.2
--no-binary pyyaml
"""
RECIPES = """\
requirements = ["app.in"]
targets = ["cp39-manylinux_2_31_x86_64"]

[build.pyyaml]
system-packages = ["libyaml-dev"]
environment = { CFLAGS = "-O0" }
test-command = "python -c 'import yaml; assert yaml.__with_libyaml__'"
"""
USES_ALL = """\
import docopt, flask, requests, yaml
from MySQLdb import _mysql
assert _mysql.get_client_info()
assert yaml.__with_libyaml__ and yaml.load('a: [1]', Loader=yaml.CSafeLoader) == {'a': [1]}
assert docopt.docopt('usage: x [--y]', ['--y']) == {'--y': True}
"""


@pytest.fixture
def published(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Publish a folder; yield its address, and the folder."""
    folder = tmp_path / "published"
    serve = partial(SilentHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/wheels", folder
        server.shutdown()


class SilentHandler(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_old_application_gets_one_lock_and_one_portable_wheelhouse(
    place: Place, published: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("app.in").write_text(OLD_APPLICATION)
    Path("wheelpin.toml").write_text(RECIPES)
    served(OLD_LIBC)
    said = place.lock()
    assert said.code == 0, said.err
    lock = Path("lockfiles", f"{OLD_LIBC}.txt")
    wheelhouse = lock.with_name("wheelhouse")
    text = lock.read_text()
    assert len([line for line in text.splitlines() if line and line[0] not in "# "]) >= 20
    assert text.count("# built-from: ") == 3
    wheels = sorted(path.name.lower() for path in wheelhouse.glob("*.whl"))
    assert [name.partition("-")[0] for name in wheels] == ["docopt", "mysqlclient", "pyyaml"]
    assert [name.rpartition("-")[2] for name in wheels] == ["any.whl", *["manylinux_2_31_x86_64.whl"] * 2]
    assert place.left_over() == frozenset()
    assert place.wheelpin("lock", "--check").code == 0

    # Nothing is built again: here is no engine any more, and nothing in the cache.
    monkeypatch.setenv("WHEELPIN_CACHE_DIR", str(tmp_path / "second-cache"))
    address, folder = published
    by_address = ("--wheelhouse", wheelhouse, "--wheelhouse-url", address, "-o", tmp_path / "by-address.txt")
    with monkeypatch.context() as without_engine:
        without_engine.setenv("PATH", str(tmp_path / "nothing"))
        assert place.wheelpin("lock").code == 0
        assert place.wheelpin("lock", *by_address).code == 0
    assert lock.read_text() == text

    # Lock and wheelhouse serve wherever they are moved to.
    moved = place.folder.rename(tmp_path / "moved")
    monkeypatch.chdir(moved)
    assert place.wheelpin("audit", *sorted(wheelhouse.glob("*.whl")), "--target", OLD_LIBC).code == 0
    assert place.wheelpin("vendor", lock, "-t", "vendored", "--audit").code == 0
    run_outside(USES_ALL, OLD_LIBC, moved / "vendored")
    assert set(libraries_in(Path("vendored"))) == {"libcrypto", "libmariadb", "libssl", "libyaml"}

    # By address, it serves alone.
    folder.mkdir()
    (moved / wheelhouse).rename(folder / "wheels")
    shutil.rmtree(moved)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHEELPIN_CACHE_DIR", str(tmp_path / "third-cache"))
    assert place.wheelpin("vendor", "by-address.txt", "-t", "again", "--audit").code == 0
    run_outside(USES_ALL, OLD_LIBC, tmp_path / "again")


WITH_ALGEBRA = """\
no-binary = ["numpy"]

[build.numpy]
system-packages = ["libblas-dev", "liblapack-dev"]
build-requires = ["setuptools<60", "cython<0.30"]
environment = { CFLAGS = "-O0" }
test-command = "python -c 'import numpy; numpy.linalg.inv(numpy.eye(2))'"
"""
SOLVES = """\
import numpy
a = numpy.array([[4.0, 7.0], [2.0, 6.0]])
assert numpy.allclose(numpy.dot(numpy.linalg.inv(a), a), numpy.eye(2))
assert 'lapack' in numpy.__config__.lapack_opt_info['libraries']
"""


@pytest.mark.skipif(not os.environ.get(_LONG), reason=f"{_LONG} is not set: this takes about two minutes an engine")
def test_numpy_of_old_is_built_with_blas_and_lapack_of_the_image(place: Place) -> None:
    Path("wheelpin.toml").write_text(WITH_ALGEBRA)
    target = served("cp38-manylinux_2_36_x86_64")
    said = place.lock("numpy==1.18.5", "-t", target, "-o", "app.txt")
    assert said.code == 0, said.err
    (wheel,) = Path("wheelhouse").glob("*.whl")
    assert place.wheelpin("audit", wheel, "--target", target).code == 0
    assert place.wheelpin("vendor", "app.txt", "-t", "vendored", "--audit").code == 0
    assert {"libblas", "liblapack"} <= set(libraries_in(Path("vendored")))
    run_outside(SOLVES, target, place.folder / "vendored")
    assert place.left_over() == frozenset()
