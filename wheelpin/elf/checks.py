"""The checks of one wheel's ELF files against one promise: a list of questions, each answered file by file."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from msgspec import Struct

from wheelpin.elf.linking import Links, is_loader
from wheelpin.elf.modules import ModuleName, imports
from wheelpin.elf.promise import Promise, elf_name
from wheelpin.elf.violations import (
    FloatingPointHook,
    ForbiddenSymbol,
    InvisibleModule,
    LinkedInterpreter,
    NewerInstructionSet,
    NewerVersion,
    OutsideLibrary,
    Violation,
    WrongArchitecture,
    WrongLibc,
    WrongUnicodeWidth,
)
from wheelpin.elf.wheel import ElfFile
from wheelpin.target import Libc

_ABI_WITH_WIDTH = re.compile(r"cp(2\d|3[0-2])m?u?")
_FPECTL = {"PyFPE_jbuf", "PyFPE_dummy", "PyFPE_counter"}


class Machine(Struct, frozen=True, kw_only=True):
    """The files of a wheel for one architecture, and how they are linked among themselves."""

    files: tuple[ElfFile, ...]
    links: Links


class Machines:
    """All files of a wheel, parted by the machines they are for; links are followed once for each."""

    def __init__(self, files: tuple[ElfFile, ...]) -> None:
        self.files = files
        self._machines: dict[str, Machine] = {}

    def of(self, architecture: str) -> Machine:
        """Return the files that run on *architecture*."""
        own = elf_name(architecture)
        if own not in self._machines:
            files = tuple(file for file in self.files if file.facts.architecture == own)
            self._machines[own] = Machine(files=files, links=Links.of(files))
        return self._machines[own]

    def is_outside(self, file: ElfFile, library: str) -> bool:
        """Tell whether *file* takes *library* from the system."""
        return self.of(file.facts.architecture).links.library_of(file, library) is None


def violations_of_promise(machine: Machine, promise: Promise) -> Iterator[Violation]:
    """Yield what speaks against loading the files where *promise* holds, file by file."""
    for file in machine.files:
        if wrong := _wrong_libc(file, promise):
            yield wrong
            continue
        for check in _CHECKS:
            yield from check(file, machine.links, promise)


def _wrong_libc(file: ElfFile, promise: Promise) -> WrongLibc | None:
    libc = file.facts.libc
    if libc is None or promise.libc is None or libc is promise.libc:
        return None
    return WrongLibc(file=file.path, libc=libc, expected=promise.libc, holder=promise.holder)


def _newer_versions(file: ElfFile, links: Links, promise: Promise) -> Iterator[Violation]:
    # musl ignores versions, and a target without a libc promises none.
    if promise.libc is not Libc.GLIBC:
        return
    for need in file.facts.needed_versions:
        # A library in the wheel brings its versions along; without a weak one the loader goes on.
        if need.is_weak or links.library_of(file, need.library) or promise.has_version(need.version):
            continue
        yield NewerVersion(
            file=file.path,
            version=need.version,
            library=need.library,
            symbols=need.symbols,
            holder=promise.holder,
            has=promise.newest(need.version),
        )


def _outside_libraries(file: ElfFile, links: Links, promise: Promise) -> Iterator[Violation]:
    if promise.policy is None:
        return
    for library in file.facts.needed:
        if library in promise.policy.libraries or is_loader(library, promise.libc) or library == file.facts.libpython:
            continue
        if links.library_of(file, library) is None:
            place = links.by_name.get(library)
            yield OutsideLibrary(
                file=file.path,
                library=library,
                holder=promise.holder,
                out_of_reach=place.path if place else None,
                elsewhere=links.folders_of_others(file),
            )


def _linked_interpreter(file: ElfFile, links: Links, promise: Promise) -> Iterator[Violation]:
    library = file.facts.libpython
    if promise.libc is not None and library is not None and links.library_of(file, library) is None:
        yield LinkedInterpreter(file=file.path, library=library)


def _forbidden_symbols(file: ElfFile, links: Links, promise: Promise) -> Iterator[Violation]:
    if promise.policy is None:
        return
    for library, forbidden in promise.policy.forbidden_symbols.items():
        if library not in file.facts.needed or links.library_of(file, library):
            continue
        if used := forbidden & file.facts.undefined:
            symbols = tuple(sorted(used))
            yield ForbiddenSymbol(file=file.path, library=library, symbols=symbols, holder=promise.holder)


def _newer_instruction_set(file: ElfFile, _: Links, promise: Promise) -> Iterator[Violation]:
    level = file.facts.isa_level
    if level is not None and level > 1:
        yield NewerInstructionSet(file=file.path, level=level, holder=promise.holder)


def _floating_point_hook(file: ElfFile, _: Links, promise: Promise) -> Iterator[Violation]:
    if promise.libc is not None and not _FPECTL.isdisjoint(file.facts.undefined):
        yield FloatingPointHook(file=file.path)


_CHECKS: tuple[Callable[[ElfFile, Links, Promise], Iterator[Violation]], ...] = (
    _newer_versions,
    _outside_libraries,
    _linked_interpreter,
    _forbidden_symbols,
    _newer_instruction_set,
    _floating_point_hook,
)


def foreign_files(
    files: Sequence[ElfFile], promise: Promise
) -> tuple[tuple[WrongArchitecture, ...], tuple[ElfFile, ...]]:
    """Part the files for other machines: those that had to be for this one, and those that merely lie there.

    Wheels carry test data, debugger stubs and payloads for other machines. An extension module that comes for
    no other machine is meant to be imported, and where nothing at all is for this machine, everything was.
    """
    foreign = [file for file in files if not promise.fits(file.facts.architecture)]
    at_home = {file.module.module for file in files if promise.fits(file.facts.architecture) and file.module}
    nothing_fits = len(foreign) == len(files)
    wrong: list[WrongArchitecture] = []
    left_aside: list[ElfFile] = []
    for file in foreign:
        if nothing_fits or (file.module and file.module.module not in at_home):
            wrong.append(
                WrongArchitecture(
                    file=file.path,
                    architecture=file.facts.architecture,
                    expected=promise.architecture,
                    holder=promise.holder,
                )
            )
        else:
            left_aside.append(file)
    return tuple(wrong), tuple(left_aside)


def invisible_modules(
    files: Sequence[ElfFile], interpreters: Collection[tuple[str, str]], libc: Libc | None
) -> Iterator[InvisibleModule]:
    """Yield the modules that one of *interpreters* does not find, once each."""
    modules: dict[str, list[tuple[ElfFile, ModuleName]]] = {}
    for file in files:
        if name := file.module:
            modules.setdefault(name.module, []).append((file, name))
    for variants in modules.values():
        for interpreter, abi in interpreters:
            if not any(imports(interpreter, abi, name.abi) and _is_for_libc(name, libc) for _, name in variants):
                yield InvisibleModule(file=variants[0][0].path, interpreter=f"{interpreter}-{abi}")
                break


def _is_for_libc(name: ModuleName, libc: Libc | None) -> bool:
    return name.is_for_musl is None or libc is None or name.is_for_musl is (libc is Libc.MUSL)


def wrong_unicode_widths(files: Sequence[ElfFile], abis: Collection[str]) -> Iterator[WrongUnicodeWidth]:
    """Yield the modules of Python 2 (and 3.0 to 3.2) that do not agree with an ABI about Unicode's width."""
    for file in files:
        width = file.facts.unicode_width
        for abi in sorted(abis):
            if width is not None and _ABI_WITH_WIDTH.fullmatch(abi) and width != (4 if abi.endswith("u") else 2):
                yield WrongUnicodeWidth(file=file.path, width=width, abi=abi)
