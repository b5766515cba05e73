"""Where things lie in a build's container, and the environment that its programs get. Pure."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from wheelpin.engines import Command

USER = "1000:1000"
"""A plain user: nothing of a build belongs to root, nothing of the image can be changed by it."""

GIVEN = "/wheelpin"
"""What is copied in; it belongs to root."""
DEPENDENCIES = f"{GIVEN}/dependencies"
SCRIPTS = f"{GIVEN}/scripts"
SOURCE = f"{GIVEN}/source"
PATCHES = f"{GIVEN}/patches"

WORK = "/tmp/wheelpin"
"""What the build makes."""
UNPACKED = f"{WORK}/unpacked"
TREE = f"{UNPACKED}/tree"
TOOLS = f"{WORK}/tools"
"""pip, unpacked: some releases do not build from within their own wheel."""
PACKAGES = f"{WORK}/packages"
"""The build requirements, installed."""
BUILT = f"{WORK}/built"
REPAIRED = f"{WORK}/repaired"
SDISTS = f"{WORK}/sdists"
ANSWERS = f"{WORK}/answers"
ANSWER = f"{ANSWERS}/answer.json"
"""What a build backend answered last."""
HOME = f"{WORK}/home"
SCRATCH = f"{WORK}/scratch"
FOLDERS = (UNPACKED, TOOLS, PACKAGES, BUILT, REPAIRED, SDISTS, ANSWERS, HOME, SCRATCH)

_EPOCH_S = 315532800
"""The first moment that a zip archive can name: 1980-01-01, UTC."""
_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")


class Surroundings(Struct, frozen=True, kw_only=True):
    """What every program of a build runs in."""

    python: str
    """The path of the target's interpreter in the image."""
    is_32_bit: bool = False
    """Programs are told that the machine is one of 32 bits, whatever the kernel."""
    image_environment: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    """The recipe's variables, and the caller's proxies where the network is allowed."""

    def command(self, *words: str, folder: str = WORK, packages: str | None = None, user: str = USER) -> Command:
        """Spell a program with its environment; *packages* is the folder that its Python imports from."""
        stray = [name for name in sorted(self.image_environment) if name.startswith(("PIP_", "PYTHON"))]
        unset = ["env", *(word for name in stray for word in ("-u", name))] if stray else []
        personality = ["linux32"] if self.is_32_bit else []
        # What the image sets goes before what is said here, so it is taken away by a program and not by the engine.
        said = {**self._environment(packages), **self.more}
        assigned = [f"{name}={value}" for name, value in said.items() if name in stray]
        return Command(
            argv=(*unset, *assigned, *personality, *words),
            environment={name: value for name, value in said.items() if name not in stray},
            working_folder=folder,
            user=user,
        )

    def _environment(self, packages: str | None) -> dict[str, str]:
        path = self.image_environment.get("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        folders = [self.python.rpartition("/")[0], *([f"{packages}/bin"] if packages else []), path]
        return {
            "HOME": HOME,
            "TMPDIR": SCRATCH,
            "PATH": ":".join(filter(None, folders)),
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
            "SOURCE_DATE_EPOCH": str(_EPOCH_S),
            # A tree that was copied in belongs to another user than its history does.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            **({"PYTHONPATH": packages} if packages else {}),
        }


def proxies_of(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the caller's proxy settings under both spellings, as programs read the one or the other."""
    found: dict[str, str] = {}
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.upper())
        if value:
            found |= {name: value, name.upper(): value}
    return found


def spelled(words: Iterable[str]) -> str:
    """Spell a command for a log."""
    return " ".join(word if word and not set(word) - _PLAIN else repr(word) for word in words)


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:@,%")
