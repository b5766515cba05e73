"""What a project published of the version that is being built: the measure for what a build may have lost."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.utils import InvalidWheelFilename, NormalizedName, parse_wheel_filename
from packaging.version import Version

from wheelpin.builder.loss import Comparison, module_paths
from wheelpin.builder.workshop import Workshop
from wheelpin.errors import WheelpinError
from wheelpin.files import IndexFile
from wheelpin.values import Sha256
from wheelpin.wheelhouse import WantedWheel, plan
from wheelpin.wheelhouse import run as fetch

_LARGEST_BYTES = 64 * 1024 * 1024


def compare_modules(
    files: Iterable[IndexFile], project: NormalizedName, version: Version, *, folder: Path, workshop: Workshop
) -> Comparison:
    """Read off the names what a version's wheels are for; fetch the smallest for Linux into *folder* for its modules.

    A wheel that cannot be had is no reason to end a build.
    """
    wheels = _wheels_of(files, project, version)
    known = Comparison(platforms=tuple(map(_platforms, wheels)))
    linux = [file for file in wheels if any("linux" in name for name in _platforms(file))]
    chosen = min(linux, key=lambda file: (file.size_bytes or _LARGEST_BYTES, file.filename), default=None)
    if chosen is None or chosen.sha256 is None or (chosen.size_bytes or 0) > _LARGEST_BYTES:
        return known
    wanted = WantedWheel(
        project=project,
        filename=chosen.filename,
        sha256=Sha256(chosen.sha256),
        wanted_by="comparison",
        url=chosen.url,
        size_bytes=chosen.size_bytes,
    )
    try:
        (housed,) = fetch(plan([wanted], {}), folder, workshop.supply)
        with zipfile.ZipFile(housed.path) as archive:
            return Comparison(platforms=known.platforms, modules=module_paths(archive.namelist()))
    except (WheelpinError, zipfile.BadZipFile, OSError) as error:
        workshop.reporter.detail(f"{chosen.filename} cannot be compared with: {error}")
        return known


def _wheels_of(files: Iterable[IndexFile], project: NormalizedName, version: Version) -> Sequence[IndexFile]:
    found = []
    for file in files:
        if file.is_wheel:
            try:
                name, found_version, _, _ = parse_wheel_filename(file.filename)
            except InvalidWheelFilename:
                continue
            if (name, found_version) == (project, version):
                found.append(file)
    return found


def _platforms(file: IndexFile) -> tuple[str, ...]:
    return tuple(sorted({tag.platform for tag in parse_wheel_filename(file.filename)[3]}))
