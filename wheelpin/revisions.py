"""Files as git keeps them: ``REV:path`` to text, and to the names in a folder."""

import subprocess
from collections.abc import Sequence

from wheelpin.errors import InputError

_TIMEOUT_S = 60


class RevisionError(InputError):
    """Git has no such file, or there is no git."""

    def __init__(self, name: str, reason: str, hint: str | None = None) -> None:
        super().__init__(name, reason, hint)
        self.name, self.reason, self.hint = name, reason, hint

    def __str__(self) -> str:
        return f"cannot read {self.name} from git: {self.reason}"


def is_folder(name: str) -> bool:
    """Tell whether *name* (``REV:path``) is a folder there; raise `RevisionError` if it is nothing."""
    return _git(name, "cat-file", "-t", name).strip() == b"tree"


def read_blob(name: str) -> bytes:
    """Return what the file *name* (``REV:path``) holds there; raise `RevisionError`."""
    return _git(name, "cat-file", "blob", name)


def file_names(name: str) -> list[str]:
    """Return the names of the files right in the folder *name* (``REV:path``), sorted; raise `RevisionError`."""
    rows = _git(name, "ls-tree", "-z", name).decode("utf-8", "surrogateescape").split("\0")
    return sorted(path for kind, _, path in (row.partition("\t") for row in rows if row) if " blob " in kind)


def _git(name: str, *words: str) -> bytes:
    if name.startswith("-"):  # what the user wrote is never an option to git
        raise RevisionError(name, "no revision starts with a dash")
    try:
        done = _run(["git", "--no-pager", *words])
    except FileNotFoundError:
        raise RevisionError(name, "there is no git on this machine", "name two files instead") from None
    except subprocess.TimeoutExpired:
        raise RevisionError(name, f"git did not answer within {_TIMEOUT_S} seconds") from None
    if done.returncode != 0:
        first, *more = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it gave no reason"]
        hint = next((line.removeprefix("hint: ") for line in more if line.startswith("hint: ")), None)
        raise RevisionError(name, first.removeprefix("fatal: "), hint or _hint_for(first))
    return done.stdout


def _hint_for(reason: str) -> str | None:
    if "not a git repository" in reason:
        return "run it within the repository"
    return "name it as git does, from the top of the repository: HEAD:lockfiles/NAME.txt, or HEAD:./NAME.txt from here"


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S, check=False)
