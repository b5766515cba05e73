"""One world on every kind of index: PyPI's like, plain JSON, plain HTML, a pypiserver behind a password."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_wheel
from tests.cli.running import Outcome, Process, Wheelpin, files_of, lines_of_pins, pins_of
from tests.index_server import IndexServer, pypiserver

TARGETS = ("cp36-manylinux1_x86_64", "cp312-manylinux_2_28_aarch64", "cp313t-musllinux_1_2_x86_64", "cp311-win_amd64")
WORLD = (
    make_wheel("site", "3.0", requires=["engine[fast]>=1", "loop; os_name != 'nt'", "zipp; python_version<'3.8'"]),
    make_wheel("site", "4.0", requires_python=">=3.14"),
    make_wheel("engine", "1.4", "py2.py3-none-any", requires=["core>1", "speedups; extra == 'fast'"], extras=["fast"]),
    make_wheel("core", "1.5", "cp36-abi3-manylinux1_x86_64"),
    make_wheel("core", "2.0", "cp37-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64"),
    make_wheel("core", "2.0", "cp313-cp313t-musllinux_1_1_x86_64"),
    make_wheel("core", "1.6", "cp311-cp311-win_amd64"),
    make_wheel("core", "9.0", "cp312-cp312-manylinux_2_34_aarch64"),
    make_sdist("core", "10.0"),
    make_wheel("speedups", "0.9"),
    make_wheel("speedups", "1.0.dev1"),
    make_wheel("loop", "0.1", requires=["site"]),
    make_wheel("zipp", "3.6"),
)
PASSWORD = "s3cret:/@+"


def locks(wheelpin: Callable[..., Outcome], *words: str) -> dict[str, str]:
    """Lock the world's site for every target, and return the locks by their names."""
    targets = [word for target in TARGETS for word in ("-t", target)]
    outcome = wheelpin("lock", "site", *targets, *words)
    assert outcome.code == 0, outcome
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path("lockfiles").iterdir())}


@pytest.fixture
def expected(wheelpin: Wheelpin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the locks in the form ``hashes`` that PyPI's like gives."""
    folder = tmp_path / "expected"
    folder.mkdir()
    with monkeypatch.context() as there, IndexServer.json_with_sidecars(*WORLD) as index:
        there.chdir(folder)
        return locks(wheelpin, "--format", "hashes", "-i", index.url)


def without_address(lock: str) -> list[str]:
    """Return a lock without its only line that names the index."""
    return [line for line in lock.splitlines() if not line.startswith("# refresh: ")]


def test_world_is_answered_target_by_target(expected: dict[str, str]) -> None:
    assert {name: pins_of(lock) for name, lock in expected.items()} == {
        "cp36-manylinux1_x86_64": [
            *("core==1.5", "engine==1.4", "loop==0.1", "site==3.0", "speedups==0.9", "zipp==3.6"),
        ],
        "cp312-manylinux_2_28_aarch64": ["core==2.0", "engine==1.4", "loop==0.1", "site==3.0", "speedups==0.9"],
        "cp313t-musllinux_1_2_x86_64": ["core==2.0", "engine==1.4", "loop==0.1", "site==3.0", "speedups==0.9"],
        "cp311-win_amd64": ["core==1.6", "engine==1.4", "site==3.0", "speedups==0.9"],
    }
    assert files_of(expected["cp313t-musllinux_1_2_x86_64"])[0] == "core-2.0-cp313-cp313t-musllinux_1_1_x86_64.whl"


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(IndexServer.json_with_sidecars, id="JSON with sidecars"),
        pytest.param(IndexServer.json_plain, id="JSON without sidecars"),
        pytest.param(IndexServer.html_plain, id="HTML without sidecars and ranges"),
    ],
)
def test_shape_of_an_index_does_not_show_in_the_locks(
    wheelpin: Wheelpin, expected: dict[str, str], shape: Callable[..., IndexServer]
) -> None:
    with shape(*WORLD) as index:
        found = locks(wheelpin, "--format", "hashes", "-i", index.url)
        with_addresses = locks(wheelpin, "-i", index.url, "--output-dir", "lockfiles")
        assert index.url in with_addresses[TARGETS[0]]
    for name, lock in expected.items():
        assert without_address(found[name]) == without_address(lock)
        urls = [line.partition(" @ ")[2].partition("#")[0] for line in lines_of_pins(with_addresses[name])]
        assert [url.rpartition("/")[2] for url in urls] == files_of(lock)


@pytest.fixture
def credentials_nowhere(project: Path, tmp_path: Path) -> Callable[[str], None]:
    """Return a check that a secret lies in none of the files that wheelpin wrote, and in none of its words."""

    def check(said: str) -> None:
        for secret in (PASSWORD, "s3cret"):
            assert secret not in said
            for folder in (project, tmp_path / "cache"):
                assert not [
                    path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()
                ]
                assert not [path for path in folder.rglob("*") if secret in path.name]

    return check


KEYRING = """
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        return {password!r} if "127.0.0.1" in service and username == "ada" else None

    def set_password(self, service, username, password):
        raise NotImplementedError
"""


@pytest.mark.parametrize("source", ["address", "netrc", "keyring"])
def test_pypiserver_behind_a_password_gives_the_same_locks(
    process: Process,
    expected: dict[str, str],
    tmp_path: Path,
    credentials_nowhere: Callable[[str], None],
    source: str,
) -> None:
    more: dict[str, str] = {}
    with pypiserver(tmp_path / "packages", WORLD, credentials=("ada", PASSWORD)) as url:
        bare = "http://" + url.rpartition("@")[2]
        match source:
            case "address":
                more = {"PIP_INDEX_URL": url}
            case "netrc":
                netrc = f'machine 127.0.0.1 login ada password "{PASSWORD}"\n'
                (tmp_path / "home" / ".netrc").write_text(netrc, encoding="utf-8")
                more = {"PIP_INDEX_URL": bare}
            case _:
                (tmp_path / "ring.py").write_text(KEYRING.format(password=PASSWORD), encoding="utf-8")
                more = {
                    "PIP_INDEX_URL": bare.replace("://", "://ada@"),
                    "PYTHON_KEYRING_BACKEND": "ring.Keyring",
                    "WHEELPIN_KEYRING_PROVIDER": "import",
                }
        found = locks(lambda *words: process(*words, more=more, paths=[tmp_path]), "--format", "hashes")
        refused = process("lock", "site", "-t", TARGETS[0], "-i", bare, "--no-cache", more={"NETRC": "none"})
        said = process("lock", "site", "-t", TARGETS[0], "-v", "-o", "-", more=more, paths=[tmp_path])
    for name, lock in expected.items():
        assert without_address(found[name]) == without_address(lock)
    assert said.code == 0
    assert f"# index: {bare}\n" in said.out
    assert refused.code == 5
    credentials_nowhere(said.out + said.err + refused.out + refused.err)
