"""What the steps of CI share: words from the environment, outputs to the service, wheelpin and git as processes.

Nothing that a pull request can write ever becomes part of a shell's text: words come from variables, are split by
`shlex` and handed on as arguments. Without a service, outputs go to standard output.
"""

import os
import secrets
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def setting(name: str, default: str = "") -> str:
    """Return what the variable ACTION_name says; empty means the default."""
    return os.environ.get(f"ACTION_{name}", "").strip() or default


def is_on(name: str) -> bool:
    """Read a setting that is true or false."""
    said = setting(name, "false").lower()
    if said not in {"true", "false"}:
        raise SystemExit(f"{name.lower().replace('_', '-')} is true or false, not {said!r}")
    return said == "true"


def words(name: str) -> list[str]:
    """Split a setting as a shell would, without running anything."""
    try:
        return shlex.split(setting(name), comments=True)
    except ValueError as error:
        raise SystemExit(f"{name.lower()}: {error}") from None


def wheelpin(*arguments: str) -> list[str]:
    """Spell a command of wheelpin's, as it was set up for this job."""
    return [*shlex.split(os.environ.get("WHEELPIN_COMMAND", "wheelpin")), *arguments]


def run(command: Sequence[str]) -> int:
    """Run a command that talks to whoever reads the log; return its exit code."""
    sys.stdout.flush()
    return subprocess.run(command, check=False).returncode


def output_of(command: Sequence[str], *, good: Sequence[int] = (0,)) -> str:
    """Return what a command prints; stop the step with its exit code if that is none of the *good* ones."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, encoding="utf-8")
    if done.returncode not in good:
        print(done.stdout, end="", flush=True)
        print(f"{shlex.join(command)} ended with {done.returncode}", file=sys.stderr)
        raise SystemExit(done.returncode)
    return done.stdout


def set_output(name: str, value: str) -> None:
    """Hand *value* to later steps, whatever it holds."""
    marker = f"end-{secrets.token_hex(16)}"
    _append("GITHUB_OUTPUT", f"{name}<<{marker}\n{value}\n{marker}\n")


def add_summary(markdown: str) -> None:
    """Show *markdown* on the page of the run."""
    _append("GITHUB_STEP_SUMMARY", f"{markdown}\n")


def _append(variable: str, text: str) -> None:
    if (path := os.environ.get(variable)) is None:
        print(text, end="")
        return
    with Path(path).open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
