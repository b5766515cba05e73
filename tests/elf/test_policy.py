import json
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from wheelpin.elf.policy import PolicyTables, PolicyTablesError, load_policy_tables
from wheelpin.elf.promise import promise_of_level, promise_of_tag
from wheelpin.target import Libc

Rows = list[dict[str, Any]]


def installed(name: str = "manylinux-policy.json") -> Rows:
    rows: Rows = json.loads(files("auditwheel").joinpath("policy", name).read_text(encoding="utf-8"))
    return rows


def level(rows: Rows, name: str) -> dict[str, Any]:
    return next(row for row in rows if row["name"] == name)


def test_the_installed_tables_are_understood() -> None:
    tables = load_policy_tables()
    x86_64 = tables.policies(Libc.GLIBC, "x86_64")
    assert [policy.name for policy in x86_64][:3] == [
        "manylinux_2_5_x86_64",
        "manylinux_2_12_x86_64",
        "manylinux_2_17_x86_64",
    ]
    assert x86_64[2].aliases == ("manylinux2014_x86_64",)
    assert "2.17" in x86_64[2].versions["GLIBC"]
    assert "2.18" not in x86_64[2].versions["GLIBC"]
    assert "libc.so.6" in x86_64[2].libraries
    assert [policy.name for policy in tables.policies(Libc.MUSL, "aarch64")][:1] == ["musllinux_1_1_aarch64"]
    assert tables.policies(Libc.GLIBC, "mips64el") == ()


def test_the_tables_are_read_without_running_auditwheels_code() -> None:
    program = (
        "import sys; from wheelpin.elf import load_policy_tables; load_policy_tables(); "
        "print(sorted(name for name in sys.modules if name.startswith('auditwheel.')))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_auditwheel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "auditwheel", None)
    with pytest.raises(PolicyTablesError) as caught:
        load_policy_tables.__wrapped__()
    assert caught.value.table == "manylinux-policy.json"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(lambda rows: rows[1].pop("lib_whitelist"), "missing required field", id="a field is gone"),
        pytest.param(lambda rows: rows[1].update(priority="high"), "Expected `int`", id="a field has another type"),
        pytest.param(lambda rows: rows[1].update(name="manylinux_3_1"), "is no level of glibc", id="another libc"),
        pytest.param(lambda rows: rows[1].update(priority=1), "are not in order", id="priorities out of order"),
        pytest.param(lambda rows: rows.clear(), "are not in order", id="no level at all"),
        pytest.param(
            lambda rows: level(rows, "manylinux_2_17").update(aliases=[]), "has the aliases []", id="an alias is gone"
        ),
        pytest.param(
            lambda rows: level(rows, "manylinux_2_28")["lib_whitelist"].remove("libc.so.6"),
            "manylinux_2_28 lacks libc.so.6, which manylinux_2_27 allows",
            id="a newer level allows fewer libraries",
        ),
        pytest.param(
            lambda rows: level(rows, "manylinux_2_28")["symbol_versions"]["x86_64"]["GLIBC"].remove("2.5"),
            "manylinux_2_28_x86_64 lacks GLIBC_2.5, which manylinux_2_27 allows",
            id="a newer level allows fewer versions",
        ),
        pytest.param(
            lambda rows: rows[-1]["symbol_versions"].pop("aarch64"), "lacks aarch64", id="an architecture is gone"
        ),
        pytest.param(
            lambda rows: rows[1]["symbol_versions"].update({"../x": {}}),
            "which is no architecture",
            id="a strange name",
        ),
    ],
)
def test_tables_of_another_form_are_refused(change: Callable[[Rows], object], problem: str) -> None:
    rows = installed()
    change(rows)
    with pytest.raises(PolicyTablesError) as caught:
        PolicyTables({Libc.GLIBC: json.dumps(rows).encode()})
    assert problem in caught.value.problem
    assert str(caught.value).startswith("auditwheel's policy table manylinux-policy.json cannot be used: ")


@pytest.mark.parametrize(
    ("minor", "version", "is_there"),
    [
        pytest.param(17, "GLIBC_2.17", True, id="the level itself"),
        pytest.param(17, "GLIBC_2.18", False, id="a newer glibc"),
        pytest.param(29, "GLIBC_2.29", True, id="a level between two policies has its own glibc"),
        pytest.param(29, "GLIBC_2.30", False, id="and no newer one"),
        pytest.param(29, "GLIBCXX_3.4.26", False, id="but the older policy's other libraries"),
        pytest.param(31, "GLIBCXX_3.4.26", True, id="which the next policy has"),
        pytest.param(17, "GLIBC_PRIVATE", False, id="what glibc keeps to itself"),
        pytest.param(34, "GLIBC_ABI_DT_RELR", False, id="an interface without a number, before it came"),
        pytest.param(36, "GLIBC_ABI_DT_RELR", True, id="and since"),
        pytest.param(60, "GLIBC_2.55", True, id="a level newer than all policies"),
        pytest.param(17, "OPENSSL_3.0.0", True, id="versions that no policy speaks of are not judged"),
        pytest.param(17, "GLIBC_1.0", False, id="a version older than the architecture"),
    ],
)
def test_a_level_promises_versions(minor: int, version: str, *, is_there: bool) -> None:
    promise = promise_of_level("it", Libc.GLIBC, minor=minor, architecture="x86_64", tables=load_policy_tables())
    assert promise.has_version(version) is is_there


@pytest.mark.parametrize(
    ("minor", "version", "newest"),
    [(17, "GLIBC_2.28", "2.17"), (29, "GLIBC_2.34", "2.29"), (17, "GLIBCXX_3.4.26", "3.4.19"), (5, "ZLIB_1.2.9", None)],
)
def test_a_level_tells_the_newest_it_has(minor: int, version: str, newest: str | None) -> None:
    promise = promise_of_level("it", Libc.GLIBC, minor=minor, architecture="x86_64", tables=load_policy_tables())
    assert promise.newest(version) == newest


@pytest.mark.parametrize(
    ("tag", "policy"),
    [
        ("manylinux1_x86_64", "manylinux_2_5_x86_64"),
        ("manylinux_2_29_x86_64", "manylinux_2_28_x86_64"),
        ("manylinux2014_armv7l", "manylinux_2_17_armv7l"),
        ("manylinux_2_17_armv8l", "manylinux_2_17_armv7l"),
        ("musllinux_1_1_x86_64", "musllinux_1_1_x86_64"),
        ("musllinux_1_9_x86_64", "musllinux_1_2_x86_64"),
        ("manylinux_2_17_mips64el", None),
        ("linux_x86_64", None),
    ],
)
def test_a_tag_is_held_to_the_newest_policy_within_it(tag: str, policy: str | None) -> None:
    promise = promise_of_tag(tag, load_policy_tables())
    assert promise is not None
    assert (promise.policy.name if promise.policy else None) == policy


@pytest.mark.parametrize("tag", ["any", "win_amd64", "macosx_11_0_arm64", "android_21_arm64_v8a", "ios_13_0_arm64"])
def test_a_tag_for_another_system_promises_elf_files_nothing(tag: str) -> None:
    assert promise_of_tag(tag, load_policy_tables()) is None
