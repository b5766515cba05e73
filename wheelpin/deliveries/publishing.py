"""Built wheels and sdists handed to twine, which knows repositories and their credentials."""

import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from wheelpin.errors import IndexUnavailableError, InputError

_SDISTS = (".tar.gz", ".zip")
STANDARD_ERROR = 2
"""Its file descriptor, where a program goes whose words are no data."""
_IS_THERE = re.compile(r"\b409\b|already\s+exist|been\s+taken|overwrite\s+artifact", re.IGNORECASE)
"""How repositories refuse a file that they have."""
BRIEFLY = """
import sys
sys.excepthook = lambda kind, error, _: sys.stderr.write("%s: %s\\n" % (kind.__name__, error))
"""
"""What twine did not foresee, as that there is no connection, is told in a line."""
_TWINE = f"""{BRIEFLY}
from twine.__main__ import main
sys.exit(main())
"""
TWINE = (sys.executable, "-P", "-c", _TWINE)
_LONGEST_UPLOAD_S = 6 * 60 * 60


class NothingToPublishError(InputError):
    """A folder has no wheel and no sdist."""

    hint = "make some with wheelpin build -w DIR"

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"{self.folder} has neither a wheel nor an sdist"


class NoTwineError(InputError):
    """What uploads is not installed."""

    hint = "pip install 'wheelpin[publish]'"

    def __str__(self) -> str:
        return "publishing needs twine, which is not installed beside wheelpin"


class UploadFailedError(IndexUnavailableError):
    """twine did not finish; it has told why."""

    hint = "what was uploaded stays there: repeat with --skip-existing"

    def __init__(self, folder: str, exit_code: int) -> None:
        super().__init__(folder, exit_code)
        self.folder, self.exit_code_of_twine = folder, exit_code

    def __str__(self) -> str:
        return f"twine did not upload all of {self.folder} (exit code {self.exit_code_of_twine})"


class Upload(Struct, frozen=True, kw_only=True):
    """Where the files go, and what becomes of those that are there."""

    repository: str | None = None
    """A name of the user's ``.pypirc``, or an address; None for what twine takes for its own."""
    skips_existing: bool = False


class Published(Struct, frozen=True, kw_only=True):
    """What became of a folder's files."""

    handed_over: int
    passed_over: int


def publish(folder: Path, upload: Upload) -> Published:
    """Upload what *folder* holds. Raise `NothingToPublishError`, `NoTwineError` and `UploadFailedError`.

    twine asks and tells on this terminal.
    """
    files = require_files(folder)
    if not upload.skips_existing:
        # Standard output is for data, and what twine tells is none.
        done = subprocess.run(twine_words(files, upload), check=False, stdout=STANDARD_ERROR, timeout=_LONGEST_UPLOAD_S)
        if done.returncode != 0:
            raise UploadFailedError(folder.as_posix(), done.returncode)
        return Published(handed_over=len(files), passed_over=0)
    passed_over = sum(not _uploaded(file, upload) for file in files)
    return Published(handed_over=len(files) - passed_over, passed_over=passed_over)


def _uploaded(file: Path, upload: Upload) -> bool:
    """Upload one file; False if the repository has it. twine's own option for that works with PyPI only."""
    done = subprocess.run(
        [*twine_words([file], upload), "--verbose"],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LONGEST_UPLOAD_S,
    )
    said = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0 and _IS_THERE.search(said):
        return False
    sys.stderr.write(said)
    if done.returncode != 0:
        raise UploadFailedError(file.as_posix(), done.returncode)
    return True


def require_files(folder: Path) -> tuple[Path, ...]:
    """Return what twine is given. Raise `NothingToPublishError` and `NoTwineError`."""
    files = files_to_publish(folder)
    if not files:
        raise NothingToPublishError(folder.as_posix())
    if find_spec("twine") is None:
        raise NoTwineError
    return files


def files_to_publish(folder: Path) -> tuple[Path, ...]:
    """Return the wheels, then the sdists, sorted; provenance and logs are the builder's own."""
    found = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    wheels = [path for path in found if path.suffix == ".whl"]
    return (*wheels, *(path for path in found if path.name.endswith(_SDISTS)))


def twine_words(files: Sequence[Path], upload: Upload) -> list[str]:
    """Spell the command."""
    return [*TWINE, "upload", "--disable-progress-bar", *repository_words(upload), *map(str, files)]


def repository_words(upload: Upload) -> list[str]:
    """Spell where twine's own configuration is not meant."""
    if upload.repository is None:
        return []
    return ["--repository-url" if "://" in upload.repository else "--repository", upload.repository]
