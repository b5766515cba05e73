"""Where platforms look for modules in an archive, and how much they take."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.bundle.layout import merge
from wheelpin.bundle.tree import Tree, TreeFile
from wheelpin.bundle.wheel import Wheel
from wheelpin.target import Libc, Linux, Target


class ArchiveLayout(Struct, frozen=True, kw_only=True):
    """The shape of an archive for one kind of platform."""

    name: str
    modules_folder: str = ""
    """Where the wheels' files go, with a final slash; ``{minor}`` stands for the target's Python, ``3.12``."""
    sources_folder: str = ""
    """Where the user's own files go."""
    most_bytes: int | None = None
    """How much the platform takes unpacked; None where it sets no limit of its own."""
    is_for_glibc: bool = True
    """The platform runs Linux with glibc, whatever the target is."""

    def misplaced(self, tree: Tree, target: Target) -> tuple[Wheel, ...]:
        """Return the wheels of *tree* that were chosen for *target* and cannot be loaded on the platform."""
        match target.platform:
            case Linux(libc=Libc.GLIBC | None):
                return ()
            case _:
                return tuple(wheel for wheel in tree.wheels if self.is_for_glibc and not wheel.tag_set.endswith("-any"))


_LAMBDA_BYTES = 262_144_000
"""AWS Lambda: a function's code and all its layers together, unpacked. The number is the one in its API's error."""

ARCHIVE_LAYOUTS: Mapping[str, ArchiveLayout] = MappingProxyType(
    {
        layout.name: layout
        for layout in (
            ArchiveLayout(name="plain", is_for_glibc=False),
            ArchiveLayout(name="aws-lambda", most_bytes=_LAMBDA_BYTES),
            # A layer's versioned folder is on the path of that one Python, as compiled modules need it.
            ArchiveLayout(
                name="aws-layer",
                modules_folder="python/lib/python{minor}/site-packages/",
                sources_folder="python/lib/python{minor}/site-packages/",
                most_bytes=_LAMBDA_BYTES,
            ),
            # For modules without compiled code, which serve every Python that the layer is given to.
            ArchiveLayout(
                name="aws-layer-any-python",
                modules_folder="python/",
                sources_folder="python/",
                most_bytes=_LAMBDA_BYTES,
            ),
            ArchiveLayout(name="azure", modules_folder=".python_packages/lib/site-packages/"),
            ArchiveLayout(name="gcf"),
        )
    }
)
"""By the name that ``--layout`` takes."""


def arrange(tree: Tree, sources: Iterable[TreeFile], layout: ArchiveLayout, target: Target) -> Tree:
    """Put the wheels' files and the user's where *layout* wants them; raise `CollisionError` if they meet."""
    modules_folder, sources_folder = (
        folder.format(minor=target.interpreter.minor) for folder in (layout.modules_folder, layout.sources_folder)
    )
    files = [
        *(replace(file, path=f"{sources_folder}{file.path}") for file in sources),
        *(replace(file, path=f"{modules_folder}{file.path}") for file in tree.files),
    ]
    return replace(tree, files=merge(files, ignores_case=False))
