"""Folders laid out on this machine: each real Python runs from one, and foreign ones hold foreign binaries only."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.commands import UnexpectedExitError, run
from wheelpin.elf import HEADER_BYTES, BinaryFormat, BinaryKind, binary_architecture

pytestmark = pytest.mark.live

_TIMEOUT_S = 120
_GLIBC_MINOR = 28
"""What the newest of the targets below asks of this machine."""

SIGN = """
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
key, how = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
key.public_key().verify(key.sign(b"a text", how), b"a text", how)
"""
PARSE = """
from lxml import etree
assert [child.tag for child in etree.fromstring("<a><b/><c/></a>")] == ["b", "c"]
"""
INVERT = """
import numpy
assert (numpy.linalg.inv(numpy.array([[2.0, 0.0], [0.0, 4.0]])) == [[0.5, 0.0], [0.0, 0.25]]).all()
"""
READ = """
import io, pandas
assert pandas.read_csv(io.StringIO("day,sold\\nMo,3\\nTu,4\\n"))["sold"].sum() == 7
"""
CALL = """
import grpc
assert grpc.insecure_channel("localhost:1").close() is None
"""
RUNS = [
    ("3.6", "cp36-manylinux1_x86_64", ("cryptography", "lxml", "grpcio"), SIGN + PARSE + CALL),
    ("3.7", "cp37-manylinux2014_x86_64", ("numpy", "grpcio"), INVERT + CALL),
    ("3.8", "cp38-manylinux2014_x86_64", ("cryptography", "grpcio"), SIGN + CALL),
    ("3.9", "cp39-manylinux2014_x86_64", ("pandas", "grpcio"), INVERT + READ + CALL),
    ("3.10", "cp310-manylinux2014_x86_64", ("lxml", "cryptography", "grpcio"), PARSE + SIGN + CALL),
    ("3.11", "cp311-manylinux_2_28_x86_64", ("numpy", "grpcio"), INVERT + CALL),
    ("3.12", "cp312-manylinux_2_28_x86_64", ("lxml", "cryptography", "grpcio"), PARSE + SIGN + CALL),
    ("3.13", "cp313-manylinux_2_28_x86_64", ("pandas", "lxml", "grpcio"), READ + PARSE + CALL),
]


def require_this_machine() -> None:
    libc, version = platform.libc_ver()
    is_fit = (platform.system(), platform.machine(), libc) == ("Linux", "x86_64", "glibc")
    if not is_fit or int(version.split(".")[1]) < _GLIBC_MINOR:
        pytest.skip(f"the machine is not Linux with glibc 2.{_GLIBC_MINOR} on x86_64")


def binaries_in(folder: Path) -> list[BinaryKind]:
    starts = (path.read_bytes()[:HEADER_BYTES] for path in sorted(folder.rglob("*")) if path.is_file())
    return [kind for kind in map(binary_architecture, starts) if kind is not None]


@pytest.mark.parametrize(
    ("python", "target", "projects", "program"), RUNS, indirect=["python"], ids=[row[0] for row in RUNS]
)
def test_program_runs_from_the_folder_alone(
    python: Path, target: str, projects: tuple[str, ...], program: str, tmp_path: Path
) -> None:
    require_this_machine()
    lock, folder = tmp_path / "lock.txt", tmp_path / "vendored"
    run("lock", *projects, "--target", target, "-o", str(lock))
    run("vendor", str(lock), "-t", str(folder), "--audit")
    starting = f"import sys; sys.path.insert(0, {str(folder)!r})\n"
    argv = [str(python), "-E", "-s", "-S", "-B", "-c", starting + program]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=_TIMEOUT_S, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    words = ("--verify-imports", "--compile", "--python", str(python))
    run("vendor", str(lock), "-t", str(folder), "--offline", *words)
    run("vendor", str(lock), "-t", str(folder), "--offline", "--check")


FOREIGN = [
    pytest.param("cp312-manylinux_2_28_aarch64", BinaryFormat.ELF, "aarch64", id="ARM"),
    pytest.param("cp313-musllinux_1_2_x86_64", BinaryFormat.ELF, "x86_64", id="musl"),
    pytest.param("cp312-musllinux_1_2_aarch64", BinaryFormat.ELF, "aarch64", id="musl on ARM"),
    pytest.param("cp312-macosx_11_0_arm64", BinaryFormat.MACH_O, "arm64", id="macOS on ARM"),
    pytest.param("cp312-macosx_13_0_x86_64", BinaryFormat.MACH_O, "x86_64", id="macOS on Intel"),
    pytest.param("cp312-win_amd64", BinaryFormat.PE, "amd64", id="Windows"),
    pytest.param("cp311-win_arm64", BinaryFormat.PE, "arm64", id="Windows on ARM"),
    pytest.param("aws-lambda-python3.12-arm64", BinaryFormat.ELF, "aarch64", id="a runtime"),
]
SMALL = ("cffi", "markupsafe")
"""Both are compiled, and offered for every system above."""


def assert_binaries_are_for(folder: Path, binary_format: BinaryFormat, architecture: str) -> None:
    found = binaries_in(folder)
    assert len(found) >= len(SMALL)
    assert {kind.format for kind in found} == {binary_format}
    assert [kind for kind in found if architecture not in kind.architectures] == []


@pytest.mark.parametrize(("target", "binary_format", "architecture"), FOREIGN)
def test_every_binary_is_for_the_target(
    target: str, binary_format: BinaryFormat, architecture: str, tmp_path: Path
) -> None:
    lock, folder = tmp_path / "lock.txt", tmp_path / "vendored"
    run("lock", *SMALL, "--target", target, "-o", str(lock))
    run("vendor", str(lock), "-t", str(folder), "--audit")
    assert_binaries_are_for(folder, binary_format, architecture)


def test_big_endian_machines_get_their_own(tmp_path: Path) -> None:
    lock, folder = tmp_path / "lock.txt", tmp_path / "vendored"
    run("lock", "cffi", "--target", "cp311-manylinux2014_s390x", "-o", str(lock))
    run("vendor", str(lock), "-t", str(folder), "--audit")
    assert set(binaries_in(folder)) == {BinaryKind(format=BinaryFormat.ELF, architectures=("s390x",))}


@pytest.fixture
def uv(caches: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Find uv beside the interpreter or on the path."""
    found = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        pytest.skip("uv is not installed")
    monkeypatch.setenv("UV_CACHE_DIR", str(caches / "uv"))
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    return found


def compile_with(uv: str, folder: Path, *words: str) -> None:
    (folder / "requirements.in").write_text("\n".join(SMALL) + "\n", encoding="utf-8")
    argv = [uv, "pip", "compile", "--quiet", "--python", sys.executable, "requirements.in", *words]
    subprocess.run(argv, check=True, capture_output=True, timeout=_TIMEOUT_S, cwd=folder)


@pytest.fixture(
    params=[("--universal", "--format", "pylock.toml", "-o", "pylock.toml"), ("--generate-hashes", "-o", "hashes.txt")],
    ids=["pylock", "hashes"],
)
def lock_of_uv(request: pytest.FixtureRequest, uv: str, tmp_path: Path) -> Path:
    """Let uv lock, for whatever machine this is, every file of each version."""
    compile_with(uv, tmp_path, *request.param)
    return tmp_path / str(request.param[-1])


@pytest.mark.parametrize(("target", "binary_format", "architecture"), [FOREIGN[0], FOREIGN[3], FOREIGN[4], FOREIGN[6]])
def test_lock_of_uv_is_laid_out_for_a_foreign_target(
    lock_of_uv: Path, target: str, binary_format: BinaryFormat, architecture: str, tmp_path: Path
) -> None:
    folder = tmp_path / "vendored"
    run("vendor", str(lock_of_uv), "--target", target, "-t", str(folder), "--audit")
    assert_binaries_are_for(folder, binary_format, architecture)


def pip_lock(folder: Path, *projects: str) -> Path:
    path = folder / "pylock.toml"
    argv = [sys.executable, "-m", "pip", "lock", "--quiet", "--only-binary", ":all:", "-o", str(path), *projects]
    subprocess.run(argv, check=True, capture_output=True, timeout=_TIMEOUT_S)
    return path


def test_lock_of_pip_is_laid_out_where_its_files_serve_all(tmp_path: Path) -> None:
    folder = tmp_path / "vendored"
    run("vendor", str(pip_lock(tmp_path, "certifi", "six")), "--target", "cp313-win_arm64", "-t", str(folder))
    assert {path.name for path in folder.iterdir()} >= {"certifi", "six.py"}
    assert binaries_in(folder) == []


def test_lock_of_pip_is_refused_where_its_files_do_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnexpectedExitError) as caught:
        run("vendor", str(pip_lock(tmp_path, "markupsafe")), "--target", "cp313-win_arm64", "-t", str(tmp_path / "x"))
    assert caught.value.exit_code == 3
    assert "no wheel of markupsafe fits cp313-win_arm64; the nearest" in capsys.readouterr().err
