"""Everything that an order's sources name, read with the settings for asking the index about it."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.ports import Reporter
from wheelpin.requirements import (
    Document,
    FormatControl,
    IndexOptions,
    Inputs,
    Reader,
    Requirement,
    Sources,
    is_address,
    read_inputs,
)
from wheelpin.session import settings_of_host
from wheelpin.settings import ExplicitOptions, Settings
from wheelpin.sources import SourceReader
from wheelpin.transport import HttpTransport
from wheelpin.values import Origin


class Host(Struct, frozen=True, kw_only=True):
    """What a run takes of the machine."""

    environ: Mapping[str, str]
    folder: Path
    """The working folder, absolute."""
    standard_input: BinaryIO
    reporter: Reporter


class OpenedInputs(Struct, frozen=True, kw_only=True):
    """What the sources name, read, and the settings for asking the index about it."""

    inputs: Inputs
    overrides: tuple[Requirement, ...]
    settings: Settings
    files: tuple[str, ...] | None
    """The files that were read, relative to the sources' folder; None if more than files was."""
    locations: tuple[str, ...] = ()
    """All that was read: such files, addresses, and ``-``."""


def read_sources(
    sources: Sources,
    override_files: Iterable[str] = (),
    *,
    folder: Path,
    options: ExplicitOptions,
    host: Host,
) -> OpenedInputs:
    """Read all that *sources* name, paths from *folder* on; raise a branch of `InputError`."""
    with ExitStack() as stack:
        plain = settings_of_host(host.environ, options=options)
        transports = cache(lambda: stack.enter_context(HttpTransport(plain, host.reporter)))
        reader = _Noting(SourceReader(folder=folder, standard_input=host.standard_input, open_transport=transports))
        inputs = read_inputs(sources, reader)
        overrides = read_inputs(Sources(requirement_files=tuple(override_files)), reader).requirements
    for warning in inputs.warnings:
        host.reporter.warning(warning)
    asked = inputs.options if folder == host.folder else _from_there(inputs.options, folder)
    settings = settings_of_host(host.environ, options=options, asked=asked)
    return OpenedInputs(
        inputs=inputs,
        overrides=overrides,
        settings=settings,
        files=reader.files,
        locations=tuple(reader.locations),
    )


def _from_there(options: IndexOptions, folder: Path) -> IndexOptions:
    """Make the paths of *options*, which start at *folder*, absolute."""
    places = (place if is_address(place) else str(folder / place) for place in options.find_links)
    return replace(options, find_links=tuple(places))


def with_format_control(inputs: Inputs, more: FormatControl) -> Inputs:
    """Return *inputs* with what is said beside their own lines on wheels and sdists."""
    said = inputs.format_control
    return replace(
        inputs,
        format_control=FormatControl(
            only_binary=said.only_binary | more.only_binary, no_binary=said.no_binary | more.no_binary
        ),
    )


class _Noting:
    """Passes a reader's texts on and notes where they came from."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.address_of, self.find_links = reader.address_of, reader.find_links
        self.project_in, self.digest_of_folder = reader.project_in, reader.digest_of_folder
        self.locations: list[str] = []
        self._is_all_files = True

    @property
    def files(self) -> tuple[str, ...] | None:
        return tuple(self.locations) if self._is_all_files else None

    def read(self, location: str, *, relative_to: str | None, asked_by: Origin) -> Document:
        document = self._reader.read(location, relative_to=relative_to, asked_by=asked_by)
        self.locations.append(document.location)
        # A variable's value is part of the question and stands nowhere else.
        self._is_all_files &= document.location != "-" and ":" not in document.location and "${" not in document.text
        return document
