"""Target files: captured from real interpreters, or made by tools that know complete platforms."""

import json
import shutil
import subprocess

import pytest

from tests.interpreters import pyenv_interpreters
from wheelpin.target import Target, TargetFileError, TargetSyntaxError
from wheelpin.target.capture import capture_script, parse_target_file, target_file_text
from wheelpin.values import Origin

HERE = Origin("lambda.json")
INTERPRETERS = ["2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]


def find_interpreter(minor: str) -> str | None:
    """Look where pyenv keeps interpreters, then on the path."""
    if found := pyenv_interpreters().get(minor):
        return str(found)
    return shutil.which(f"python{minor}")


def run(interpreter: str, code: str) -> str:
    done = subprocess.run([interpreter, "-"], input=code, capture_output=True, text=True, check=True)
    return done.stdout


OWN_TRUTH = """
import json, platform, sys, sysconfig
print(json.dumps({
    "full_version": platform.python_version(),
    "soabi": sysconfig.get_config_var("SOABI"),
    "is_wide": sys.maxunicode > 0xFFFF,
    "sys_platform": sys.platform,
    "machine": platform.machine(),
    "implementation": platform.python_implementation(),
    "name": sys.implementation.name if hasattr(sys, "implementation") else "",
}))
"""


@pytest.mark.parametrize("minor", INTERPRETERS)
def test_capture_of_a_real_interpreter_is_the_target_we_would_derive(minor: str) -> None:
    if (interpreter := find_interpreter(minor)) is None:
        pytest.skip(f"no CPython {minor}: neither pyenv nor the path has one")
    text = target_file_text(run(interpreter, capture_script()), HERE)
    target = parse_target_file(text, "here", HERE)
    truth = json.loads(run(interpreter, OWN_TRUTH))

    assert str(target.python_full_version) == truth["full_version"].rstrip("+")
    assert not target.is_patch_assumed
    soabi = truth["soabi"]
    expected = f"cp{soabi.split('-')[1]}" if soabi else f"cp{minor.replace('.', '')}m{'u' if truth['is_wide'] else ''}"
    assert target.interpreter.abi == expected
    assert target.markers["sys_platform"] == truth["sys_platform"]
    assert target.markers["platform_machine"] == truth["machine"]
    assert target.markers["platform_python_implementation"] == truth["implementation"]
    assert target.markers["implementation_name"] == truth["name"]
    # What we derive for the spelling is what the interpreter says of itself.
    derived = Target.parse(target.spelling, python_full_version=str(target.python_full_version))
    assert target.markers == derived.markers
    assert target.tags == derived.tags
    assert target.name == "here"


MARKERS = {
    "implementation_name": "cpython",
    "implementation_version": "3.12.3",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.6.12-linuxkit",
    "platform_system": "Linux",
    "platform_version": "#1 SMP Fri Jan 19 08:53:17 UTC 2024",
    "python_full_version": "3.12.3",
    "python_version": "3.12",
    "sys_platform": "linux",
}
FACTS = {
    "wheelpin-facts": 1,
    "implementation": "cpython",
    "version": [3, 12],
    "abi": "cp312",
    "machine": "x86_64",
    "libc": ["glibc", "2.34"],
    "macos": "",
    "emscripten": None,
    "denied-glibc-minors": [],
    "markers": MARKERS,
}
MACHINES = [
    ({}, "cp312-manylinux_2_34_x86_64"),
    ({"libc": ["glibc", "2.20-2014.11"]}, "cp312-manylinux_2_20_x86_64"),
    ({"libc": ["musl", "1.2.4"]}, "cp312-musllinux_1_2_x86_64"),
    ({"libc": None}, "cp312-linux_x86_64"),
    ({"abi": "cp313t", "version": [3, 13], "machine": "aarch64"}, "cp313t-manylinux_2_34_aarch64"),
    ({"abi": "cp27m", "version": [2, 7]}, "cp27m-manylinux_2_34_x86_64"),
    ({"implementation": "pypy", "abi": "pypy310_pp73", "version": [3, 10]}, "pp310-manylinux_2_34_x86_64"),
    ({"libc": None, "macos": "14.5", "machine": "arm64"}, "cp312-macosx_14_0_arm64"),
    ({"libc": None, "macos": "26", "machine": "arm64"}, "cp312-macosx_26_0_arm64"),
    ({"libc": None, "machine": "amd64", "os_name": "nt"}, "cp312-win_amd64"),
    ({"libc": None, "machine": "x86", "os_name": "nt"}, "cp312-win32"),
    ({"libc": None, "machine": "wasm32", "emscripten": "2026_0"}, "cp312-pyemscripten_2026_0_wasm32"),
]


@pytest.mark.parametrize(("differing", "spelling"), MACHINES)
def test_facts_become_a_target(differing: dict[str, object], spelling: str) -> None:
    version = differing.get("version", [3, 12])
    assert isinstance(version, list)
    markers = MARKERS | {"python_full_version": f"{version[0]}.{version[1]}.3"}
    markers |= {"os_name": str(differing.get("os_name", "posix"))}
    facts = json.dumps(FACTS | {"markers": markers} | differing)
    target = parse_target_file(facts, "machine", HERE)
    assert target.spelling == spelling
    assert parse_target_file(target_file_text(facts, HERE), "machine", HERE) == target


def test_kernel_of_the_capturing_machine_stays_out_of_the_markers() -> None:
    text = target_file_text(json.dumps(FACTS), HERE)
    assert "linuxkit" in text
    assert not {"platform_release", "platform_version"} & parse_target_file(text, "lambda", HERE).markers.keys()


def test_target_file_is_stable_and_readable() -> None:
    text = target_file_text(json.dumps(FACTS), HERE)
    assert text == target_file_text(json.dumps(dict(reversed(FACTS.items())), indent=1), HERE)
    assert text.startswith('{\n  "wheelpin-target": 1,\n  "tags": "cp312-manylinux_2_34_x86_64",\n')
    assert text.endswith("}\n")


def test_release_stated_in_the_file_counts() -> None:
    file = json.loads(target_file_text(json.dumps(FACTS), HERE))
    file["markers"]["platform_release"] = "5.10.104"
    assert parse_target_file(json.dumps(file), "lambda", HERE).markers["platform_release"] == "5.10.104"


def test_levels_that_the_machine_forbids_are_no_tags() -> None:
    target = parse_target_file(json.dumps(FACTS | {"denied-glibc-minors": [17, 34]}), "picky", HERE)
    assert target.rank("cp312-cp312-manylinux_2_34_x86_64") is None
    assert target.rank("cp312-cp312-manylinux2014_x86_64") is None
    assert target.rank("cp312-cp312-manylinux_2_33_x86_64") == 0


def complete_platform(tags: tuple[str, ...], **more: object) -> str:
    return json.dumps(
        {"path": "/var/lang/bin/python3.12", "compatible_tags": tags, "marker_environment": MARKERS} | more
    )


def test_complete_platform_of_another_tool_is_the_same_target() -> None:
    spelled = Target.parse("cp312-manylinux_2_34_x86_64-linux", python_full_version="3.12.3")
    target = parse_target_file(complete_platform(spelled.tags), "lambda", HERE)
    assert (target.name, target.spelling) == ("lambda", spelled.spelling)
    assert target.listed_tags is None
    assert target.tags == spelled.tags
    assert target.markers == spelled.markers
    assert not target.is_patch_assumed


def test_listed_tags_are_taken_as_listed_in_our_order() -> None:
    spelled = Target.parse("cp312-manylinux_2_34_x86_64")
    some = tuple(tag for tag in spelled.tags if "manylinux1_" not in tag)
    target = parse_target_file(complete_platform((*reversed(some), "cp312-cp312-hostix_1")), "odd", HERE)
    assert target.tags == (*some, "cp312-cp312-hostix_1")
    assert target.rank("cp312-cp312-manylinux1_x86_64") is None
    misfit = target.misfit("cp312-cp312-manylinux1_x86_64")
    assert misfit is not None
    assert misfit.detail == "all its parts fit, but the target refuses cp312-cp312-manylinux1_x86_64"
    narrowed = target.narrow(("manylinux2014",), HERE)
    assert narrowed.rank("cp312-cp312-manylinux2014_x86_64") is not None
    assert narrowed.rank("cp312-cp312-manylinux_2_34_x86_64") is None
    assert narrowed.rank("cp312-cp312-manylinux1_x86_64") is None


def test_complete_platform_without_markers_assumes_the_patch() -> None:
    spelled = Target.parse("cp36-manylinux2014_x86_64")
    target = parse_target_file(json.dumps({"compatible_tags": spelled.tags}), "bare", HERE)
    assert target.is_patch_assumed
    assert target.spelling == spelled.spelling


PLATFORM_LISTS = [
    (("cp312-cp312-musllinux_1_2_x86_64", "cp312-cp312-linux_x86_64"), "cp312-musllinux_1_2_x86_64-linux"),
    (("cp312-cp312-linux_x86_64", "cp312-none-any"), "cp312-linux_x86_64"),
    (("cp312-cp312-macosx_14_0_arm64", "cp312-cp312-macosx_14_0_universal2"), "cp312-macosx_14_0_arm64"),
    (("cp36-cp36m-manylinux2014_x86_64", "cp36-cp36m-manylinux1_x86_64"), "cp36-manylinux2014_x86_64"),
    (("cp312-cp312-win_amd64", "py3-none-any"), "cp312-win_amd64"),
]


@pytest.mark.parametrize(("tags", "spelling"), PLATFORM_LISTS)
def test_target_behind_listed_tags_is_found(tags: tuple[str, ...], spelling: str) -> None:
    assert parse_target_file(json.dumps({"compatible_tags": tags}), "t", HERE).spelling == spelling


BROKEN = [
    pytest.param("", "", id="nothing"),
    pytest.param("[]", "", id="no object"),
    pytest.param("{}", "none of wheelpin-target", id="another file"),
    pytest.param('{"wheelpin-target": 2}', "", id="a format of the future"),
    pytest.param('{"wheelpin-target": 1}', "tags", id="a key is missing"),
    pytest.param('{"compatible_tags": "py3-none-any"}', "compatible_tags", id="no list"),
    pytest.param('{"compatible_tags": ["py3-none-any"]}', "names no interpreter", id="pure tags only"),
    pytest.param('{"compatible_tags": ["py3-none"]}', "no tag", id="broken tag"),
    pytest.param(
        '{"compatible_tags": ["cp312-cp312-win32"], "marker_environment": {"os_name": "nt"}}',
        "python_full_version",
        id="no version",
    ),
    pytest.param(json.dumps(FACTS | {"implementation": "jython"}), "neither CPython nor PyPy", id="Jython"),
    pytest.param(b"\xff\xfe{", "", id="not UTF-8"),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN)
def test_broken_file_is_told(text: str | bytes, problem: str) -> None:
    with pytest.raises(TargetFileError) as caught:
        parse_target_file(text, "lambda", HERE)
    assert str(caught.value).startswith("target file lambda.json: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_debug_build_is_told() -> None:
    with pytest.raises(TargetSyntaxError, match=r"\(lambda\.json\): 'cp312d' is no ABI of cp312"):
        parse_target_file(json.dumps(FACTS | {"abi": "cp312d"}), "lambda", HERE)
