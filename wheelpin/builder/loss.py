"""Extensions that a build left out without saying so in its exit code. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from wheelpin.elf import WheelBinaries

_OPTIONAL_FAILED = re.compile(
    r"building extension ['\"]?(?P<name>[\w.]+)['\"]? failed"
    r"|(?P<unnamed>(?:C|C\+\+|Cython|speedups?) extensions? (?:could|cannot|can ?not|failed|was not|were not|module)"
    r"[^\n]{0,80}(?:compil|buil)[^\n]*)"
    r"|(?P<skipped>(?:skipping|failed to (?:build|compile)) (?:the )?(?:optional )?(?:C |Cython )?extensions?[^\n]*)",
    re.IGNORECASE,
)
_MODULE = re.compile(r"(?P<name>\w+)(?:\.[\w.-]+)?\.(?:so|pyd)")


class Comparison(Struct, frozen=True, kw_only=True):
    """What the project published of the same version, as far as an index tells."""

    platforms: tuple[tuple[str, ...], ...] = ()
    """The platform tags of each published wheel."""
    modules: frozenset[str] = frozenset()
    """Paths of the extension modules in one of them, their endings left away; none if nobody looked."""

    @property
    def always_has_binaries(self) -> bool:
        """Tell whether the version has wheels, and each of them is for a platform."""
        return bool(self.platforms) and all("any" not in each for each in self.platforms)


class Loss(Struct, frozen=True, kw_only=True):
    """What seems to be missing."""

    reason: str
    is_certain: bool
    """Otherwise it is worth a note."""
    modules: tuple[str, ...] = ()
    """What is missing, as far as anything tells: ``yaml._yaml``. Sorted."""

    def is_allowed_by(self, optional: Sequence[str]) -> bool:
        """Tell whether the recipe names as *optional* all that is known to be missing."""
        return bool(optional) and all(any(fnmatchcase(name, each) for each in optional) for name in self.modules)


def find_loss(binaries: WheelBinaries, published: Comparison, log: Iterable[str]) -> Loss | None:
    """Judge a wheel by its tags, files, published siblings and the log of its build: exit codes tell nothing."""
    said = list(log)
    failed = failed_extensions(said)
    built = {module_path(file.installed_path) for file in binaries.elf_files if file.module is not None}
    missing = sorted(published.modules - built)
    modules = tuple(sorted({*named_extensions(said), *(path.replace("/", ".") for path in missing)}))
    has_modules = any(file.module is not None for file in binaries.elf_files)
    if binaries.lost_its_binaries:
        told = _because("it claims a platform and has no binary in it", failed)
        return Loss(reason=told, is_certain=True, modules=modules)
    if failed:
        return Loss(reason=_because("an extension was left out", failed), is_certain=True, modules=modules)
    if not has_modules and published.always_has_binaries:
        told = "every published wheel of this version has compiled parts, and this one has none"
        return Loss(reason=told, is_certain=True, modules=modules)
    if missing:
        told = f"published wheels of this version have {', '.join(missing[:5])}, and this one does not"
        return Loss(reason=told, is_certain=not has_modules, modules=modules)
    return None


def failed_extensions(log: Iterable[str]) -> tuple[str, ...]:
    """Return what a log says of optional extensions that could not be built."""
    found: dict[str, None] = {}
    for line in log:
        if (match := _OPTIONAL_FAILED.search(line)) is not None:
            found[match["name"] or line.strip()] = None
    return tuple(found)


def named_extensions(log: Iterable[str]) -> frozenset[str]:
    """Return the extensions that a log says were not built, as far as it gives their names."""
    found = (_OPTIONAL_FAILED.search(line) for line in log)
    return frozenset(match["name"] for match in found if match is not None and match["name"])


def module_path(path: str) -> str:
    """Return an extension module's path without what names the Python and the platform: ``yaml/_yaml``."""
    folder, slash, filename = path.rpartition("/")
    match = _MODULE.fullmatch(filename)
    return folder + slash + (match["name"] if match is not None else filename)


def module_paths(members: Collection[str]) -> frozenset[str]:
    """Return the paths of what looks like extension modules among a wheel's members."""
    named = (path for path in members if path.endswith((".so", ".pyd")) and ".libs/" not in path)
    return frozenset(module_path(re.sub(r"^[^/]+\.data/(?:pure|plat)lib/", "", path)) for path in named)


def _because(told: str, failed: Sequence[str]) -> str:
    return f"{told}; the build said: {'; '.join(failed[:3])}" if failed else told
