"""What one ELF file is and what it needs, read for any architecture on any host."""

import re

from msgspec import Struct

from wheelpin.elf.image import ElfImage
from wheelpin.elf.symbols import NeededVersion, read_symbols
from wheelpin.elf.window import SeekableStream, Window
from wheelpin.target import Libc


class ElfFacts(Struct, frozen=True, kw_only=True):
    """Everything that an audit asks of a file; nothing of it is judged."""

    architecture: str
    """As platform tags spell it; ``armel`` is ARM without the hard-float convention."""
    libc: Libc | None
    """The C library it was linked against; None if it names none."""
    interpreter: str | None
    """The dynamic linker that an executable asks for."""
    soname: str | None
    needed: tuple[str, ...]
    """Libraries (DT_NEEDED) in the order of loading."""
    rpath: tuple[str, ...]
    """Folders searched for its libraries and for theirs; empty where a RUNPATH overrides it."""
    runpath: tuple[str, ...]
    """Folders searched for its own libraries."""
    needed_versions: tuple[NeededVersion, ...]
    undefined: frozenset[str]
    """Symbols that another library must define."""
    module_hooks: frozenset[str]
    """Functions that make it a Python extension module, if its name agrees (`is_module`)."""
    isa_level: int | None
    """N of x86-64-vN as the file's note demands it, at least 1; None where nothing is said."""

    @property
    def libpython(self) -> str | None:
        """The shared library of an interpreter that it is linked to; extension modules should not be."""
        return next((name for name in self.needed if _LIBPYTHON.fullmatch(name)), None)

    @property
    def unicode_width(self) -> int | None:
        """Bytes per character of the Python 2 that it was compiled for (2 narrow, 4 wide); None if it does not care."""
        widths = {match[1] for name in self.undefined if (match := _UNICODE.match(name))}
        return int(max(widths)) if widths else None

    def is_module(self, filename: str) -> bool:
        """Tell whether Python can import it under *filename*, the last part of its path."""
        name = filename.partition(".")[0]
        return not self.module_hooks.isdisjoint(
            (f"PyInit_{name}", f"PyModExport_{name}", f"init{name}", f"_cffi_pypyinit_{name}")
        )


_LIBPYTHON = re.compile(r"libpython\d+(\.\d+)?[a-z]*\.so(\.\d+)*")
_UNICODE = re.compile(r"PyUnicodeUCS([24])_")
_GLIBC_NAMES = re.compile(r"libc\.so\.6(\.1)?|ld-linux.*\.so\.\d+|ld64\.so\.\d+|ld-2\..*")
_MUSL_NAMES = re.compile(r"libc\.musl-.*|ld-musl-.*")


def read_elf(stream: SeekableStream) -> ElfFacts:
    """Read an ELF file as far as needed; raise `BrokenBinaryError` and nothing else for whatever it holds."""
    image = ElfImage(Window(stream))
    symbols = read_symbols(image)
    needed = image.strings_of("DT_NEEDED")
    runpath = _folders(image, "DT_RUNPATH")
    return ElfFacts(
        architecture=image.architecture,
        libc=_libc(needed, image.interpreter),
        interpreter=image.interpreter,
        soname=next(iter(image.strings_of("DT_SONAME")), None),
        needed=needed,
        rpath=() if runpath else _folders(image, "DT_RPATH"),
        runpath=runpath,
        needed_versions=symbols.needed_versions,
        undefined=symbols.undefined,
        module_hooks=symbols.module_hooks,
        isa_level=_isa_level(image) if image.machine == "EM_X86_64" else None,
    )


def _folders(image: ElfImage, tag: str) -> tuple[str, ...]:
    return tuple(folder for text in image.strings_of(tag) for folder in text.split(":"))


def _libc(needed: tuple[str, ...], interpreter: str | None) -> Libc | None:
    names = (*needed, *((interpreter.rpartition("/")[2],) if interpreter else ()))
    if any(_MUSL_NAMES.fullmatch(name) for name in names):
        return Libc.MUSL
    return Libc.GLIBC if any(_GLIBC_NAMES.fullmatch(name) for name in names) else None


def _isa_level(image: ElfImage) -> int | None:
    """Return the highest level among the instruction sets that the file's property note needs (x86-64 psABI)."""
    levels = [
        needed["pr_data"].bit_length()
        for needed in image.iter_properties()
        if needed["pr_type"] == "GNU_PROPERTY_X86_ISA_1_NEEDED" and isinstance(needed["pr_data"], int)
    ]
    return max((1, *levels)) if levels else None
