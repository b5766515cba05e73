import pytest

from tests.elf_builders import ARCHITECTURES, Elf, make_elf, make_mach_o, make_pe
from wheelpin.elf.headers import HEADER_BYTES, BinaryFormat, BinaryKind, binary_architecture


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_elf_header_tells_the_architecture_as_platform_tags_spell_it(architecture: str) -> None:
    header = make_elf(Elf(architecture=architecture))[:64]
    assert binary_architecture(header) == BinaryKind(format=BinaryFormat.ELF, architectures=(architecture,))


@pytest.mark.parametrize(
    ("header", "architectures"),
    [
        pytest.param(make_mach_o(0x01000007), ("x86_64",), id="an Intel Mac"),
        pytest.param(make_mach_o(0x0100000C), ("arm64",), id="an ARM Mac"),
        pytest.param(make_mach_o(18, is_little=False), ("ppc",), id="a big-endian Mac"),
        pytest.param(make_mach_o(0x01000007, 0x0100000C), ("x86_64", "arm64"), id="universal2"),
        pytest.param(make_mach_o(99), ("machine 0x63",), id="a Mac nobody knows"),
    ],
)
def test_a_mach_o_header_tells_its_architectures(header: bytes, architectures: tuple[str, ...]) -> None:
    assert binary_architecture(header) == BinaryKind(format=BinaryFormat.MACH_O, architectures=architectures)


@pytest.mark.parametrize(
    ("header", "architecture"),
    [
        pytest.param(make_pe(0x8664), "amd64", id="64 bits"),
        pytest.param(make_pe(0x14C), "x86", id="32 bits"),
        pytest.param(make_pe(0xAA64, start=0x400), "arm64", id="ARM, behind a long stub"),
        pytest.param(make_pe(0x1234), "machine 0x1234", id="a machine nobody knows"),
    ],
)
def test_a_pe_header_tells_its_architecture(header: bytes, architecture: str) -> None:
    assert len(header) < HEADER_BYTES
    assert binary_architecture(header) == BinaryKind(format=BinaryFormat.PE, architectures=(architecture,))


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"import os\n" * 9, id="source text"),
        pytest.param(b"PK\3\4" + bytes(60), id="an archive"),
        pytest.param(b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(60), id="a Java class, which shares a magic"),
        pytest.param(b"MZ" + bytes(62), id="a DOS program"),
        pytest.param(b"MZ" + bytes(58) + b"\xff\xff\xff\xff", id="a PE header outside the file"),
        pytest.param(b"\x7fELF", id="an ELF file that ends at once"),
        pytest.param(b"\x7fELF\x07\x01" + bytes(60), id="an ELF file of no known class"),
        pytest.param(make_mach_o(0x01000007, 0x0100000C)[:20], id="a universal file that ends at once"),
    ],
)
def test_what_no_loader_takes_is_no_binary(header: bytes) -> None:
    assert binary_architecture(header) is None


def test_a_machine_without_a_name_is_told_by_its_number() -> None:
    header = bytearray(make_elf(Elf()))
    header[18] = 83
    kind = binary_architecture(bytes(header))
    assert kind is not None
    assert kind.architectures == ("machine 83 (64 bits, little-endian)",)
