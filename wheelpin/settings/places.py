"""Where this machine keeps pip's configuration and a user's cache, and what time it is there."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from platformdirs.api import PlatformDirsABC


class Places(Struct, frozen=True, kw_only=True):
    """Paths of the host, pip's files in each group from weak to strong; and its clock."""

    home: Path
    cache_dir: Path
    pip_global: tuple[Path, ...] = ()
    pip_user: tuple[Path, ...] = ()
    pip_site: tuple[Path, ...] = ()
    now: Callable[[], datetime]
    """Aware."""


def _dirs(platform: str) -> "type[PlatformDirsABC]":
    # One system's folders only, because they take long to load.
    if platform == "win32":
        from platformdirs.windows import Windows  # noqa: PLC0415

        return Windows
    from platformdirs.macos import MacOS  # noqa: PLC0415

    return MacOS


# What the library says of other systems it says of Linux as well, but there it brings tempfile, shutil and every form
# of archive along, a thirtieth of all that a lock loads; and these are two sentences of the XDG Base Directory
# Specification.
def _xdg_folder(variable: str, default: str) -> Path:
    said = os.environ.get(variable, "")
    return Path(said) if said.startswith("/") else Path.home() / default


def _xdg_folders(variable: str, default: str) -> list[Path]:
    said = [Path(folder) for folder in os.environ.get(variable, "").split(":") if folder.startswith("/")]
    return said or [Path(default)]


def user_cache_dir(platform: str = sys.platform) -> Path:
    """Look up where this system keeps a user's caches."""
    if platform in ("win32", "darwin"):
        return _dirs(platform)("wheelpin", appauthor=False).user_cache_path
    return _xdg_folder("XDG_CACHE_HOME", ".cache") / "wheelpin"


def host_places(environ: Mapping[str, str], platform: str = sys.platform) -> Places:
    """Look up the paths that this machine's system and user have settled."""
    home, name = Path.home(), "pip.conf"
    match platform:
        case "win32":
            pip = _dirs(platform)("pip", appauthor=False, roaming=True, multipath=True)
            name = "pip.ini"
            system_wide, old, user = [Path(pip.site_config_dir)], home / "pip", Path(pip.user_config_dir)
        case "darwin":
            pip = _dirs(platform)("pip", appauthor=False, roaming=True, multipath=True)
            system_wide, old = [Path(folder) for folder in pip.site_data_dir.split(":")], home / ".pip"
            user = Path(pip.user_data_dir)
            if not user.is_dir():
                user = home / ".config" / "pip"
        case _:
            system_wide = [folder / "pip" for folder in _xdg_folders("XDG_CONFIG_DIRS", "/etc/xdg")]
            system_wide.append(Path("/etc"))
            old, user = home / ".pip", _xdg_folder("XDG_CONFIG_HOME", ".config") / "pip"
    return Places(
        home=home,
        cache_dir=user_cache_dir(platform),
        pip_global=tuple(folder / name for folder in system_wide),
        pip_user=(old / name, user / name),
        # The environment that the user works in, which need not be the one wheelpin is installed in.
        pip_site=(Path(environ.get("VIRTUAL_ENV") or sys.prefix, name),),
        now=host_clock,
    )


def host_clock() -> datetime:
    """Return the time of this machine, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


def read_configuration_file(path: Path) -> str | None:
    """Read *path*, or return None if it does not exist or may not be read, as pip does."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None
