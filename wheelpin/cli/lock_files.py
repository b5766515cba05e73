"""Write locks, print them, and tell of it."""

from typing import TYPE_CHECKING

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.answers import Output as WrittenFile
from wheelpin.answers import digest_of
from wheelpin.cli.console import Console, Volume, counted, print_data
from wheelpin.locks import LockedFile
from wheelpin.orders.lock_texts import LockFile, iter_lock_files
from wheelpin.orders.model import STANDARD_OUTPUT, LockOrder
from wheelpin.safe_write import write_text_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wheelpin.workflows import Locked


class Writer(Struct, kw_only=True):
    """Puts the locks of a run where they belong, and keeps what a repeated run would have to do."""

    console: Console
    as_json: bool
    written: list[WrittenFile] = field(default_factory=list)
    printed: str = ""
    has_builds: bool = False
    """Some of the wheels pinned were built for it."""
    _report: list[object] = field(default_factory=list)
    _pinned: set[NormalizedName] = field(default_factory=set)

    def write(self, locked: "Sequence[Locked]", order: LockOrder) -> None:
        """Write the locks of an order."""
        for done in locked:
            self._pinned.update(pin.project for pin in done.lock.pins)
            for warning in done.warnings:
                self.console.warning(warning)
            self.has_builds |= any(isinstance(pin.file, LockedFile) and pin.file.built for pin in done.lock.pins)
        for file in iter_lock_files(locked, order):
            path = file.output.path
            if path == STANDARD_OUTPUT:
                self.printed += file.text
            else:
                self._write_file(file)
            if self.as_json:
                from wheelpin.cli.reports import locked_to_json  # noqa: PLC0415 - reports know every room

                self._report += (locked_to_json(done, path) for done in file.locked)

    def finish(self, upgraded: "Iterable[NormalizedName]" = ()) -> None:
        """Print what goes to standard output, and warn of projects to upgrade that no lock pins."""
        for project in sorted(set(upgraded) - self._pinned):
            self.console.warning(f"nothing to upgrade: no lock pins {project}")
        if self.as_json:
            import json  # noqa: PLC0415 - for those who ask for it

            self.printed += json.dumps({"locks": self._report}, indent=2) + "\n"
        if self.printed:
            print_data(self.printed)

    def _write_file(self, file: LockFile) -> None:
        path, text = file.output.path, file.text
        before = digest_of(str(path))
        has_changed = write_text_atomically(path, text)
        told_of = (f"{counted(len(done.lock.pins), 'pin')} for {done.target.name}" for done in file.locked)
        summary = f"{path.as_posix()}: {', '.join(told_of)}"
        self.console.note(summary if has_changed else f"{summary} (unchanged)")
        told = summary if self.console.volume >= Volume.NORMAL else ""
        self.written.append((str(path.absolute()), before, text, told))
