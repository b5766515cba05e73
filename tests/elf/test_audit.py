import io
from collections.abc import Mapping, Sequence

import pytest

from tests.builders import make_wheel, make_zip
from tests.elf_builders import Elf, make_elf, make_extension, make_mach_o, make_musl_extension, make_pe
from wheelpin.elf import Audit, audit_wheel
from wheelpin.elf.violations import NewerVersion
from wheelpin.target import Target

X86_64 = "manylinux_2_17_x86_64"


def audit(files: Mapping[str, bytes], tag: str = f"cp312-cp312-{X86_64}", *, target: str | None = None) -> Audit:
    wheel = make_wheel("foo", tag=tag, files=files)
    goal = Target.parse(target) if target else None
    return audit_wheel(io.BytesIO(wheel.body), wheel.filename, target=goal)


def claims(found: Audit) -> list[str]:
    return [str(violation) for violation in found.broken_claims]


def for_target(found: Audit) -> list[str]:
    return [str(violation) for violation in found.broken_for_target]


def extension(elf: Elf) -> dict[str, bytes]:
    return {"foo/_bar.so": make_elf(elf)}


def test_a_wheel_that_keeps_its_promises_is_sound() -> None:
    found = audit(
        {"foo/_bar.cpython-312-x86_64-linux-gnu.so": make_extension(glibc="2.17")},
        target="cp312-manylinux_2_28_x86_64",
    )
    assert found.is_sound
    assert found.deserved is not None
    assert (found.deserved.name, found.deserved.aliases) == (X86_64, ("manylinux2014_x86_64",))
    assert found.deserved.is_level_proven
    assert found.outside_libraries == ("libc.so.6",)
    assert found.notes == ()


def test_a_symbol_that_is_too_new_is_named_with_its_file_and_library() -> None:
    found = audit(
        {"foo/_bar.so": make_extension(glibc="2.28", symbol="fcntl64")},
        "cp312-cp312-manylinux_2_28_x86_64",
        target=f"cp312-{X86_64}",
    )
    assert claims(found) == []
    assert for_target(found) == [
        "foo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl needs glibc 2.28, the target has 2.17",
        "foo/_bar.so needs GLIBC_2.28 (symbol fcntl64 of libc.so.6); the target has 2.17",
    ]
    assert found.broken_for_target[1] == NewerVersion(
        file="foo/_bar.so",
        version="GLIBC_2.28",
        library="libc.so.6",
        symbols=("fcntl64",),
        holder="the target",
        has="2.17",
    )


def test_a_tag_that_promises_too_much_is_untrue_and_the_deserved_one_is_told() -> None:
    found = audit({"foo/_bar.so": make_extension(glibc="2.28", symbol="fcntl64")})
    assert claims(found) == [f"foo/_bar.so needs GLIBC_2.28 (symbol fcntl64 of libc.so.6); {X86_64} has 2.17"]
    assert found.deserved is not None
    assert found.deserved.name == "manylinux_2_28_x86_64"


def test_every_level_of_a_compressed_set_must_be_true() -> None:
    found = audit(
        {"foo/_bar.so": make_extension(glibc="2.28", symbol="fcntl64")},
        "cp312-cp312-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_31_x86_64",
    )
    assert claims(found) == [
        "foo/_bar.so needs GLIBC_2.28 (symbol fcntl64 of libc.so.6); manylinux2014_x86_64 has 2.17"
    ]


@pytest.mark.parametrize(
    ("architecture", "glibc", "deserved"),
    [
        ("x86_64", "2.4", "manylinux_2_5_x86_64"),
        ("x86_64", "2.29", "manylinux_2_31_x86_64"),
        ("x86_64", "2.99", "linux_x86_64"),
        ("i686", "2.12", "manylinux_2_12_i686"),
        ("aarch64", "2.17", "manylinux_2_17_aarch64"),
        ("armv7l", "2.28", "manylinux_2_28_armv7l"),
        ("ppc64le", "2.17", "manylinux_2_17_ppc64le"),
        ("s390x", "2.24", "manylinux_2_24_s390x"),
        ("riscv64", "2.27", "manylinux_2_31_riscv64"),
        ("loongarch64", "2.36", "manylinux_2_36_loongarch64"),
        ("mips", "2.17", "linux_mips"),
    ],
)
def test_the_deserved_tag_is_the_lowest_policy_that_all_files_keep(
    architecture: str, glibc: str, deserved: str
) -> None:
    files = {"foo/_bar.so": make_extension(architecture=architecture, glibc=glibc)}
    found = audit(files, f"cp312-cp312-linux_{architecture}")
    assert found.deserved is not None
    assert found.deserved.name == deserved
    assert found.is_sound


@pytest.mark.parametrize(
    ("tag", "deserved"),
    [
        pytest.param("musllinux_1_1_x86_64", "musllinux_1_1_x86_64", id="the claimed level"),
        pytest.param("linux_x86_64", "musllinux_1_2_x86_64", id="the newest without a claim"),
    ],
)
def test_musl_shows_no_level(tag: str, deserved: str) -> None:
    found = audit({"foo/_bar.so": make_musl_extension()}, f"cp312-cp312-{tag}")
    assert found.is_sound
    assert found.deserved is not None
    assert (found.deserved.name, found.deserved.is_level_proven) == (deserved, False)


_GRAFTED = make_elf(Elf(soname="libz-12.so.1", versions={"libc.so.6": {"GLIBC_2.14": ["memcpy"]}}))
_USING_GRAFTED = Elf(
    needed=["libz-12.so.1", "libc.so.6"],
    versions={"libz-12.so.1": {"ZLIB_1.2.12": ["deflate"]}},
    defined=["PyInit__bar"],
    rpath="$ORIGIN/../foo.libs",
)


def test_a_grafted_library_brings_its_versions_and_its_own_needs() -> None:
    found = audit({"foo/_bar.so": make_elf(_USING_GRAFTED), "foo.libs/libz-12.so.1": _GRAFTED})
    assert claims(found) == []
    assert found.outside_libraries == ("libc.so.6",)
    older = audit(
        {"foo/_bar.so": make_elf(_USING_GRAFTED), "foo.libs/libz-12.so.1": _GRAFTED},
        "cp312-cp312-manylinux1_x86_64",
    )
    assert claims(older) == [
        "foo.libs/libz-12.so.1 needs GLIBC_2.14 (symbol memcpy of libc.so.6); manylinux1_x86_64 has 2.5"
    ]


def test_the_newest_version_of_each_kind_is_told_with_who_needs_it() -> None:
    module = Elf(
        needed=["libz-12.so.1", "libstdc++.so.6", "libc.so.6"],
        versions={
            "libz-12.so.1": {"ZLIB_1.2.12": ["deflate"]},
            "libstdc++.so.6": {"GLIBCXX_3.4": ["a"], "GLIBCXX_3.4.19": ["b"]},
            "libc.so.6": {"GLIBC_2.2.5": ["c"], "GLIBC_2.10": ["d"], "GLIBC_2.4": ["e"]},
        },
        rpath="$ORIGIN/../foo.libs",
    )
    found = audit({"foo/_bar.so": make_elf(module), "foo.libs/libz-12.so.1": _GRAFTED})
    assert [(each.version, each.file, each.symbols) for each in found.newest_demands] == [
        ("GLIBC_2.14", "foo.libs/libz-12.so.1", ("memcpy",)),
        ("GLIBCXX_3.4.19", "foo/_bar.so", ("b",)),
    ]


def test_files_of_the_data_folder_are_found_where_they_will_be_installed() -> None:
    found = audit({"foo-1.0.data/platlib/foo/_bar.so": make_elf(_USING_GRAFTED), "foo.libs/libz-12.so.1": _GRAFTED})
    assert claims(found) == []


@pytest.mark.parametrize(
    ("elf", "violation"),
    [
        pytest.param(
            Elf(needed=["libfoo.so.3", "libc.so.6"]),
            f"foo/_bar.so needs libfoo.so.3, which is not in the wheel; {X86_64} does not promise it",
            id="a library from outside",
        ),
        pytest.param(
            Elf(needed=["libz-12.so.1"]),
            "foo/_bar.so needs libz-12.so.1, which lies in foo.libs/libz-12.so.1, where no RPATH leads",
            id="a library in the wheel that is not found",
        ),
        pytest.param(
            Elf(needed=["libcudart.so.12"], runpath="$ORIGIN/../nvidia/cuda_runtime/lib:$ORIGIN"),
            "foo/_bar.so needs libcudart.so.12, which is not in the wheel; "
            "another must put it into nvidia/cuda_runtime/lib",
            id="a library that another project brings",
        ),
        pytest.param(
            Elf(needed=["libpython3.12.so.1.0"]),
            "foo/_bar.so is linked to libpython3.12.so.1.0; extension modules must take Python from who loads them",
            id="libpython",
        ),
        pytest.param(
            Elf(needed=["libz.so.1"], undefined=["inflate_table", "z_errmsg"]),
            f"foo/_bar.so uses inflate_table, z_errmsg of libz.so.1, which {X86_64} does not promise",
            id="symbols that some builds lack",
        ),
        pytest.param(
            Elf(isa_bits=0b110),
            f"foo/_bar.so needs a processor of level x86-64-v3; {X86_64} promises x86-64-v1",
            id="a newer processor",
        ),
        pytest.param(
            Elf(undefined=["PyFPE_jbuf"]),
            "foo/_bar.so needs a Python built with fpectl (symbol PyFPE_jbuf)",
            id="fpectl",
        ),
        pytest.param(
            Elf(needed=["libc.musl-x86_64.so.1", "libfoo.so.3"]),
            f"foo/_bar.so is linked to musl; {X86_64} has glibc",
            id="linked to the other libc",
        ),
        pytest.param(
            Elf(architecture="aarch64"), f"foo/_bar.so is for aarch64; {X86_64} is x86_64", id="another machine"
        ),
        pytest.param(
            Elf(versions={"libstdc++.so.6": {"GLIBCXX_3.4.29": ["a", "b", "c", "d", "e"]}}),
            f"foo/_bar.so needs GLIBCXX_3.4.29 (symbols a, b, c and 2 more of libstdc++.so.6); {X86_64} has 3.4.19",
            id="a newer C++ library",
        ),
        pytest.param(
            Elf(versions={"libc.so.6": {"GLIBC_ABI_DT_RELR": []}}),
            f"foo/_bar.so needs GLIBC_ABI_DT_RELR (of libc.so.6); {X86_64} has 2.17",
            id="a version that no symbol needs",
        ),
    ],
)
def test_a_broken_promise_is_told(elf: Elf, violation: str) -> None:
    module = make_elf(elf)
    library = make_elf(Elf(architecture=elf.architecture, needed=[]))
    assert violation in claims(audit({"foo/_bar.so": module, "foo.libs/libz-12.so.1": library}))


@pytest.mark.parametrize(
    "elf",
    [
        pytest.param(
            Elf(versions={"libc.so.6": {"GLIBC_2.34": ["x"]}}, weak_versions=["GLIBC_2.34"]), id="weak version"
        ),
        pytest.param(Elf(needed=["libz.so.1"], weak=["z_errmsg"]), id="weak use of a forbidden symbol"),
        pytest.param(Elf(versions={"libssl.so.3": {"OPENSSL_3.0.0": ["x"]}}), id="a version no policy speaks of"),
        pytest.param(Elf(needed=[], versions={}), id="nothing needed at all"),
        pytest.param(Elf(needed=["ld-linux-x86-64.so.2", "libc.so.6"]), id="the dynamic linker itself"),
        pytest.param(Elf(isa_bits=1), id="every processor"),
    ],
)
def test_what_breaks_no_promise_is_let_pass(elf: Elf) -> None:
    assert claims(audit(extension(elf))) == []


def test_linux_alone_promises_no_libc() -> None:
    found = audit(extension(Elf(needed=["libfoo.so.3"])), "cp312-cp312-linux_x86_64", target="cp312-linux_x86_64")
    assert found.is_sound
    assert found.deserved is not None
    assert found.deserved.name == "linux_x86_64"


@pytest.mark.parametrize(
    ("files", "violations", "notes"),
    [
        pytest.param(
            {"foo/_bar.so": make_extension(), "foo/tests/arm.so": make_extension("arm_", architecture="aarch64")},
            [],
            ["foo/tests/arm.so is for aarch64 and was left aside"],
            id="a payload for another machine is left aside",
        ),
        pytest.param(
            {"foo/_bar.so": make_extension(), "foo/_baz.so": make_extension("_baz", architecture="aarch64")},
            [f"foo/_baz.so is for aarch64; {X86_64} is x86_64"],
            [],
            id="a module for another machine is wrong",
        ),
        pytest.param(
            {"foo/_bar.so": make_extension(), "foo/_bar.abi3.so": make_extension(architecture="aarch64")},
            [],
            ["foo/_bar.abi3.so is for aarch64 and was left aside"],
            id="unless it also comes for this one",
        ),
        pytest.param(
            {"foo/data.bin": make_elf(Elf(architecture="s390x"))},
            [f"foo/data.bin is for s390x; {X86_64} is x86_64"],
            [],
            id="nothing for this machine is wrong",
        ),
    ],
)
def test_files_for_other_machines(files: Mapping[str, bytes], violations: Sequence[str], notes: Sequence[str]) -> None:
    found = audit(files)
    assert (claims(found), [str(note) for note in found.notes]) == (violations, notes)


@pytest.mark.parametrize(
    ("tag", "filename", "violation"),
    [
        pytest.param("cp36-abi3", "_bar.abi3.so", None, id="stable ABI by name"),
        pytest.param("cp36-abi3", "_bar.so", None, id="a name for all"),
        pytest.param(
            "cp36-abi3",
            "_bar.cpython-312-x86_64-linux-gnu.so",
            "has a name that cp36-abi3 does not import",
            id="one interpreter's name under the stable ABI",
        ),
        pytest.param(
            "cp311-cp311",
            "_bar.cpython-312-x86_64-linux-gnu.so",
            "has a name that cp311-cp311 does not import",
            id="another interpreter's name",
        ),
        pytest.param(
            "cp312-cp312",
            "_bar.cpython-312-x86_64-linux-musl.so",
            "has a name that cp312-cp312 does not import",
            id="the other libc's name",
        ),
        pytest.param("cp36.cp37-cp36m.cp37m", "_bar.so", None, id="pairs that name nothing are not asked for"),
    ],
)
def test_modules_must_have_names_that_the_tags_interpreters_import(
    tag: str, filename: str, violation: str | None
) -> None:
    found = claims(audit({f"foo/{filename}": make_extension()}, f"{tag}-{X86_64}"))
    assert found == ([f"foo/{filename} {violation}"] if violation else [])


def test_a_module_that_comes_for_each_interpreter_serves_all() -> None:
    files = {
        "foo/_bar.cpython-36m-x86_64-linux-gnu.so": make_extension(),
        "foo/_bar.cpython-37m-x86_64-linux-gnu.so": make_extension(),
    }
    tag = f"cp36.cp37-cp36m.cp37m-{X86_64}"
    assert audit(files, tag, target=f"cp37-{X86_64}").is_sound
    assert for_target(audit(files, tag, target=f"cp38-{X86_64}"))[1:] == [
        "foo/_bar.cpython-36m-x86_64-linux-gnu.so has a name that cp38-cp38 does not import"
    ]


@pytest.mark.parametrize(
    ("abi", "symbol", "violation"),
    [
        ("cp27mu", "PyUnicodeUCS4_Decode", None),
        ("cp27m", "PyUnicodeUCS2_Decode", None),
        ("cp27mu", "PyUnicodeUCS2_Decode", "foo/_bar.so needs a Python with UCS2 strings, which cp27mu is not"),
        ("cp27m", "PyUnicodeUCS4_Decode", "foo/_bar.so needs a Python with UCS4 strings, which cp27m is not"),
    ],
)
def test_python_2_comes_in_two_widths(abi: str, symbol: str, violation: str | None) -> None:
    files = extension(Elf(defined=["init_bar"], undefined=[symbol]))
    found = audit(files, f"cp27-{abi}-manylinux1_x86_64", target=f"cp27-{abi}-manylinux1_x86_64")
    assert claims(found) == for_target(found) == ([violation] if violation else [])


@pytest.mark.parametrize(
    ("target", "violations"),
    [
        pytest.param("cp312-manylinux_2_17_x86_64", [], id="its own level"),
        pytest.param(
            "cp312-musllinux_1_2_x86_64",
            ["needs glibc 2.17, the target has musl 1.2", "foo/_bar.so is linked to glibc; the target has musl"],
            id="the other libc",
        ),
        pytest.param(
            "cp312-manylinux_2_28_aarch64",
            ["is for x86_64, the target is aarch64", "foo/_bar.so is for x86_64; the target is aarch64"],
            id="another machine",
        ),
        pytest.param("cp312-win_amd64", ["is for Linux, the target is Windows"], id="another system"),
        pytest.param(
            "cp312-pyemscripten_2026_0_wasm32", ["is for Linux, the target is Emscripten"], id="no machine at all"
        ),
    ],
)
def test_a_wheel_holds_for_a_target_or_not(target: str, violations: Sequence[str]) -> None:
    found = for_target(audit({"foo/_bar.so": make_extension()}, target=target))
    wheel = f"foo-1.0-cp312-cp312-{X86_64}.whl "
    assert [text.removeprefix(wheel) for text in found] == violations


def test_a_plain_linux_wheel_is_proved_by_its_symbols() -> None:
    files = {"foo/_bar.so": make_extension(glibc="2.28", symbol="fcntl64")}
    found = audit(files, "cp312-cp312-linux_x86_64", target="cp312-manylinux_2_17_x86_64-linux")
    assert for_target(found) == ["foo/_bar.so needs GLIBC_2.28 (symbol fcntl64 of libc.so.6); the target has 2.17"]


@pytest.mark.parametrize(
    ("tag", "path", "violation"),
    [
        pytest.param("py3-none-any", "foo/_bar.so", "the tag any says that there is none", id="any"),
        pytest.param(
            f"cp312-cp312-{X86_64}",
            "foo-1.0.data/purelib/foo/_bar.so",
            "the purelib folder says that there is none",
            id="purelib",
        ),
    ],
)
def test_a_binary_does_not_lie_where_all_machines_are_alike(tag: str, path: str, violation: str) -> None:
    assert claims(audit({path: make_extension()}, tag)) == [f"{path} is a binary for x86_64; {violation}"]


@pytest.mark.parametrize(
    ("tag", "files", "is_lost"),
    [
        pytest.param(f"cp312-cp312-{X86_64}", {"foo/__init__.py": b"x = 1"}, True, id="a platform without a binary"),
        pytest.param(f"cp312-cp312-{X86_64}", {"foo/_bar.so": make_extension()}, False, id="a platform with one"),
        pytest.param("py3-none-any", {"foo/__init__.py": b"x = 1"}, False, id="no platform"),
    ],
)
def test_an_extension_that_was_silently_left_out_shows(tag: str, files: Mapping[str, bytes], *, is_lost: bool) -> None:
    found = audit(files, tag)
    assert found.binaries.lost_its_binaries is is_lost
    assert [str(note) for note in found.notes] == (
        [f"the wheel is tagged {tag} but holds no binary"] if is_lost else []
    )


@pytest.mark.parametrize(
    ("elf", "tag", "note"),
    [
        pytest.param(
            Elf(needed=["libGL.so.1"]),
            X86_64,
            "foo/_bar.so needs libGL.so.1, which small systems such as function platforms lack",
            id="a library that only desktops have",
        ),
        pytest.param(
            Elf(undefined=["dlopen"]),
            X86_64,
            "foo/_bar.so can load further libraries at run time (dlopen), which cannot be seen from outside",
            id="libraries opened by name",
        ),
        pytest.param(
            Elf(architecture="mips"),
            "manylinux_2_17_mips",
            "no policy says what manylinux_2_17_mips promises to binaries",
            id="an architecture without policies",
        ),
    ],
)
def test_what_breaks_nothing_is_remarked(elf: Elf, tag: str, note: str) -> None:
    found = audit(extension(elf), f"cp312-cp312-{tag}")
    assert (claims(found), [str(each) for each in found.notes]) == ([], [note])


def test_a_platform_wheel_that_calls_itself_pure_is_remarked() -> None:
    members = [("foo/_bar.so", make_extension()), ("foo-1.0.dist-info/WHEEL", b"Root-Is-Purelib: true\n")]
    found = audit_wheel(io.BytesIO(make_zip(members)), f"foo-1.0-cp312-cp312-{X86_64}.whl")
    assert [str(note) for note in found.notes] == ["the wheel says Root-Is-Purelib and holds 1 binaries"]
    assert found.is_sound


_INTEL, _ARM = 0x01000007, 0x0100000C


@pytest.mark.parametrize(
    ("tag", "files", "violations"),
    [
        pytest.param("macosx_11_0_arm64", {"_bar.so": make_mach_o(_ARM)}, [], id="macOS as tagged"),
        pytest.param("macosx_11_0_arm64", {"_bar.so": make_mach_o(_INTEL, _ARM)}, [], id="universal for one"),
        pytest.param(
            "macosx_11_0_arm64",
            {"_bar.so": make_mach_o(_INTEL), "lib.dylib": make_mach_o(_ARM)},
            ["_bar.so is for x86_64; macosx_11_0_arm64 is arm64"],
            id="a module for another Mac",
        ),
        pytest.param(
            "macosx_11_0_universal2",
            {"_bar.so": make_mach_o(_ARM)},
            ["_bar.so is for arm64; macosx_11_0_universal2 is arm64 and x86_64"],
            id="half of a universal module",
        ),
        pytest.param(
            "win_amd64", {"_bar.pyd": make_pe(0x8664), "t32.exe": make_pe(0x14C)}, [], id="another's launcher"
        ),
        pytest.param(
            "win_arm64",
            {"_bar.pyd": make_pe(0x8664)},
            ["_bar.pyd is for amd64; win_arm64 is arm64"],
            id="wrong Windows",
        ),
        pytest.param(
            "win32",
            {"tool.exe": make_pe(0x8664)},
            ["tool.exe is for amd64; win32 is x86"],
            id="nothing for this Windows",
        ),
    ],
)
def test_binaries_of_other_systems_are_for_the_machine_of_the_tag(
    tag: str, files: Mapping[str, bytes], violations: Sequence[str]
) -> None:
    assert claims(audit(files, f"cp312-cp312-{tag}")) == violations


def test_binaries_of_other_systems_are_for_the_machine_of_the_target() -> None:
    found = audit(
        {"_bar.so": make_mach_o(_INTEL)}, "cp312-cp312-macosx_11_0_universal2", target="cp312-macosx_14_0_arm64"
    )
    assert for_target(found) == ["_bar.so is for x86_64; the target is arm64"]
