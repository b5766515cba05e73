"""Architectures as engines and kernels name them."""

import pytest

from wheelpin.engines.architectures import architecture_of, is_emulated, platform_of, runs_natively

ARM = """\
enabled
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: POCF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
"""
PYC = "enabled\ninterpreter /usr/bin/python3\nflags: F\noffset 0\nmagic cb0d0d0a\n"


@pytest.mark.parametrize(
    ("oci", "architecture"),
    [
        ("amd64", "x86_64"),
        ("x86_64", "x86_64"),
        ("arm64", "aarch64"),
        ("arm", "armv7l"),
        ("386", "i686"),
        ("riscv64", "riscv64"),
        ("pdp11", "pdp11"),
    ],
)
def test_engines_words_become_those_of_targets(oci: str, architecture: str) -> None:
    assert architecture_of(oci) == architecture


def test_platform_of_an_unknown_architecture_is_not_invented() -> None:
    assert platform_of("armv7l") == "linux/arm/v7"
    assert platform_of("pdp11") is None


@pytest.mark.parametrize(
    ("architecture", "machine", "runs"),
    [
        pytest.param("x86_64", "x86_64", True, id="its own"),
        pytest.param("i686", "x86_64", True, id="the 32 bits of it"),
        pytest.param("x86_64", "i686", False, id="not the other way round"),
        pytest.param("armv7l", "aarch64", False, id="ARM of 64 bits often has no 32"),
        pytest.param("pdp11", "pdp11", True, id="unknown, but its own"),
        pytest.param("pdp11", "x86_64", False, id="unknown"),
    ],
)
def test_machine_runs_its_own(architecture: str, machine: str, runs: bool) -> None:
    assert runs_natively(architecture, machine) is runs


@pytest.mark.parametrize(
    ("architecture", "handlers", "runs"),
    [
        pytest.param("aarch64", [PYC, ARM], True, id="a handler takes its programs"),
        pytest.param("s390x", [PYC, ARM], False, id="only those of others"),
        pytest.param("pdp11", [ARM], False, id="unknown"),
        pytest.param("aarch64", [], False, id="none"),
        pytest.param("aarch64", [ARM.replace("enabled", "disabled")], False, id="switched off"),
        pytest.param("aarch64", [ARM.replace("POCF", "POC")], False, id="an emulator that every image would need"),
        pytest.param("aarch64", [ARM.replace("offset 0", "offset 4")], False, id="another place in the file"),
        pytest.param("aarch64", [ARM.replace("magic", "extension")], False, id="by the end of a name"),
        pytest.param("aarch64", [ARM.replace("7f45", "zz45")], False, id="no number"),
        pytest.param("aarch64", [ARM.replace("mask ff", "mask ")], False, id="a mask of another length"),
        pytest.param("aarch64", [ARM + "magic " + "00" * 40], False, id="longer than a header"),
        pytest.param("s390x", ["enabled\nflags: F\noffset 0\nmagic 7f454c460202\n"], True, id="without a mask"),
    ],
)
def test_kernel_runs_what_a_handler_takes(architecture: str, handlers: list[str], runs: bool) -> None:
    assert is_emulated(architecture, handlers) is runs
