"""Findings as the workflow commands that GitHub shows beside the lines of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions has the form.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct


class Annotation(Struct, frozen=True, kw_only=True):
    """One remark on a line of a file."""

    severity: str
    """``error``, ``warning`` or ``notice``."""
    title: str
    message: str
    file: str
    """From the top of the repository, with forward slashes."""
    line: int | None


def github_lines(annotations: Iterable[Annotation]) -> Iterator[str]:
    """Yield one workflow command an annotation: whatever its texts hold, it stays one command."""
    for each in annotations:
        properties = {"file": each.file, "line": each.line, "title": each.title}
        said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
        yield f"::{each.severity} {said}::{_data(each.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
