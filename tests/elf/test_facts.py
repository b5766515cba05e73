import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.sections import SymbolTableSection

from tests.elf_builders import ARCHITECTURES, MUSL_LIBC, Elf, make_elf
from wheelpin.elf.facts import ElfFacts, read_elf
from wheelpin.elf.symbols import NeededVersion
from wheelpin.elf.window import BrokenBinaryError
from wheelpin.target import Libc


def facts_of(elf: Elf) -> ElfFacts:
    return read_elf(io.BytesIO(make_elf(elf)))


@pytest.mark.parametrize("hashes", ["gnu", "plain"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_is_read_on_any_host(architecture: str, hashes: str) -> None:
    facts = facts_of(
        Elf(
            architecture=architecture,
            hashes=hashes,
            needed=["libm.so.6", "libc.so.6"],
            versions={
                "libm.so.6": {"GLIBC_2.29": ["exp", "log"]},
                "libc.so.6": {"GLIBC_2.17": ["memcpy"], "GLIBC_2.28": ["fcntl64"]},
            },
            defined=["PyInit__bar", "helper"],
            undefined=["PyLong_FromLong"],
            weak=["__cxa_finalize"],
            soname="_bar.so",
            runpath="$ORIGIN/../bar.libs:$ORIGIN",
        )
    )
    assert facts == ElfFacts(
        architecture=architecture,
        libc=Libc.GLIBC,
        interpreter=None,
        soname="_bar.so",
        needed=("libm.so.6", "libc.so.6"),
        rpath=(),
        runpath=("$ORIGIN/../bar.libs", "$ORIGIN"),
        needed_versions=(
            NeededVersion(library="libc.so.6", version="GLIBC_2.17", symbols=("memcpy",), is_weak=False),
            NeededVersion(library="libc.so.6", version="GLIBC_2.28", symbols=("fcntl64",), is_weak=False),
            NeededVersion(library="libm.so.6", version="GLIBC_2.29", symbols=("exp", "log"), is_weak=False),
        ),
        undefined=frozenset({"exp", "log", "memcpy", "fcntl64", "PyLong_FromLong"}),
        module_hooks=frozenset({"PyInit__bar"}),
        isa_level=None,
    )


@pytest.mark.parametrize(
    ("elf", "libc"),
    [
        pytest.param(Elf(needed=["libc.so.6"]), Libc.GLIBC, id="glibc by its library"),
        pytest.param(Elf(needed=["ld-linux-x86-64.so.2"]), Libc.GLIBC, id="glibc by its linker"),
        pytest.param(Elf(architecture="s390x", needed=["ld64.so.1"]), Libc.GLIBC, id="glibc by the linker of s390x"),
        pytest.param(Elf(needed=[], interpreter="/lib64/ld-linux-x86-64.so.2"), Libc.GLIBC, id="glibc by who is asked"),
        pytest.param(Elf(needed=[MUSL_LIBC["x86_64"]]), Libc.MUSL, id="musl by its library"),
        pytest.param(Elf(needed=[], interpreter="/lib/ld-musl-x86_64.so.1"), Libc.MUSL, id="musl by who is asked"),
        pytest.param(Elf(needed=["libfoo.so.1"]), None, id="no libc named"),
    ],
)
def test_the_libc_is_told_by_what_is_needed(elf: Elf, libc: Libc | None) -> None:
    assert facts_of(elf).libc is libc


@pytest.mark.parametrize(
    ("bits", "level"),
    [(0b1, 1), (0b10, 2), (0b11, 2), (0b111, 3), (0b1000, 4), (0, 1)],
)
def test_the_instruction_set_is_the_highest_that_the_note_needs(bits: int, level: int) -> None:
    assert facts_of(Elf(isa_bits=bits)).isa_level == level


def test_other_architectures_have_no_level() -> None:
    assert facts_of(Elf(architecture="aarch64", isa_bits=2)).isa_level is None


@pytest.mark.parametrize(
    ("undefined", "width"),
    [(["PyUnicodeUCS4_Decode"], 4), (["PyUnicodeUCS2_Decode"], 2), (["PyUnicode_Decode"], None)],
)
def test_the_width_of_unicode_is_told_by_the_names_it_gives(undefined: list[str], width: int | None) -> None:
    assert facts_of(Elf(undefined=undefined)).unicode_width == width


@pytest.mark.parametrize(
    ("filename", "hook", "is_module"),
    [
        pytest.param("_bar.cpython-312-x86_64-linux-gnu.so", "PyInit__bar", True, id="Python 3"),
        pytest.param("_bar.so", "init_bar", True, id="Python 2"),
        pytest.param("_bar.abi3t.so", "PyModExport__bar", True, id="Python 3.15"),
        pytest.param("_bar.pypy-41.so", "_cffi_pypyinit__bar", True, id="cffi on PyPy"),
        pytest.param("_baz.so", "PyInit__bar", False, id="another module's hook"),
        pytest.param("libbar.so.1", "initialise", False, id="a library"),
    ],
)
def test_a_module_is_known_by_the_hook_of_its_name(filename: str, hook: str, *, is_module: bool) -> None:
    assert facts_of(Elf(defined=[hook])).is_module(filename) is is_module


@pytest.mark.parametrize(
    ("library", "is_python"),
    [
        ("libpython3.12.so.1.0", True),
        ("libpython2.7.so.1.0", True),
        ("libpython3.6m.so.1.0", True),
        ("libpython3.so", True),
        ("libpythonic.so.1", False),
    ],
)
def test_a_link_to_an_interpreter_is_seen(library: str, *, is_python: bool) -> None:
    assert facts_of(Elf(needed=["libc.so.6", library])).libpython == (library if is_python else None)


def test_rpath_does_not_count_beside_runpath() -> None:
    facts = facts_of(Elf(rpath="$ORIGIN/old", runpath="$ORIGIN/new"))
    assert (facts.rpath, facts.runpath) == ((), ("$ORIGIN/new",))
    assert facts_of(Elf(rpath="$ORIGIN/old")).rpath == ("$ORIGIN/old",)


def test_symbols_are_found_where_nothing_is_exported_and_hashed() -> None:
    facts = facts_of(Elf(defined=[], undefined=["PyFPE_jbuf"], versions={"libc.so.6": {"GLIBC_2.4": ["a", "b"]}}))
    assert facts.undefined == {"PyFPE_jbuf", "a", "b"}
    assert facts.needed_versions[0].symbols == ("a", "b")


def test_a_weak_version_is_told() -> None:
    facts = facts_of(Elf(versions={"libc.so.6": {"GLIBC_2.34": ["x"]}}, weak_versions=["GLIBC_2.34"]))
    assert facts.needed_versions[0].is_weak


def test_a_name_that_would_upset_a_terminal_is_escaped() -> None:
    facts = facts_of(Elf(needed=["lib\x1b[31m.so"]))
    assert facts.needed == (r"lib\x1b[31m.so",)


def test_a_file_without_a_dynamic_section_needs_nothing() -> None:
    data = bytearray(make_elf(Elf()))
    data[56] = 0  # e_phnum: no segments, as in a relocatable object
    facts = read_elf(io.BytesIO(bytes(data)))
    assert not facts.needed
    assert facts.libc is None


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("gcc on Linux is missing")
    folder = tmp_path_factory.mktemp("compiled")
    source = folder / "bar.c"
    source.write_text(
        "#include <math.h>\n#include <stdio.h>\n#include <dlfcn.h>\n"
        'void *PyInit__bar(void) { return dlopen("x", 1); }\n'
        'double power(double x) { printf("%f", x); return pow(x, x); }\n',
        encoding="utf-8",
    )
    library = folder / "_bar.so"
    options = ["-shared", "-fPIC", "-Wl,-rpath,$ORIGIN/../bar.libs", "-Wl,-soname,_bar.so"]
    subprocess.run([compiler, *options, "-o", library, source, "-lm"], check=True)
    return library


def test_a_compilers_library_is_read_as_another_reader_reads_it(compiled: Path) -> None:
    facts = read_elf(io.BytesIO(compiled.read_bytes()))
    assert_agrees_with_sections(compiled, facts)
    assert facts.libc is Libc.GLIBC
    assert facts.is_module("_bar.so")
    assert "$ORIGIN/../bar.libs" in (*facts.rpath, *facts.runpath)
    assert {"pow", "printf", "dlopen"} <= facts.undefined


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own extension modules are missing")
def test_the_hosts_own_libraries_are_read_as_another_reader_reads_them() -> None:
    modules = sorted(Path(sys.prefix).glob("lib/python3*/site-packages/**/*.so"))[:40]
    modules += sorted(Path(sys.base_prefix).glob("lib/python3*/lib-dynload/*.so"))[:40]
    modules = [path for path in modules if path.read_bytes().startswith(b"\x7fELF")]
    assert modules
    for path in modules:
        with path.open("rb") as stream:
            assert_agrees_with_sections(path, read_elf(stream))


def assert_agrees_with_sections(path: Path, facts: ElfFacts) -> None:
    """Compare with what the sections say, where wheelpin goes by segments."""
    with path.open("rb") as stream:
        elf = ELFFile(stream)
        dynamic, symbols = elf.get_section_by_name(".dynamic"), elf.get_section_by_name(".dynsym")
        assert isinstance(dynamic, DynamicSection)
        assert isinstance(symbols, SymbolTableSection)
        needed = tuple(tag.needed for tag in dynamic.iter_tags("DT_NEEDED"))  # type: ignore[attr-defined]
        undefined = {
            symbol.name
            for symbol in symbols.iter_symbols()
            if symbol["st_shndx"] == "SHN_UNDEF" and symbol["st_info"]["bind"] != "STB_WEAK" and symbol.name
        }
        section = elf.get_section_by_name(".gnu.version_r")
        versions = set()
        if isinstance(section, GNUVerNeedSection):
            versions = {(need.name, aux.name) for need, auxes in section.iter_versions() for aux in auxes}
    assert facts.needed == needed, path
    assert facts.undefined == undefined, path
    assert {(need.library, need.version) for need in facts.needed_versions} == versions, path


@pytest.mark.parametrize("cut", [4, 15, 40, 64, 120, 300])
def test_a_file_that_ends_early_is_broken(cut: int) -> None:
    data = make_elf(Elf(versions={"libc.so.6": {"GLIBC_2.4": ["a"]}}, defined=["b"]))
    with pytest.raises(BrokenBinaryError) as caught:
        read_elf(io.BytesIO(data[:cut]))
    assert re.match(r"the file ends before its .+|its .+ cannot be read", caught.value.reason)
