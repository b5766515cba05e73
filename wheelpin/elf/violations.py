"""What an audit finds against a wheel, and what it only remarks: facts as values, each with one line of words.

*holder* is who promised or lacks something: ``the target``, or the platform tag that the wheel claims.
"""

from typing import ClassVar

from msgspec import Struct

from wheelpin.target import Libc

_SHOWN_SYMBOLS = 3


class NewerVersion(Struct, frozen=True, kw_only=True):
    """A file needs a version of a system library that is not there."""

    kind: ClassVar[str] = "newer-version"
    file: str
    version: str
    """``GLIBC_2.28``."""
    library: str
    symbols: tuple[str, ...]
    """Those that need it, sorted; none where the version alone is demanded."""
    holder: str
    has: str | None
    """The newest version that is there: ``2.17``; None if there is none at all."""

    def __str__(self) -> str:
        names = ", ".join(self.symbols[:_SHOWN_SYMBOLS])
        more = len(self.symbols) - _SHOWN_SYMBOLS
        names += f" and {more} more" if more > 0 else ""
        word = "symbol" if len(self.symbols) == 1 else "symbols"
        because = f"({word} {names} of {self.library})" if names else f"(of {self.library})"
        return f"{self.file} needs {self.version} {because}; {self.holder} has {self.has or 'none'}"


class OutsideLibrary(Struct, frozen=True, kw_only=True):
    """A file needs a library that is neither in the wheel nor promised by the platform."""

    kind: ClassVar[str] = "outside-library"
    file: str
    library: str
    holder: str
    out_of_reach: str | None
    """Where the wheel does hold it, when no RPATH or RUNPATH leads there."""
    elsewhere: tuple[str, ...]
    """Folders outside the wheel's own where the loader looks for it: another project's wheel may put it there."""

    def __str__(self) -> str:
        needs = f"{self.file} needs {self.library}"
        if self.out_of_reach:
            return f"{needs}, which lies in {self.out_of_reach}, where no RPATH leads"
        if self.elsewhere:
            return f"{needs}, which is not in the wheel; another must put it into {' or '.join(self.elsewhere)}"
        return f"{needs}, which is not in the wheel; {self.holder} does not promise it"


class LinkedInterpreter(Struct, frozen=True, kw_only=True):
    """An extension module is linked to a shared libpython, which most interpreters do not have."""

    kind: ClassVar[str] = "linked-interpreter"
    file: str
    library: str

    def __str__(self) -> str:
        return f"{self.file} is linked to {self.library}; extension modules must take Python from who loads them"


class ForbiddenSymbol(Struct, frozen=True, kw_only=True):
    """A file uses symbols that only some builds of a system library define."""

    kind: ClassVar[str] = "forbidden-symbol"
    file: str
    library: str
    symbols: tuple[str, ...]
    holder: str

    def __str__(self) -> str:
        return f"{self.file} uses {', '.join(self.symbols)} of {self.library}, which {self.holder} does not promise"


class WrongArchitecture(Struct, frozen=True, kw_only=True):
    """A file that must load is for another machine."""

    kind: ClassVar[str] = "wrong-architecture"
    file: str
    architecture: str
    """``x86_64``; several, joined by commas, for a universal file."""
    expected: str
    holder: str

    def __str__(self) -> str:
        return f"{self.file} is for {self.architecture}; {self.holder} is {self.expected}"


class WrongLibc(Struct, frozen=True, kw_only=True):
    """A file is linked to the other C library."""

    kind: ClassVar[str] = "wrong-libc"
    file: str
    libc: Libc
    expected: Libc
    holder: str

    def __str__(self) -> str:
        return f"{self.file} is linked to {self.libc}; {self.holder} has {self.expected}"


class NewerInstructionSet(Struct, frozen=True, kw_only=True):
    """A file demands a processor newer than every machine of the architecture is."""

    kind: ClassVar[str] = "newer-instruction-set"
    file: str
    level: int
    holder: str

    def __str__(self) -> str:
        return f"{self.file} needs a processor of level x86-64-v{self.level}; {self.holder} promises x86-64-v1"


class WrongUnicodeWidth(Struct, frozen=True, kw_only=True):
    """A file was compiled for Pythons with the other width of Unicode characters (PEP 513)."""

    kind: ClassVar[str] = "wrong-unicode-width"
    file: str
    width: int
    abi: str

    def __str__(self) -> str:
        return f"{self.file} needs a Python with UCS{self.width} strings, which {self.abi} is not"


class FloatingPointHook(Struct, frozen=True, kw_only=True):
    """A file uses the fpectl hooks, which few Python 2 interpreters had (PEP 513)."""

    kind: ClassVar[str] = "floating-point-hook"
    file: str

    def __str__(self) -> str:
        return f"{self.file} needs a Python built with fpectl (symbol PyFPE_jbuf)"


class InvisibleModule(Struct, frozen=True, kw_only=True):
    """No file of an extension module has a name that the interpreter looks for."""

    kind: ClassVar[str] = "invisible-module"
    file: str
    interpreter: str
    """Interpreter and ABI: ``cp36-abi3``."""

    def __str__(self) -> str:
        return f"{self.file} has a name that {self.interpreter} does not import"


class BinaryForAll(Struct, frozen=True, kw_only=True):
    """A binary lies where a wheel says that everything is for all machines alike."""

    kind: ClassVar[str] = "binary-for-all"
    file: str
    architecture: str
    because: str
    """``the tag any`` or ``the purelib folder``."""

    def __str__(self) -> str:
        return f"{self.file} is a binary for {self.architecture}; {self.because} says that there is none"


class UnreadableBinary(Struct, frozen=True, kw_only=True):
    """A file looks like a binary and cannot be judged."""

    kind: ClassVar[str] = "unreadable-binary"
    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file} cannot be read: {self.reason}"


class TagMisfit(Struct, frozen=True, kw_only=True):
    """The wheel's tags alone keep it from the target."""

    kind: ClassVar[str] = "tag-misfit"
    file: str
    """The wheel."""
    detail: str

    def __str__(self) -> str:
        return f"{self.file} {self.detail}"


Violation = (
    NewerVersion
    | OutsideLibrary
    | LinkedInterpreter
    | ForbiddenSymbol
    | WrongArchitecture
    | WrongLibc
    | NewerInstructionSet
    | WrongUnicodeWidth
    | FloatingPointHook
    | InvisibleModule
    | BinaryForAll
    | UnreadableBinary
    | TagMisfit
)


class NoBinaries(Struct, frozen=True, kw_only=True):
    """A wheel claims a platform and holds nothing that needs one: a build may have left its extensions out."""

    kind: ClassVar[str] = "no-binaries"
    tags: str

    def __str__(self) -> str:
        return f"the wheel is tagged {self.tags} but holds no binary"


class PurelibBinaries(Struct, frozen=True, kw_only=True):
    """A wheel for a platform asks to be installed beside pure Python; only systems that part the two take harm."""

    kind: ClassVar[str] = "purelib-binaries"
    count: int

    def __str__(self) -> str:
        return f"the wheel says Root-Is-Purelib and holds {self.count} binaries"


class ForeignBinary(Struct, frozen=True, kw_only=True):
    """A file is for another machine, and nothing shows that it must load on this one."""

    kind: ClassVar[str] = "foreign-binary"
    file: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.file} is for {self.architecture} and was left aside"


class DesktopLibrary(Struct, frozen=True, kw_only=True):
    """A file relies on a library that policies allow because desktops have it; servers and functions do not."""

    kind: ClassVar[str] = "desktop-library"
    file: str
    library: str

    def __str__(self) -> str:
        return f"{self.file} needs {self.library}, which small systems such as function platforms lack"


class RunTimeLoading(Struct, frozen=True, kw_only=True):
    """Files open libraries by name while they run, which no audit of what they are linked to can see."""

    kind: ClassVar[str] = "run-time-loading"
    files: tuple[str, ...]

    def __str__(self) -> str:
        first, *others = self.files
        more = f" and {len(others)} more" if others else ""
        return f"{first}{more} can load further libraries at run time (dlopen), which cannot be seen from outside"


class UnjudgedPlatform(Struct, frozen=True, kw_only=True):
    """There is no policy to hold the binaries to."""

    kind: ClassVar[str] = "unjudged-platform"
    platform: str

    def __str__(self) -> str:
        return f"no policy says what {self.platform} promises to binaries"


Note = NoBinaries | PurelibBinaries | ForeignBinary | DesktopLibrary | RunTimeLoading | UnjudgedPlatform
