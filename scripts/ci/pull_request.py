"""What changed in the locks as a pull request: files, Markdown, a branch, and gh's words for it."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from service import output_of, wheelpin

AUTHOR = {
    "GIT_AUTHOR_NAME": "github-actions[bot]",
    "GIT_AUTHOR_EMAIL": "41898282+github-actions[bot]@users.noreply.github.com",
}
"""Whom the service shows beside the commit, unless the environment says another."""

LONGEST_BODY = 60_000
"""Characters: the service refuses a body of more than 65,536."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """Where the change goes."""

    branch: str
    base: str
    """Empty for the repository's default."""
    title: str
    remote: str


def lock_files(report: str) -> list[str]:
    """Return the files that ``wheelpin lock --json`` tells of."""
    return sorted({lock["file"] for lock in json.loads(report)["locks"]})


def changed_files(paths: Sequence[str]) -> list[str]:
    """Return those of *paths* that are not as the last commit has them, new ones included."""
    return [path for path in paths if output_of(["git", "status", "--porcelain", "--untracked-files=all", "--", path])]


def describe(paths: Sequence[str]) -> str:
    """Return the difference of every lock as Markdown."""
    parts = [_difference(path) for path in paths]
    body = "\n\n".join(["What `wheelpin lock` changed, lock by lock:", *(part.strip() for part in parts if part)])
    if len(body) <= LONGEST_BODY:
        return body
    short = body[:LONGEST_BODY].rpartition("\n")[0]
    return f"{short}\n\n… and more than fits here: `wheelpin diff` tells all of it."


def _difference(path: str) -> str:
    path = Path(os.path.relpath(path)).as_posix()
    known = output_of(["git", "ls-tree", "--name-only", "HEAD", "--", path])
    before = f"HEAD:./{path}" if known else os.devnull
    told = output_of(wheelpin("diff", "--format", "markdown", "--", before, path), good=(0, 1))
    return told or f"### `{path}`\n\nThe same pins, written otherwise."


def propose(request: PullRequest, paths: Sequence[str], body: str) -> str:
    """Push *paths* on the branch and open or update its pull request; return its address."""
    output_of(["git", "check-ref-format", "--branch", request.branch])
    output_of(["git", "switch", "--quiet", "--force-create", request.branch])
    output_of(["git", "add", "--", *paths])
    for name, value in AUTHOR.items():
        os.environ.setdefault(name, value)
        os.environ.setdefault(name.replace("AUTHOR", "COMMITTER"), os.environ[name])
    output_of(["git", "commit", "--quiet", "--message", request.title, "--", *paths])
    output_of(["git", "push", "--quiet", "--force", request.remote, f"HEAD:refs/heads/{request.branch}"])
    open_ones = json.loads(
        output_of(["gh", "pr", "list", "--head", request.branch, "--state", "open", "--json", "number,url"])
    )
    with TemporaryDirectory() as folder:
        file = Path(folder, "body.md")  # a command line may be too short for it
        file.write_text(body, encoding="utf-8")
        said = ["--title", request.title, "--body-file", str(file)]
        if open_ones:
            output_of(["gh", "pr", "edit", str(open_ones[0]["number"]), *said])
            url = str(open_ones[0]["url"])
        else:
            base = ["--base", request.base] if request.base else []
            url = output_of(["gh", "pr", "create", "--head", request.branch, *base, *said]).strip()
    print(f"{request.branch}: {url}", file=sys.stderr)
    return url
