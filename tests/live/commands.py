"""wheelpin's commands as a user runs them, and what their answers say."""

import io
from collections.abc import Mapping
from contextlib import redirect_stdout

from wheelpin.cli.main import main
from wheelpin.locks import Lock, LockedFile, Pin, parse_lock
from wheelpin.values import Origin


class UnexpectedExitError(AssertionError):
    """A command ended otherwise than the test meant."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def run(*arguments: str, exit_code: int = 0) -> str:
    """Run a command and return its standard output; its words on standard error are pytest's to show."""
    output = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(output, encoding="utf-8", write_through=True)):
        if (code := main(arguments)) != exit_code:
            raise UnexpectedExitError(code)
        return output.getvalue().decode()


def lock(*arguments: str) -> Lock:
    """Lock, and read the lock."""
    return parse_lock(run("lock", *arguments, "-o", "-"), Origin("standard output"))


def filename(pin: Pin) -> str:
    """Return the name of the wheel that the pin stands for."""
    assert isinstance(pin.file, LockedFile)
    return pin.file.filename


def filenames(answer: Lock) -> Mapping[str, str]:
    """Return each project's wheel."""
    return {pin.project: filename(pin) for pin in answer.pins}
