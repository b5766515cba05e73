"""Wheels on disk, opened and laid out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.builders import make_wheel
from tests.reporters import RecordingReporter
from wheelpin.bundle.layout import Layout, Part, lay_out
from wheelpin.bundle.selection import read_member
from wheelpin.bundle.tree import ContentReader, Tree
from wheelpin.bundle.vendor import Outcome, vendor
from wheelpin.bundle.wheel import Wheel, open_wheel
from wheelpin.folders.kept_files import KeptFiles
from wheelpin.target import Target

LINUX = Target.parse("cp312-manylinux_2_28_x86_64")
WINDOWS = Target.parse("cp312-win_amd64")
MACOS = Target.parse("cp312-macosx_11_0_arm64")

Files = Mapping[str, bytes | str]


def wheel_of(folder: Path, name: str, files: Files | None = None, *, version: str = "1.0") -> Wheel:
    """Build a wheel of *files* (default: one module) in *folder* and open it."""
    built = make_wheel(name, version, files=files)
    path = folder / built.filename
    path.write_bytes(built.body)
    return open_wheel(path)


def laid_out(
    *wheels: Wheel,
    target: Target = LINUX,
    left_out: frozenset[Part] = frozenset({Part.HEADERS}),
    exclude: Sequence[str] = (),
    interpreter: str | None = None,
) -> Tree:
    layout = Layout.of(target, interpreter=interpreter, left_out=left_out, exclude=tuple(exclude))
    return lay_out(wheels, layout, read_member)


def paths(tree: Tree) -> set[str]:
    """Return the paths without the metadata's."""
    return {file.path for file in tree.files if ".dist-info/" not in file.path}


def body_of(tree: Tree, path: str) -> bytes:
    (file,) = (file for file in tree.files if file.path == path)
    with ContentReader() as reader:
        return b"".join(reader.iter_content(file))


def vendored(
    tree: Tree, folder: Path, reporter: RecordingReporter | None = None, *, kept: KeptFiles | None = None
) -> Outcome:
    return vendor(tree, folder, target=LINUX.name, reporter=reporter or RecordingReporter(), kept=kept).outcome


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder*, the manifest aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".wheelpin.json"
    }
