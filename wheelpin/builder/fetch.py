"""Fetch an sdist by its address: no tool runs over it, its digest is checked before anything reads it."""

import hashlib
import sys
from pathlib import Path

from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.builder.errors import NoSuchSourceError, SourceRefusedError
from wheelpin.builder.sdist_archive import MOST_PACKED_BYTES
from wheelpin.builder.sources import Source, open_sdist
from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Listing
from wheelpin.candidates.rules import Rules
from wheelpin.candidates.shelf import lateness
from wheelpin.files import IndexFile
from wheelpin.ports import Request
from wheelpin.requirements import Requirement
from wheelpin.safe_write import FileNotWritableError
from wheelpin.values import Sha256, without_secrets
from wheelpin.wheelhouse import DigestMismatchError, Supply


def fetch_sdist(file: IndexFile, folder: Path, supply: Supply) -> Source:
    """Put the sdist into *folder* under its name and read it.

    Raise `DigestMismatchError`, `SourceRefusedError`, `FileNotWritableError` and `IndexUnavailableError`.
    """
    if "/" in file.filename or "\\" in file.filename or not file.is_sdist:
        raise SourceRefusedError(file.filename, "this is not the name of an sdist")
    path = folder / file.filename
    expected = file.sha256
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if expected is None or not supply.store.supply(expected, path):
            digest = _download(file, path, supply)
            if expected is not None and digest != expected:
                path.unlink()
                source = without_secrets(file.url)
                raise DigestMismatchError(file.filename, source, expected=expected, actual=digest)
            supply.store.keep(digest, path)
            expected = digest
    except OSError as error:
        raise FileNotWritableError(str(path), error.strerror or str(error)) from error
    # A path of this machine means nothing elsewhere; the digest tells which file it was.
    said = file.filename if file.url.startswith("file:") else without_secrets(file.url)
    return open_sdist(path, sha256=expected, said=said)


def find_sdist(requirement: Requirement, rules: Rules, supply: Supply) -> tuple[IndexFile, tuple[IndexFile, ...]]:
    """Return the newest sdist that *requirement* and *rules* allow, and all files of its project.

    Raise `NoSuchSourceError`.
    """
    assert supply.index is not None
    page = supply.index.page(requirement.name)
    if page is None:
        raise NoSuchSourceError(str(requirement), f"no index has a project named {requirement.name}")
    sdists = Listing(page).sdists
    demand = Demand(specifier=requirement.specifier)
    refused = {version: said for version, file in sdists.items() if (said := _refusal(file, demand, rules)) is not None}
    found = max(demand.specifier.filter(version for version in sdists if version not in refused), default=None)
    if found is None:
        named = [f"{version} {refused[version]}" for version in demand.specifier.filter(refused, prereleases=True)]
        known = ", ".join(map(str, sorted(sdists, reverse=True)[:5])) or "none"
        raise NoSuchSourceError(str(requirement), "; ".join(named) or f"there is no such sdist (the newest: {known})")
    return supply.index.hashed(sdists[found]), page.files


def _refusal(file: IndexFile, demand: Demand, rules: Rules) -> str | None:
    if rules.exclude_newer is not None and (late := lateness(file, rules.exclude_newer.moment)) is not None:
        return late
    if file.yanked is not None and not demand.is_exact:
        return f"was yanked: {file.yanked}" if file.yanked else "was yanked"
    return None


def wheel_name_for(project: NormalizedName, version: Version) -> str:
    """Spell a name that a wheel of an sdist would have, as metadata is checked against one."""
    return f"{project.replace('-', '_')}-{version}-py3-none-any.whl"


def _download(file: IndexFile, path: Path, supply: Supply) -> Sha256:
    hasher = hashlib.sha256()
    left = min(file.size_bytes or MOST_PACKED_BYTES, MOST_PACKED_BYTES)
    request = Request(url=file.url, headers={"accept-encoding": "identity"}, max_bytes=sys.maxsize)
    supply.reporter.progress(f"fetching {file.filename}")
    with supply.transport.stream(request) as answer, path.open("wb") as out:
        for piece in answer:
            left -= len(piece)
            if left < 0:
                path.unlink()
                raise SourceRefusedError(file.filename, "it has more bytes than it may have")
            hasher.update(piece)
            out.write(piece)
    return Sha256(hasher.hexdigest())
