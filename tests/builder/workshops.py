"""A workshop over an engine that runs nothing and an index in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.builder.fake_engine import FakeEngine
from tests.builders import BuiltFile, make_sdist, make_wheel
from tests.reporters import RecordingReporter
from tests.resolve.fake_index import FakeIndex
from tests.wheelhouse.serving import FakeTransport
from wheelpin.builder import BuildRequest, Workshop, open_sdist
from wheelpin.cache import Cache
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.project import Recipe
from wheelpin.target import Target
from wheelpin.values import IndexUrl
from wheelpin.wheelhouse import Supply, WheelStore

TARGET = Target.parse("cp39-manylinux_2_28_x86_64")
SDIST = make_sdist("demo", "1.0")
TOOLS = (
    make_wheel("pip", "25.0"),
    make_wheel("setuptools", "70.0"),
    make_wheel("wheel", "0.40"),
    make_wheel("cython", "3.0"),
    make_wheel("pytest", "8.0"),
)


def index_file(file: BuiltFile) -> IndexFile:
    return IndexFile(filename=file.filename, url=f"https://files.example/{file.filename}", sha256=file.sha256)


def supply(folder: Path, *files: BuiltFile, reporter: RecordingReporter | None = None) -> Supply:
    """Offer *files* and the tools that builds need."""
    offered = (*TOOLS, *files)
    projects: dict[str, list[IndexFile]] = {}
    for file in offered:
        projects.setdefault(file.project, []).append(index_file(file))
    pages = [
        ProjectPage(project=project, index=IndexUrl("https://index.example/"), files=found)  # type: ignore[arg-type]
        for project, found in projects.items()
    ]
    metadata: Mapping[str, CoreMetadata | str] = {
        file.filename: CoreMetadata(name=file.project, version=file.version) for file in offered
    }
    return Supply(
        transport=FakeTransport({f"https://files.example/{file.filename}": file.body for file in offered}),
        store=WheelStore(folder / "cache"),
        index=FakeIndex(pages, metadata),
        reporter=reporter or RecordingReporter(),
    )


def workshop(
    engine: FakeEngine, folder: Path, *files: BuiltFile, said: list[str] | None = None, use_cache: bool = True
) -> Workshop:
    """Set up what builds need, below *folder*."""
    offered = supply(folder, *files)
    return Workshop(
        engine=engine,
        supply=offered,
        cache=Cache(folder / "cache", offered.reporter) if use_cache else None,
        logs=folder / "logs",
        choose_image=lambda _, image: image or "stand-in",
        environ={"HTTPS_PROXY": "http://proxy.example"},
        say=(list[str]() if said is None else said).append,
    )


def request(
    folder: Path,
    *,
    sdist: BuiltFile = SDIST,
    recipe: Recipe | None = None,
    target: Target = TARGET,
    patches: Sequence[bytes] = (),
    siblings: Sequence[BuiltFile] = (),
) -> BuildRequest:
    """Ask for a build of an sdist that lies in *folder*."""
    path = folder / sdist.filename
    path.write_bytes(sdist.body)
    return BuildRequest(
        source=open_sdist(path),
        target=target,
        recipe=recipe or Recipe(),
        patches=tuple(patches),
        siblings=tuple(map(index_file, siblings)),
    )
