"""Where this machine keeps pip's configuration and a user's cache."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Paths of the host; pip's files in each group from weak to strong."""

    home: Path
    cache_dir: Path
    pip_global: tuple[Path, ...] = ()
    pip_user: tuple[Path, ...] = ()
    pip_site: tuple[Path, ...] = ()


def host_places(environ: Mapping[str, str]) -> Places:
    """Look up the paths that this machine's system and user have settled."""
    pip = PlatformDirs("pip", appauthor=False, roaming=True, multipath=True)
    home = Path.home()
    # The environment that the user works in, which need not be the one wheelpin is installed in.
    prefix = Path(environ.get("VIRTUAL_ENV") or sys.prefix)
    cache_dir = PlatformDirs("wheelpin", appauthor=False).user_cache_path
    match sys.platform:
        case "win32":
            return Places(
                home=home,
                cache_dir=cache_dir,
                pip_global=(Path(pip.site_config_dir, "pip.ini"),),
                pip_user=(home / "pip" / "pip.ini", Path(pip.user_config_dir, "pip.ini")),
                pip_site=(prefix / "pip.ini",),
            )
        case "darwin":
            own = Path(pip.user_data_dir)
            user_dir = own if own.is_dir() else home / ".config" / "pip"
            return Places(
                home=home,
                cache_dir=cache_dir,
                pip_global=tuple(Path(folder, "pip.conf") for folder in pip.site_data_dir.split(":")),
                pip_user=(home / ".pip" / "pip.conf", user_dir / "pip.conf"),
                pip_site=(prefix / "pip.conf",),
            )
        case _:
            system_wide = (*(Path(folder) for folder in pip.site_config_dir.split(":")), Path("/etc"))
            return Places(
                home=home,
                cache_dir=cache_dir,
                pip_global=tuple(folder / "pip.conf" for folder in system_wide),
                pip_user=(home / ".pip" / "pip.conf", Path(pip.user_config_dir, "pip.conf")),
                pip_site=(prefix / "pip.conf",),
            )


def read_configuration_file(path: Path) -> str | None:
    """Read *path*, or return None if it does not exist or may not be read, as pip does."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None
