"""Where this machine keeps pip's configuration and a user's cache."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from platformdirs.api import PlatformDirsABC


class Places(Struct, frozen=True, kw_only=True):
    """Paths of the host; pip's files in each group from weak to strong."""

    home: Path
    cache_dir: Path
    pip_global: tuple[Path, ...] = ()
    pip_user: tuple[Path, ...] = ()
    pip_site: tuple[Path, ...] = ()


def _dirs(platform: str) -> "type[PlatformDirsABC]":
    # One system's folders only: together they take 3 ms to load.
    match platform:
        case "win32":
            from platformdirs.windows import Windows  # noqa: PLC0415

            return Windows
        case "darwin":
            from platformdirs.macos import MacOS  # noqa: PLC0415

            return MacOS
        case _:
            from platformdirs.unix import Unix  # noqa: PLC0415

            return Unix


def user_cache_dir(platform: str = sys.platform) -> Path:
    """Look up where this system keeps a user's caches."""
    return _dirs(platform)("wheelpin", appauthor=False).user_cache_path


def host_places(environ: Mapping[str, str], platform: str = sys.platform) -> Places:
    """Look up the paths that this machine's system and user have settled."""
    pip = _dirs(platform)("pip", appauthor=False, roaming=True, multipath=True)
    home = Path.home()
    name = "pip.ini" if platform == "win32" else "pip.conf"
    match platform:
        case "win32":
            system_wide, old, user = [pip.site_config_dir], home / "pip", pip.user_config_dir
        case "darwin":
            system_wide, old, user = pip.site_data_dir.split(":"), home / ".pip", pip.user_data_dir
            if not Path(user).is_dir():
                user = str(home / ".config" / "pip")
        case _:
            system_wide, old, user = [*pip.site_config_dir.split(":"), "/etc"], home / ".pip", pip.user_config_dir
    return Places(
        home=home,
        cache_dir=user_cache_dir(platform),
        pip_global=tuple(Path(folder, name) for folder in system_wide),
        pip_user=(old / name, Path(user, name)),
        # The environment that the user works in, which need not be the one wheelpin is installed in.
        pip_site=(Path(environ.get("VIRTUAL_ENV") or sys.prefix, name),),
    )


def read_configuration_file(path: Path) -> str | None:
    """Read *path*, or return None if it does not exist or may not be read, as pip does."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None
