"""``wheelpin vendor``: folders for any target from any lock, checked, whole, and true to what their wheels promise."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import make_wheel, make_zip
from tests.cli.running import LINUX, LOCK, Wheelpin
from tests.elf_builders import make_extension, make_mach_o, make_musl_extension, make_pe
from tests.engines.stand_in import make_engine
from tests.index_server import IndexServer
from wheelpin.elf import HEADER_BYTES, BinaryFormat, BinaryKind, binary_architecture

ARM64_CPU, X86_64_CPU = 0x0100000C, 0x01000007
AMD64_MACHINE, ARM64_MACHINE = 0x8664, 0xAA64
FOLDER = Path("vendored")
APP = make_wheel(
    "app",
    "1.0",
    requires=["core"],
    files={
        "app/__init__.py": "from core import answer\n\n\ndef main():\n    print(answer)\n",
        "app-1.0.dist-info/entry_points.txt": "[console_scripts]\napp = app:main\n",
    },
)
PLAIN_CORE = make_wheel("core", "1.0")


BINARIES = {
    "cp312-manylinux_2_28_x86_64": (
        "cp312-cp312-manylinux_2_17_x86_64",
        ".cpython-312-x86_64-linux-gnu.so",
        make_extension("_engine"),
        BinaryKind(format=BinaryFormat.ELF, architectures=("x86_64",)),
    ),
    "cp312-manylinux_2_28_aarch64": (
        "cp312-cp312-manylinux_2_17_aarch64",
        ".cpython-312-aarch64-linux-gnu.so",
        make_extension("_engine", architecture="aarch64"),
        BinaryKind(format=BinaryFormat.ELF, architectures=("aarch64",)),
    ),
    "cp312-musllinux_1_2_aarch64": (
        "cp312-cp312-musllinux_1_1_aarch64",
        ".cpython-312-aarch64-linux-musl.so",
        make_musl_extension("_engine", architecture="aarch64"),
        BinaryKind(format=BinaryFormat.ELF, architectures=("aarch64",)),
    ),
    "cp312-macosx_11_0_arm64": (
        "cp312-cp312-macosx_11_0_arm64",
        ".cpython-312-darwin.so",
        make_mach_o(ARM64_CPU),
        BinaryKind(format=BinaryFormat.MACH_O, architectures=("arm64",)),
    ),
    "cp312-macosx_12_0_x86_64": (
        "cp312-cp312-macosx_10_13_universal2",
        ".cpython-312-darwin.so",
        make_mach_o(X86_64_CPU, ARM64_CPU),
        BinaryKind(format=BinaryFormat.MACH_O, architectures=("x86_64", "arm64")),
    ),
    "cp312-win_amd64": (
        "cp312-cp312-win_amd64",
        ".cp312-win_amd64.pyd",
        make_pe(AMD64_MACHINE),
        BinaryKind(format=BinaryFormat.PE, architectures=("amd64",)),
    ),
    "cp312-win_arm64": (
        "cp312-cp312-win_arm64",
        ".cp312-win_arm64.pyd",
        make_pe(ARM64_MACHINE),
        BinaryKind(format=BinaryFormat.PE, architectures=("arm64",)),
    ),
}
ENGINES = {
    target: make_wheel("engine", "1.0", tag, files={f"engine/_engine{suffix}": body, "engine/__init__.py": ""})
    for target, (tag, suffix, body, _) in BINARIES.items()
}


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(APP, PLAIN_CORE, *ENGINES.values()) as server:
        yield server


@pytest.fixture
def lock(wheelpin: Wheelpin, index: IndexServer) -> Path:
    """Lock the application."""
    wheelpin.lock("app", "-i", index.url)
    return LOCK


def files_in(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and ".dist-info" not in path.as_posix() and path.name != ".wheelpin.json"
    }


def binaries_in(folder: Path) -> list[BinaryKind]:
    starts = (path.read_bytes()[:HEADER_BYTES] for path in sorted(folder.rglob("*")) if path.is_file())
    return [kind for kind in map(binary_architecture, starts) if kind is not None]


def test_folder_runs_with_nothing_else_on_the_path(wheelpin: Wheelpin, lock: Path) -> None:
    said = wheelpin("vendor", lock, "-t", FOLDER)
    assert (said.code, said.out) == (0, "")
    assert said.err == f"vendored: created, 2 wheels for {LINUX}, 0.0 MB\n"
    assert files_in(FOLDER) == {"app/__init__.py", "bin/app", "core.py"}
    program = f"import sys; sys.path.insert(0, {str(FOLDER)!r}); import app; app.main()"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "42\n"


@pytest.mark.parametrize("target", BINARIES)
def test_every_binary_is_for_the_target(wheelpin: Wheelpin, index: IndexServer, target: str) -> None:
    wheelpin.lock("engine", "-i", index.url, target=target)
    said = wheelpin("vendor", f"lockfiles/{target}.txt", "-t", FOLDER, "--audit")
    assert said.code == 0, said.err
    assert binaries_in(FOLDER) == [BINARIES[target][3]]


def test_second_run_changes_nothing(wheelpin: Wheelpin, lock: Path) -> None:
    wheelpin("vendor", lock, "-t", FOLDER)
    before = (FOLDER / "core.py").stat().st_ino
    said = wheelpin("vendor", lock, "-t", FOLDER, "--offline")
    assert said.err == f"vendored: unchanged, 2 wheels for {LINUX}, 0.0 MB\n"
    assert (FOLDER / "core.py").stat().st_ino == before


def test_newer_lock_replaces_the_tree_and_keeps_the_users_own_files(
    wheelpin: Wheelpin, lock: Path, index: IndexServer
) -> None:
    wheelpin("vendor", lock, "-t", FOLDER)
    (FOLDER / "notes.md").write_text("mine", encoding="utf-8")
    index.add(make_wheel("app", "2.0"))
    wheelpin.lock("app", "-i", index.url, "--upgrade", "--refresh")
    said = wheelpin("vendor", lock, "-t", FOLDER)
    assert said.err == f"vendored: replaced, 1 wheel for {LINUX}, 0.0 MB\n"
    assert files_in(FOLDER) == {"app.py", "notes.md"}


def test_check_of_what_was_laid_out_passes(wheelpin: Wheelpin, lock: Path) -> None:
    wheelpin("vendor", lock, "-t", FOLDER)
    said = wheelpin("vendor", lock, "-t", FOLDER, "--check")
    assert (said.code, said.err) == (0, f"vendored: is what the lock says, 2 wheels for {LINUX}, 0.0 MB\n")


@pytest.mark.parametrize("damage", ["missing", "changed", "foreign"])
def test_check_finds_a_difference_and_changes_nothing(wheelpin: Wheelpin, lock: Path, damage: str) -> None:
    wheelpin("vendor", lock, "-t", FOLDER)
    match damage:
        case "missing":
            (FOLDER / "core.py").unlink()
        case "changed":
            (FOLDER / "core.py").write_text("answer = 43\n", encoding="utf-8")
        case _:
            (FOLDER / "core.pyi").write_bytes(b"")
    before = files_in(FOLDER)
    said = wheelpin("vendor", lock, "-t", FOLDER, "--check")
    assert said.code == 1
    assert damage in said.errors[0]
    assert "core.py" in said.errors[0]
    assert files_in(FOLDER) == before


def test_check_of_no_folder_is_a_difference(wheelpin: Wheelpin, lock: Path) -> None:
    assert wheelpin("vendor", lock, "-t", FOLDER, "--check").code == 1
    assert not FOLDER.exists()


def test_json_tells_what_was_laid_out(wheelpin: Wheelpin, lock: Path) -> None:
    said = wheelpin("vendor", lock, "-t", FOLDER, "--json", "-q")
    assert said.err == ""
    report = json.loads(said.out)
    assert report.pop("size_bytes") > 0
    assert report == {
        "dir": "vendored",
        "target": {
            "name": LINUX,
            "spelling": LINUX,
            "python_full_version": "3.12.15",
            "is_patch_assumed": True,
        },
        "outcome": "created",
        "files": sum(path.is_file() for path in FOLDER.rglob("*")) - 1,
        "wheels": [
            {"project": "app", "version": "1.0", "filename": APP.filename},
            {"project": "core", "version": "1.0", "filename": PLAIN_CORE.filename},
        ],
    }


def test_files_are_left_out_on_request(wheelpin: Wheelpin, lock: Path) -> None:
    assert wheelpin("vendor", lock, "-t", FOLDER, "--exclude", "bin/", "--exclude", "core.py").code == 0
    assert files_in(FOLDER) == {"app/__init__.py"}


def test_lock_comes_in_on_standard_input(
    wheelpin: Wheelpin, lock: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with lock.open(encoding="utf-8") as text, monkeypatch.context() as context:
        context.setattr(sys, "stdin", text)
        assert wheelpin("vendor", "-", "-t", FOLDER).code == 0
    assert "core.py" in files_in(FOLDER)


def test_standard_input_that_is_no_text_is_an_error(
    wheelpin: Wheelpin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bytes").write_bytes(b"a==1\xff")
    with (tmp_path / "bytes").open(encoding="utf-8") as text, monkeypatch.context() as context:
        context.setattr(sys, "stdin", text)
        said = wheelpin("vendor", "-", "-t", FOLDER)
    assert said.code == 2
    assert said.errors == ["error: cannot read standard input: byte 4 is not UTF-8"]


def test_target_of_a_preset_is_read_back_by_its_name(wheelpin: Wheelpin, index: IndexServer) -> None:
    preset = "aws-lambda-python3.12-arm64"
    wheelpin.lock("engine", "-i", index.url, "-o", "lambda.txt", target=preset)
    assert f"for {preset}," in wheelpin("vendor", "lambda.txt", "-t", FOLDER).err
    assert binaries_in(FOLDER) == [BINARIES["cp312-manylinux_2_28_aarch64"][3]]


def test_lock_for_another_target_is_refused(wheelpin: Wheelpin, index: IndexServer) -> None:
    wheelpin.lock("engine", "-i", index.url)
    said = wheelpin("vendor", LOCK, "--target", "cp312-win_amd64", "-t", FOLDER)
    assert said.code == 3
    assert "does not fit cp312-win_amd64" in said.errors[0]
    assert not FOLDER.exists()


def write_pylock() -> Path:
    lines = ['lock-version = "1.0"', 'created-by = "a test"']
    for file in ENGINES.values():
        lines[2:] = [*lines[2:], f'    {{ path = "{file.filename}", hashes = {{ sha256 = "{file.sha256}" }} }},']
        Path(file.filename).write_bytes(file.body)
    lines[2:2] = ["[[packages]]", 'name = "engine"', 'version = "1.0"', "wheels = ["]
    Path("pylock.toml").write_text("\n".join([*lines, "]", ""]), encoding="utf-8")
    return Path("pylock.toml")


@pytest.mark.parametrize("target", BINARIES)
def test_universal_lock_of_another_tool_is_laid_out_for_each_target(wheelpin: Wheelpin, target: str) -> None:
    said = wheelpin("vendor", write_pylock(), "--target", target, "-t", FOLDER)
    assert said.code == 0, said.err
    assert binaries_in(FOLDER) == [BINARIES[target][3]]


def test_file_of_hashes_is_laid_out_for_the_target(wheelpin: Wheelpin, index: IndexServer) -> None:
    digests = "".join(f" \\\n    --hash=sha256:{file.sha256}" for file in ENGINES.values())
    Path("hashes.txt").write_text(f"engine==1.0{digests}\n    # via app\n", encoding="utf-8")
    said = wheelpin("vendor", "hashes.txt", "--target", "cp312-win_amd64", "-t", FOLDER, "-i", index.url)
    assert said.code == 0, said.err
    assert binaries_in(FOLDER) == [BINARIES["cp312-win_amd64"][3]]


LYING_TAG = "cp312-cp312-manylinux_2_17_x86_64"


def test_audit_stops_at_a_wheel_that_lies(wheelpin: Wheelpin, index: IndexServer) -> None:
    body = make_extension("_liar", glibc="2.34")
    index.add(make_wheel("liar", "1.0", LYING_TAG, files={"_liar.cpython-312-x86_64-linux-gnu.so": body}))
    wheelpin.lock("liar", "-i", index.url)
    said = wheelpin("vendor", LOCK, "-t", FOLDER, "--audit")
    assert said.code == 1
    assert f"liar-1.0-{LYING_TAG}.whl does not keep what it promises" in said.errors[0]
    assert "GLIBC_2.34" in said.errors[0]
    assert not FOLDER.exists()
    assert wheelpin("vendor", LOCK, "-t", FOLDER).code == 0


def test_record_that_is_not_true_is_refused_or_said(wheelpin: Wheelpin, index: IndexServer) -> None:
    good = make_wheel("old", "1.0")
    members = {"old.py": b"answer = 41\n"}
    stem = "old-1.0.dist-info"
    index_body = make_zip(
        [
            *members.items(),
            (f"{stem}/METADATA", good.metadata),
            (f"{stem}/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            (f"{stem}/RECORD", b"old.py,,\n"),
        ]
    )
    Path("old-1.0-py3-none-any.whl").write_bytes(index_body)
    wheelpin.lock("old", "--no-index", "-f", ".")
    refused = wheelpin("vendor", LOCK, "-t", FOLDER)
    assert refused.code == 4
    assert "old-1.0-py3-none-any.whl" in refused.errors[0]
    said = wheelpin("vendor", LOCK, "-t", FOLDER, "--record", "warn")
    assert said.code == 0
    assert any("RECORD" in warning for warning in said.warnings)
    assert files_in(FOLDER) == {"old.py"}


def test_collision_names_both_owners(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.add(make_wheel("one", files={"tests/x.py": "1\n"}), make_wheel("two", files={"tests/x.py": "2\n"}))
    wheelpin.lock("one", "two", "-i", index.url)
    said = wheelpin("vendor", LOCK, "-t", FOLDER)
    assert said.code == 2
    assert "one and two both have tests/x.py" in said.errors[0]
    assert said.hints == ["if nothing needs the file, leave it out: --exclude tests/x.py"]
    assert wheelpin("vendor", LOCK, "-t", FOLDER, "--exclude", "tests/").code == 0


def test_folder_of_somebody_else_is_left_alone(wheelpin: Wheelpin, lock: Path) -> None:
    FOLDER.mkdir()
    (FOLDER / "mine.py").write_text("", encoding="utf-8")
    said = wheelpin("vendor", lock, "-t", FOLDER)
    assert said.code == 2
    assert files_in(FOLDER) == {"mine.py"}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(("-t", "x"), "Missing argument 'LOCK'", id="no lock"),
        pytest.param((str(LOCK),), "Missing option '-t' / '--to'", id="no folder"),
        pytest.param((str(LOCK), "-t", "cp312-win32"), "-t names the folder here", id="a target for a folder"),
        pytest.param(("none.txt", "-t", "x"), "cannot read none.txt", id="no such lock"),
    ],
)
def test_wrong_words_are_answered_with_one_error(
    wheelpin: Wheelpin, lock: Path, words: tuple[str, ...], error: str
) -> None:
    said = wheelpin("vendor", *words)
    assert said.code == 2
    (line,) = said.errors
    assert error in line


def test_nothing_is_left_in_the_cache_but_what_is_kept(
    wheelpin: Wheelpin, lock: Path, environment: dict[str, str]
) -> None:
    wheelpin("vendor", lock, "-t", FOLDER)
    assert list(Path(environment["WHEELPIN_CACHE_DIR"]).glob("scratch-*")) == []


def test_cache_is_no_condition(wheelpin: Wheelpin, lock: Path) -> None:
    assert wheelpin("vendor", lock, "-t", FOLDER, "--no-cache").code == 0
    assert "core.py" in files_in(FOLDER)


HERE = f"cp{sys.version_info[0]}{sys.version_info[1]}-manylinux_2_17_x86_64"


def test_imports_are_tried_on_request(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.add(make_wheel("broken", requires=["core"], files={"broken.py": "import core, nothing_there\n"}))
    wheelpin.lock("broken", "-i", index.url, "-o", "lock.txt", target=HERE)
    said = wheelpin("vendor", "lock.txt", "-t", FOLDER, "--verify-imports", "--python", sys.executable)
    assert said.code == 1
    assert said.errors == [
        f"error: vendored does not import with {sys.executable}: "
        "broken of broken: ModuleNotFoundError: No module named 'nothing_there'"
    ]
    assert files_in(FOLDER) == {"broken.py", "core.py"}


def test_module_that_an_extra_is_for_is_told_of_and_fails_nothing(wheelpin: Wheelpin, index: IndexServer) -> None:
    files = {"ns/plain.py": "", "ns/remote.py": "import grpc\n"}
    index.add(make_wheel("protos", requires=['grpcio; extra == "grpc"'], extras=["grpc"], files=files))
    wheelpin.lock("protos", "-i", index.url, "-o", "lock.txt", target=HERE)
    said = wheelpin("vendor", "lock.txt", "-t", FOLDER, "--verify-imports", "--python", sys.executable)
    assert said.code == 0, said.err
    assert said.err.splitlines()[-2:] == [
        f"imported 1 module with {sys.executable}",
        "passed over ns.remote of protos: it needs grpc, which nothing here provides",
    ]


EDITED = (
    "lock.txt is not as it was locked: somebody edited its pins or who asked for them, or merged them; "
    "`wheelpin lock --check` tells whether they answer"
)


@pytest.mark.parametrize(
    ("old", "new", "warnings"),
    [
        pytest.param("core-1.0", "core-1.1", [EDITED], id="another version"),
        pytest.param("# via command line", "# via somebody", [EDITED], id="another asker"),
        pytest.param("# proof: ", "# was: ", [], id="no proof, as other tools have none"),
        pytest.param("\ncore ", "\n# mine\n\ncore ", [], id="comments and blank lines"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [("vendor", "-t", "out"), ("bundle", "-o", "out.zip"), ("download", "-d", "out"), ("export", "--format", "hashes")],
    ids=lambda words: words[0],
)
def test_lock_that_was_edited_by_hand_is_told_of(
    wheelpin: Wheelpin, project: Path, words: tuple[str, ...], old: str, new: str, warnings: list[str]
) -> None:
    newer = make_wheel("core", "1.1")
    with IndexServer.json_with_sidecars(PLAIN_CORE, newer) as index:
        wheelpin.lock("core==1.0", "-i", index.url, "-o", "lock.txt")
        lock = project / "lock.txt"
        text = lock.read_text(encoding="utf-8")
        assert old in text
        if "1.1" in new:
            text = text.replace(PLAIN_CORE.sha256, newer.sha256)
        lock.write_text(text.replace(old, new), encoding="utf-8")
        said = wheelpin(words[0], "lock.txt", *words[1:])
    assert (said.code, said.warnings) == (0, warnings), said.err


def test_index_that_tells_less_than_the_wheel_is_found_out(wheelpin: Wheelpin, index: IndexServer) -> None:
    told = make_wheel("modest")
    index.add(replace(make_wheel("modest", requires=["core"]), metadata=told.metadata))
    wheelpin.lock("modest", "-i", index.url, "-o", "lock.txt")
    said = wheelpin("vendor", "lock.txt", "-t", FOLDER, "-i", index.url)
    assert said.code == 4
    assert said.errors == ["error: modest-1.0-py3-none-any.whl requires core, which lock.txt does not know of"]
    assert not FOLDER.exists()


def test_trial_without_a_module_is_no_success_to_speak_of(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.add(make_wheel("empty", files={"empty.pth": "\n"}))
    wheelpin.lock("empty", "-i", index.url, "-o", "lock.txt", target=HERE)
    said = wheelpin("vendor", "lock.txt", "-t", FOLDER, "--verify-imports", "--python", sys.executable)
    assert said.code == 0
    assert said.warnings == ["nothing was tried: the wheels in vendored bring no module to import"]
    assert "imported" not in said.err


def test_bytecode_is_written_on_request_only(wheelpin: Wheelpin, index: IndexServer) -> None:
    wheelpin.lock("core", "-i", index.url, "-o", "lock.txt", target=HERE)
    wheelpin("vendor", "lock.txt", "-t", FOLDER)
    assert files_in(FOLDER) == {"core.py"}
    said = wheelpin("vendor", "lock.txt", "-t", FOLDER, "--compile", "--verify-imports", "--python", sys.executable)
    assert said.code == 0, said.err
    assert said.err.splitlines()[1:] == [
        f"compiled 1 module for CPython {sys.version_info[0]}.{sys.version_info[1]}",
        f"imported 1 module with {sys.executable}",
    ]
    assert len(files_in(FOLDER)) == 2
    assert wheelpin("vendor", "lock.txt", "-t", FOLDER, "--check").code == 0


def test_imports_are_tried_in_an_image_that_is_fetched_on_request_only(
    wheelpin: Wheelpin, index: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(tmp_path / "engine", name="podman")
    monkeypatch.setenv("PATH", str(engine.parent))
    wheelpin.lock("core", "-i", index.url, "-o", "lock.txt", target=HERE)
    words = ("vendor", "lock.txt", "-t", FOLDER, "--verify-imports", "--image", "new:1")
    refused = wheelpin(*words)
    assert refused.code == 2
    assert refused.errors == ["error: podman has no image new:1"]
    assert "hint: fetch it with podman pull new:1" in refused.err
    fetched = wheelpin(*words, "--pull")
    assert fetched.code == 0, fetched.err
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert fetched.err.splitlines()[-2:] == [
        "fetching new:1 with podman",
        f"imported 1 module with python{minor} in new:1",
    ]
    assert "fetching" not in wheelpin(*words, "--pull", "--engine", "podman").err


def test_image_without_an_engine_is_told_how_to_get_one(
    wheelpin: Wheelpin, lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = wheelpin("vendor", lock, "-t", FOLDER, "--verify-imports", "--image", "new:1")
    assert said.code == 2
    assert said.errors == ["error: nothing here runs containers: docker is not on the PATH; podman is not on the PATH"]
    assert "hint: install docker or podman" in said.err


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(("--compile",), "--compile needs an interpreter of the target's version", id="compile by whom"),
        pytest.param(("--verify-imports",), "--verify-imports needs an interpreter", id="verify by whom"),
        pytest.param(("--python", "python3"), "--python and --image are for", id="an interpreter for nothing"),
        pytest.param(
            ("--compile", "--python", "x", "--image", "y"), "--compile needs an interpreter of this machine", id="afar"
        ),
        pytest.param(("--compile", "--python", "x", "--check"), "--check changes nothing", id="check and compile"),
        pytest.param(("--verify-imports", "--python", "/no/such"), "cannot run /no/such", id="no such interpreter"),
        pytest.param(("--verify-imports", "--python", "x", "--pull"), "--pull and --engine are for --image", id="pull"),
    ],
)
def test_wrong_words_on_interpreters_are_answered_with_one_error(
    wheelpin: Wheelpin, lock: Path, words: tuple[str, ...], error: str
) -> None:
    said = wheelpin("vendor", lock, "-t", FOLDER, *words)
    assert said.code == 2
    (line,) = said.errors
    assert error in line
