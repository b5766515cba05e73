"""The dynamic symbols of an ELF file, and the versions of other libraries' symbols that it needs.

Symbols are read in bulk: a large library has hundreds of thousands of them, and pyelftools, which reads the rest,
makes an object of each. It also takes a library that exports nothing for one without symbols.
"""

from collections.abc import Iterator

from msgspec import Struct

from wheelpin.elf.image import ElfImage
from wheelpin.elf.window import BrokenBinaryError


class NeededVersion(Struct, frozen=True, kw_only=True):
    """A version of a library's interface that must be there when the file is loaded: ``GLIBC_2.28``."""

    library: str
    """As the file names it: ``libc.so.6``."""
    version: str
    symbols: tuple[str, ...]
    """What is used of it, sorted; may be empty: then the version itself is a demand (``GLIBC_ABI_DT_RELR``)."""
    is_weak: bool
    """The loader goes on without it."""


class Symbols(Struct, frozen=True, kw_only=True):
    """What a file takes from others and gives to others."""

    needed_versions: tuple[NeededVersion, ...]
    """Sorted by library and version."""
    undefined: frozenset[str]
    """Names that some other library must define; weak ones, which need not be there, are left out."""
    module_hooks: frozenset[str]
    """Defined functions by whose names Python finds a module's beginning (`is_module_hook`)."""


_HOOKS = (b"PyInit_", b"PyModExport_", b"init", b"_cffi_pypyinit_")
"""Python 3, Python 3.15 (PEP 793), Python 2, cffi on PyPy; followed by the module's name."""

_MOST_NEEDED_LIBRARIES = 4096
_LARGEST_HASH_BUCKETS = 1 << 22
_MOST_SYMBOLS = 1 << 21
_WEAK_VERSION = 2
_STB_WEAK = 2
_STT_FUNC = 2
_VERSION_MASK = 0x7FFF


def read_symbols(image: ElfImage) -> Symbols:
    """Read all dynamic symbols; raise `BrokenBinaryError`."""
    count = _symbol_count(image)
    versions = list(_needed_versions(image))
    versym_at = image.entry("DT_VERSYM")
    version_of: tuple[int, ...] = ()
    if versions and count and versym_at is not None:
        data = image.window.read_at(image.offset_of(versym_at), 2 * count, "its symbol versions")
        version_of = image.struct(f"{count}H").unpack(data)
    users: dict[int, list[str]] = {version.index: [] for version in versions}
    undefined: set[str] = set()
    hooks: set[str] = set()
    for index, (name_at, info, section) in enumerate(_rows(image, count)):
        if section:
            if info & 0xF == _STT_FUNC and (name := image.string_with_prefix(name_at, _HOOKS)):
                hooks.add(name)
        elif name_at:
            name = image.string(name_at)
            if info >> 4 != _STB_WEAK:
                undefined.add(name)
            if version_of and (known := users.get(version_of[index] & _VERSION_MASK)) is not None:
                known.append(name)
    needed = (
        NeededVersion(
            library=version.library,
            version=version.name,
            symbols=tuple(sorted(users[version.index])),
            is_weak=version.is_weak,
        )
        for version in versions
    )
    return Symbols(
        needed_versions=tuple(sorted(needed, key=lambda need: (need.library, need.version))),
        undefined=frozenset(undefined),
        module_hooks=frozenset(hooks),
    )


def _rows(image: ElfImage, count: int) -> Iterator[tuple[int, int, int]]:
    """Yield each symbol's name offset, its type and binding, and its section, which is 0 if it is undefined."""
    address = image.entry("DT_SYMTAB")
    if address is None or not count:
        return
    layout = image.struct("I8xBxH", "IBxH16x")
    yield from layout.iter_unpack(image.window.read_at(image.offset_of(address), count * layout.size, "its symbols"))


class _Version(Struct, frozen=True):
    index: int
    """What symbols refer to it by."""
    library: str
    name: str
    is_weak: bool


def _needed_versions(image: ElfImage) -> Iterator[_Version]:
    address = image.entry("DT_VERNEED")
    if address is None:
        return
    place = image.offset_of(address)
    if (libraries := image.entry("DT_VERNEEDNUM") or 0) > _MOST_NEEDED_LIBRARIES:
        raise BrokenBinaryError(f"it needs versions of {libraries} libraries")
    for _ in range(libraries):
        need = image.parse(image.layouts.Elf_Verneed, place, "its needed versions")
        at = place + need["vn_aux"]
        for _ in range(need["vn_cnt"]):
            version = image.parse(image.layouts.Elf_Vernaux, at, "its needed versions")
            yield _Version(
                index=version["vna_other"] & _VERSION_MASK,
                library=image.string(need["vn_file"]),
                name=image.string(version["vna_name"]),
                is_weak=bool(version["vna_flags"] & _WEAK_VERSION),
            )
            if not version["vna_next"]:
                break
            at += version["vna_next"]
        if not need["vn_next"]:
            break
        place += need["vn_next"]


def _symbol_count(image: ElfImage) -> int:
    """Tell how long the symbol table is, which only its hash tables know."""
    symbols, gnu, plain = (image.entry(tag) for tag in ("DT_SYMTAB", "DT_GNU_HASH", "DT_HASH"))
    if symbols is None:
        return 0
    if gnu is not None:
        count = _count_by_gnu_hash(image, image.offset_of(gnu)) or _count_by_next_table(image, symbols)
    elif plain is not None:
        # The two architectures whose 64-bit ABI made the words of this one table 64 bits wide.
        word = image.struct("I", "Q") if image.machine in ("EM_S390", "EM_ALPHA") else image.struct("I")
        place = image.offset_of(plain) + word.size
        (count,) = word.unpack(image.window.read_at(place, word.size, "its symbol hashes"))
    else:
        raise BrokenBinaryError("it has symbols but no hash table that says how many")
    if count > _MOST_SYMBOLS:
        raise BrokenBinaryError(f"it has {count} dynamic symbols")
    return count


def _count_by_gnu_hash(image: ElfImage, place: int) -> int | None:
    """Find the last symbol of the last chain; None if nothing is hashed, which is so where nothing is exported."""
    header, word, address_size = image.struct("IIII"), image.struct("I"), image.bits // 8
    data = image.window.read_at(place, header.size, "its symbol hashes")
    bucket_count, first_hashed, bloom_count, _ = header.unpack(data)
    if bucket_count > _LARGEST_HASH_BUCKETS or bloom_count > _LARGEST_HASH_BUCKETS:
        raise BrokenBinaryError(f"its symbol hash table has {bucket_count} buckets")
    buckets_at = place + header.size + bloom_count * address_size
    table = image.window.read_at(buckets_at, 4 * bucket_count, "its symbol hashes")
    last: int = max((bucket for (bucket,) in word.iter_unpack(table)), default=0)
    if last < first_hashed or not last:
        return None
    chains_at = buckets_at + 4 * bucket_count
    # The last chain ends with an odd hash.
    while last <= _MOST_SYMBOLS:
        data = image.window.read_at(chains_at + 4 * (last - first_hashed), 4, "its symbol hashes")
        last += 1
        if word.unpack(data)[0] & 1:
            break
    return last


def _count_by_next_table(image: ElfImage, symbols: int) -> int:
    """Count up to the table that follows; padding before it looks like symbols without a name."""
    tables = ("DT_HASH", "DT_STRTAB", "DT_GNU_HASH", "DT_VERSYM", "DT_VERNEED")
    following = [place for tag in tables if (place := image.entry(tag)) is not None and place > symbols]
    if not following:
        raise BrokenBinaryError("it has symbols but nothing that says how many")
    return (min(following) - symbols) // image.struct("16x", "24x").size
