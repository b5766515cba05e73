"""Answers of earlier runs and what they rest on: an unchanged world need not be worked out again.

A run of ``wheelpin lock`` asks one question: the command line, the settings of the environment, and files. Its
answer rests on those files and on index pages. While no file has changed and every page is fresh, the answer is
given again as it was. This module loads next to nothing, because that is all that such a run does.
"""

import os
import sys
from _collections_abc import Iterable, Iterator, Mapping, Sequence

from wheelpin.digests import sha256_of_bytes
from wheelpin.version import __version__

ANSWERS = "answers-1"
"""The kind of cache entry; counts up with the form below."""

ABSENT = ""
"""The digest of a file that is not there."""

_VARIABLES = frozenset(
    {"HOME", "USERPROFILE", "NETRC", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE", "VIRTUAL_ENV"}
)
_PREFIXES = ("PIP_", "WHEELPIN_", "XDG_")

PROJECT_FILES = ("wheelpin.toml", "pyproject.toml")
TELLING_FILES = frozenset({*PROJECT_FILES, ".gitignore", "pyvenv.cfg"})
"""Files by which a walk over folders goes."""

_DULL_FOLDERS = frozenset({"node_modules", "__pycache__"})

WatchedFile = tuple[str, str]
"""Absolute path of a file that was read or looked for in vain, and the digest of its content.

A path that ends with a slash is a folder's: what counts are the folders in it and the `TELLING_FILES`.
"""

AskedPage = tuple[str, str, str]
"""Address of an index page, headers to ask it with (``name: value`` lines), and the status that means "unchanged".

The status is empty where the index has no short way to say so.
"""

Output = tuple[str, str, str, str]
"""A file that the run wrote: absolute path, digest of what was there before, text, what the user was told."""

_WIDTHS = (2, 3, 4, 1)


class Answer:
    """What a run said and wrote, and what that rests on."""

    def __init__(  # noqa: PLR0913 - msgspec would cost more to import than the rest of this module
        self,
        *,
        watched: Sequence[WatchedFile],
        pages: Sequence[AskedPage],
        outputs: Sequence[Output],
        warnings: Sequence[str],
        fresh_until: float,
        standard_output: str,
    ) -> None:
        """Until *fresh_until*, in seconds since 1970, no page need be asked again."""
        self.watched, self.pages, self.outputs, self.warnings = watched, pages, outputs, warnings
        self.fresh_until, self.standard_output = fresh_until, standard_output


def encode_answer(answer: Answer) -> bytes | None:
    """Write *answer* for the cache; None if it holds what the form cannot."""
    tables: list[Sequence[Sequence[str]]] = [
        answer.watched,
        answer.pages,
        answer.outputs,
        [(text,) for text in answer.warnings],
    ]
    texts = [str(answer.fresh_until), answer.standard_output]
    for table in tables:
        texts.append(str(len(table)))
        texts.extend(text for row in table for text in row)
    return None if any("\0" in text for text in texts) else "\0".join(texts).encode()


def decode_answer(blob: bytes) -> Answer | None:
    """Read what `encode_answer` wrote; None for anything else."""
    try:
        texts = iter(blob.decode().split("\0"))
        fresh_until, standard_output = float(next(texts)), next(texts)
        watched, pages, outputs, warnings = ([*_rows(texts, width)] for width in _WIDTHS)
    except (ValueError, StopIteration, RuntimeError):
        return None
    return Answer(
        watched=watched,  # type: ignore[arg-type]  # the widths above are those of the rows
        pages=pages,  # type: ignore[arg-type]
        outputs=outputs,  # type: ignore[arg-type]
        warnings=[text for (text,) in warnings],
        fresh_until=fresh_until,
        standard_output=standard_output,
    )


def _rows(texts: Iterator[str], width: int) -> Iterator[tuple[str, ...]]:
    for _ in range(int(next(texts))):
        yield tuple([next(texts) for _ in range(width)])


def question_of(words: Sequence[str], environ: Mapping[str, str], folder: str) -> str | None:
    """Return the key of the question that *words* ask in *folder*, None if a secret is part of it."""
    said = {
        name: value
        for name, value in environ.items()
        if name in _VARIABLES or name.startswith(_PREFIXES) or name.lower().endswith("_proxy")
    }
    if any("://" in text and "@" in text for text in (*words, *said.values())):
        return None
    parts = [__version__, sys.prefix, folder, *words, "", *(f"{name}={said[name]}" for name in sorted(said))]
    return "\0".join(parts)


def digest_of(path: str) -> str:
    """Return the digest of a file's content or a folder's names, `ABSENT` if it cannot be read."""
    try:
        if path.endswith("/"):
            return digest_of_text("\n".join(telling_names(path)))
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib would double the cost of this module
            return sha256_of_bytes(file.read())
    except OSError:
        return ABSENT


def digest_of_text(text: str) -> str:
    """Return the digest of a file that holds *text*."""
    return sha256_of_bytes(text.encode())


def watch(paths: Iterable[str]) -> list[WatchedFile]:
    """Note what *paths* hold now."""
    absolute = {os.path.abspath(path) + ("/" if path.endswith("/") else "") for path in paths}  # noqa: PTH100
    return [(path, digest_of(path)) for path in sorted(absolute)]


def telling_names(folder: str) -> list[str]:
    """Return the names in *folder* by which a walk goes, sorted: folders end with a slash.

    Hidden folders and those of caches and other tools' packages are left out.
    """
    with os.scandir(folder) as entries:
        return sorted(
            f"{entry.name}/" if is_folder else entry.name
            for entry in entries
            for is_folder in [entry.is_dir(follow_symlinks=False)]
            if (entry.name[0] != "." and entry.name not in _DULL_FOLDERS if is_folder else entry.name in TELLING_FILES)
        )


def is_undisturbed(answer: Answer) -> bool:
    """Tell whether every file that the answer rests on is as it was, and no output was changed by others."""
    return all(digest_of(path) == digest for path, digest in answer.watched) and all(
        digest_of(path) in (before, digest_of_text(text)) for path, before, text, _ in answer.outputs
    )
