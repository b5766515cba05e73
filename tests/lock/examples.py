from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.locks import Lock, LockedFile, LockedTarget, Pin, UnnamedFile
from wheelpin.values import IndexUrl, Origin, Sha256

ORIGIN = Origin("lockfiles/legacy.txt")
INDEX = IndexUrl("https://index.example/simple/")
LEGACY = LockedTarget(
    name="cp36-manylinux1_x86_64", spelling="cp36-manylinux1_x86_64", python_full_version=Version("3.6.15")
)
DIGEST = Sha256("a" * 64)
FOLDER_URL = "https://files.example"


def sha256(character: str) -> Sha256:
    return Sha256(character * 64)


def file(
    filename: str,
    *,
    digest: Sha256 = DIGEST,
    url: str | None = FOLDER_URL,
    path: str | None = None,
    index: IndexUrl | None = INDEX,
) -> LockedFile:
    address = f"{FOLDER_URL}/{filename}" if url == FOLDER_URL else url
    return LockedFile(filename=filename, sha256=digest, url=address, path=path, index=index)


def pin(
    project: str,
    version: str = "1.0",
    *,
    a_file: LockedFile | UnnamedFile | None = None,
    via: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Pin:
    return Pin(
        project=NormalizedName(project),
        version=Version(version),
        file=a_file or file(f"{project.replace('-', '_')}-{version}-py3-none-any.whl"),
        via=via,
        tags=tags,
        notes=notes,
    )


def lock(
    *pins: Pin,
    target: LockedTarget | None = LEGACY,
    inputs: tuple[str, ...] = (),
    refresh_command: str | None = None,
    indexes: tuple[IndexUrl, ...] = (INDEX,),
    exclude_newer: str | None = None,
) -> Lock:
    return Lock(
        target=target,
        pins=pins,
        inputs=inputs,
        refresh_command=refresh_command,
        indexes=indexes,
        exclude_newer=exclude_newer,
    )
