"""``wheelpin build`` by real engines: sdists, folders and projects, and the ways in which builds and locks fail."""

import json
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.builders import make_sdist
from tests.cli.running import Outcome
from tests.containers.place import EXTENSION, GOOD_C, PROJECT, SETUP, Place, sdist, served
from wheelpin.engines import CommandLineEngine, EngineName

pytestmark = [pytest.mark.container, pytest.mark.live]

OLD_LIBC = "cp39-manylinux_2_31_x86_64"
PURE = f"{PROJECT}-1.0-py3-none-any.whl"

on_docker = pytest.mark.parametrize("engine", ["docker"], indirect=True)
on_podman = pytest.mark.parametrize("engine", ["podman"], indirect=True)
as_plain_user = pytest.mark.parametrize("engine", ["rootless podman"], indirect=True)

Attempt = Callable[[Place, str, str], Outcome]


def build(place: Place, source: str, target: str) -> Outcome:
    return place.build(source, "-t", target)


def lock(place: Place, source: str, target: str) -> Outcome:
    """Lock a requirement, or the project that *source* is an sdist of."""
    return place.lock(source.removesuffix("-1.0.tar.gz"), "--find-links", ".", "-t", target)


either_way = pytest.mark.parametrize(
    ("engine", "attempt"),
    [pytest.param("docker", build, id="build by docker"), pytest.param("podman", lock, id="lock by podman")],
    indirect=["engine"],
)


def refused(place: Place, said: Outcome, *told: str) -> None:
    """Hold a failure to its exit code, its message, and to having left and kept nothing."""
    assert said.code == 6, said.err
    for each in told:
        assert each in said.err
    assert place.left_over() == frozenset()
    assert [path for path in place.folder.rglob("*") if path.suffix in {".whl", ".txt", ".part"}] == []
    assert not place.has_kept_builds()


def failed(place: Place, said: Outcome, *told: str) -> None:
    """Hold a build that had begun to the same, and to naming its log."""
    refused(place, said, *told)
    log = said.err.partition("all that was said is in ")[2].split()[0]
    assert Path(log).is_file()


@on_docker
def test_project_at_a_version_is_built_with_its_provenance_beside_it(place: Place) -> None:
    said = place.build("docopt==0.6.2", "-t", served(OLD_LIBC), "--json")
    assert said.code == 0, said.err
    (built,) = json.loads(said.out)["builds"]
    wheel = Path(built["wheel"])
    provenance = json.loads(wheel.with_name(f"{wheel.name}.provenance.json").read_text())
    assert provenance["image"].startswith("quay.io/pypa/")
    assert place.wheelpin("audit", wheel, "--target", OLD_LIBC).code == 0


@either_way
def test_extension_that_is_lost_silently_refuses_the_wheel(place: Place, attempt: Attempt) -> None:
    Path("wheelpin.toml").write_text('no-binary = ["pyyaml"]\n')
    failed(
        place,
        attempt(place, "pyyaml==6.0.1", served(OLD_LIBC)),
        "it claims a platform and has no binary in it",
        "system-packages",
    )


@on_podman
def test_symbols_newer_than_the_target_are_named(place: Place) -> None:
    served("cp27mu-manylinux_2_36_x86_64")
    said = place.build("msgpack==0.6.2", "-t", "cp27mu-manylinux2010_x86_64")
    failed(place, said, "needs newer symbols than manylinux2010_x86_64 promises: GLIBC_2.", "an older libc")


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
@either_way
def test_failed_build_says_why_and_what_would_help(
    place: Place, attempt: Attempt, before: str, more: str, source: str, told: tuple[str, ...]
) -> None:
    name = sdist(place.folder, before=before, more=more or "py_modules=['demo']", a_dot_c=source)
    failed(place, attempt(place, name, served(OLD_LIBC)), *told)


class Yes(BaseHTTPRequestHandler):
    """Answers everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"yes")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def address_of_this_machine(engine: CommandLineEngine) -> str:
    """Return the address by which containers with a network reach this machine, or tell what is missing."""
    if engine.name is EngineName.PODMAN:
        return "127.0.0.1"
    words = [engine.program, "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"]
    found = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)
    if found.returncode != 0:
        pytest.skip("docker's containers have no network here")
    return found.stdout.strip()


def test_package_that_fetches_is_built_where_the_recipe_allows_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    with ThreadingHTTPServer((address_of_this_machine(place.engine), 0), Yes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = "http://{}:{}/".format(*server.server_address)
        name = sdist(place.folder, before=f"import urllib.request as u\nassert u.urlopen({address!r}).read() == b'yes'")
        failed(place, place.build(name, "-t", served(OLD_LIBC)), "the build has no network", "network = true")
        Path("wheelpin.toml").write_text(f"[build.{PROJECT}]\nnetwork = true\n")
        said = place.build(name, "-t", OLD_LIBC)
        server.shutdown()
    assert said.code == 0, said.err
    assert [path.name for path in Path("wheels").glob("*.whl")] == [PURE]


@either_way
def test_wheel_that_does_not_import_is_refused(place: Place, attempt: Attempt) -> None:
    name = sdist(place.folder, demo_dot_py="raise ValueError('broken')\n")
    failed(place, attempt(place, name, served(OLD_LIBC)), "it does not import in the image")


@either_way
def test_python_that_the_image_lacks_is_named(place: Place, attempt: Attempt) -> None:
    served(OLD_LIBC)
    said = attempt(place, sdist(place.folder), "cp311-manylinux_2_31_x86_64")
    refused(place, said, "has no /opt/python/cp311-cp311/bin/python")


@either_way
def test_image_that_cannot_be_had_is_named(place: Place, attempt: Attempt) -> None:
    Path("wheelpin.toml").write_text(f'[build.{PROJECT}]\nimage = "registry.example/none:1"\n')
    refused(place, attempt(place, sdist(place.folder), served(OLD_LIBC)), "registry.example/none:1")


@pytest.mark.parametrize(
    ("engine", "attempt", "exit_code"),
    [
        pytest.param("docker", build, 6, id="build by docker"),
        pytest.param("podman", build, 6, id="build by podman"),
        pytest.param("podman", lock, 3, id="lock by podman"),
    ],
    indirect=["engine"],
)
def test_other_architecture_without_an_emulator_is_refused_before_anything_is_fetched(
    place: Place, attempt: Attempt, exit_code: int
) -> None:
    if Path("/proc/sys/fs/binfmt_misc/qemu-s390x").exists():
        pytest.skip("this machine has an emulator")
    said = attempt(place, sdist(place.folder), "cp312-manylinux_2_28_s390x")
    assert said.code == exit_code
    assert "s390x" in said.err
    assert "emulator" in said.err
    assert "fetching" not in said.err
    assert place.containers == frozenset()
    assert not place.has_kept_builds()


@on_podman
def test_folder_is_built_for_several_targets_at_once(place: Place) -> None:
    project = place.folder / "mine"
    project.mkdir()
    (project / "setup.py").write_text(SETUP.format(before="", more=EXTENSION.format("")))
    (project / "a.c").write_text(GOOD_C)
    served("cp310-manylinux_2_36_x86_64")
    said = place.build("mine", "-t", "cp3{8,10}-manylinux_2_36_x86_64", "--jobs", "2", "--sdist")
    assert said.code == 0, said.err
    assert sorted(path.name for path in Path("wheels").glob("*.whl")) == [
        f"{PROJECT}-1.0-cp310-cp310-manylinux_2_36_x86_64.whl",
        f"{PROJECT}-1.0-cp38-cp38-manylinux_2_36_x86_64.whl",
    ]
    assert [path.name for path in Path("wheels").glob("*.tar.gz")] == [f"{PROJECT}-1.0.tar.gz"]
    assert not (project / "build").exists()
    assert place.left_over() == frozenset()


@on_docker
def test_recipe_patches_sets_and_prepares(place: Place) -> None:
    patch = "--- a/demo.py\n+++ b/demo.py\n@@ -1 +1 @@\n-answer = 42\n+answer = 43\n"
    Path("fix.patch").write_text(patch)
    before = "import os\nassert os.environ['WANTED'] == 'yes' and os.path.exists('made')"
    Path("wheelpin.toml").write_text(
        f'[build.{PROJECT}]\npatches = ["fix.patch"]\nenvironment = {{ WANTED = "yes" }}\nbefore-build = "touch made"\n'
        "test-command = \"python -c 'import demo; assert demo.answer == 43'\"\n"
    )
    said = place.build(sdist(place.folder, before=before), "-t", served(OLD_LIBC))
    assert said.code == 0, said.err


@as_plain_user
def test_project_with_a_backend_of_another_make_is_built(place: Place) -> None:
    pyproject = (
        '[build-system]\nrequires = ["flit_core>=3"]\nbuild-backend = "flit_core.buildapi"\n'
        '[project]\nname = "demo"\nversion = "1.0"\ndescription = "d"\n'
    )
    built = make_sdist("demo", "1.0", files={"pyproject.toml": pyproject, "demo.py": "'''D'''\n"})
    Path(built.filename).write_bytes(built.body)
    said = place.build(built.filename, "-t", served(OLD_LIBC))
    assert said.code == 0, said.err
    assert [path.name for path in Path("wheels").glob("*.whl")] == ["demo-1.0-py2.py3-none-any.whl"]
