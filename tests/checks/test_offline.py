"""Which edits of the inputs a lock survives, and in which words the others are told."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from packaging.version import Version

from tests.checks.worlds import PROJECTS, Asked, checked, digest_of, locked, relocked, url_of
from tests.lock.examples import ORIGIN
from wheelpin.checks import Finding, Kind
from wheelpin.locks import LockFormat, parse_lock
from wheelpin.requirements import IndexOptions
from wheelpin.target import Target

APP = ("a.in", "app<2")
LIB = ("b.in", "lib<1.5")
BASE = Asked(requirements=(APP, ("a.in", "tool"), LIB))
CUT_OFF = datetime(2024, 1, 1, tzinfo=UTC)
PURE, FAST = "lib-1.0-py3-none-any.whl", "lib-1.0-cp312-cp312-manylinux2014_x86_64.whl"
LIB_DIRECT = ("b.in", f"lib @ {url_of(PURE)}")


def asking(*requirements: tuple[str, str], base: Asked = BASE) -> Asked:
    return replace(base, requirements=requirements)


def with_hashes(*filenames: str) -> Asked:
    return replace(BASE, hashes=(("lib", frozenset(filenames)),))


@pytest.mark.parametrize("form", LockFormat, ids=lambda form: form.value)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(BASE, BASE, id="nothing"),
        pytest.param(BASE, asking(*reversed(BASE.requirements)), id="the order of lines"),
        pytest.param(BASE, asking(*BASE.requirements, APP), id="a line twice"),
        pytest.param(BASE, asking(("a.in", "APP <2.0"), *BASE.requirements[1:]), id="another spelling"),
        pytest.param(
            BASE, asking(("a.in", "app<2; python_version > '3'"), *BASE.requirements[1:]), id="a marker that holds"
        ),
        pytest.param(
            BASE, asking(*BASE.requirements, ("a.in", "ext; sys_platform == 'win32'")), id="a marker that does not"
        ),
        pytest.param(BASE, asking(("a.in", "app==1.0"), *BASE.requirements[1:]), id="a bound that the pin keeps"),
        pytest.param(BASE, replace(BASE, constraints=("lib<=1.0", "ext>7")), id="limits that the pins keep"),
        pytest.param(BASE, replace(BASE, overrides=("ext==9",)), id="an override of what nobody needs"),
        pytest.param(BASE, replace(BASE, no_binary=frozenset({"ext"})), id="--no-binary of what nobody needs"),
        pytest.param(BASE, replace(BASE, prereleases=True), id="--pre, which pins do without"),
        pytest.param(
            replace(BASE, constraints=("lib<1.5",)), BASE, id="a limit less, which the pins need not be freed of"
        ),
    ],
)
def test_edit_that_changes_no_answer_leaves_the_check_green(before: Asked, after: Asked, form: LockFormat) -> None:
    text = locked(before, form=form)
    assert checked(text, after, form=form) == ()
    assert relocked(after, form=form, previous=text) == text


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(
            BASE,
            asking(("a.in", "app>=2"), *BASE.requirements[1:]),
            ["unmet: app>=2 is asked for, and 1.0 is pinned (a.in, line 1)"],
            id="a bound that the pin does not keep",
        ),
        pytest.param(
            BASE,
            asking(*BASE.requirements, ("c.in", "ext")),
            ["not-pinned: ext is asked for, and ext is not pinned (c.in, line 4)"],
            id="a project more",
        ),
        pytest.param(
            BASE,
            asking(APP, LIB),
            ["unwanted: tool is pinned, and nothing asks for it any more"],
            id="a project less",
        ),
        pytest.param(
            BASE,
            asking(APP, ("a.in", "tool")),
            ["askers: lib is not asked for by -r b.in any more"],
            id="one less who asks",
        ),
        pytest.param(
            BASE,
            asking(*BASE.requirements, ("c.in", "lib")),
            ["askers: lib is asked for, too, which the lock does not say (c.in, line 4)"],
            id="one more who asks",
        ),
        pytest.param(
            BASE,
            asking(("a.in", "app[x]<2"), *BASE.requirements[1:]),
            ["extras: app[x] is asked for, and app is locked without that extra (a.in, line 1)"],
            id="an extra more",
        ),
        pytest.param(
            asking(("a.in", "app[x]<2"), *BASE.requirements[1:]),
            BASE,
            ["extras: app[x] is not asked for any more, and is still locked"],
            id="an extra less",
        ),
        pytest.param(
            BASE,
            replace(BASE, constraints=("tool<1.1",)),
            ["unmet: tool<1.1 is asked for, and 1.1 is pinned (limits.txt, line 1)"],
            id="a limit that a pin does not keep",
        ),
        pytest.param(
            BASE,
            replace(BASE, overrides=("lib>=1",)),
            [
                "askers: lib>=1 is asked for, too, which the lock does not say (overrides.txt, line 1)",
                "askers: lib is not asked for by -r b.in any more",
                "rules: other overrides apply than when it was locked",
            ],
            id="an override",
        ),
        pytest.param(
            replace(BASE, overrides=("tool>=1",)),
            replace(BASE, overrides=("tool>=1.1",)),
            ["rules: other overrides apply than when it was locked"],
            id="another override",
        ),
        pytest.param(
            BASE,
            replace(BASE, no_binary=frozenset({"lib"})),
            ["rules: --no-binary asks for a build of lib, and a wheel of an index is pinned"],
            id="--no-binary",
        ),
        pytest.param(
            replace(BASE, exclude_newer=None),
            replace(BASE, exclude_newer=CUT_OFF),
            ["header: its exclude-newer: none; now: 2024-01-01T00:00:00Z"],
            id="a cut-off",
        ),
        pytest.param(
            BASE,
            with_hashes(PURE),
            [
                "unmet: the file that is pinned for lib 1.0 has none of the hashes allowed (b.in, line 3)",
                "rules: other hashes are allowed than when it was locked",
            ],
            id="hashes of other files",
        ),
        pytest.param(
            with_hashes(PURE),
            with_hashes(PURE, FAST),
            ["rules: other hashes are allowed than when it was locked"],
            id="hashes of more files, of which one may be better",
        ),
        pytest.param(
            asking(APP, LIB_DIRECT),
            asking(APP, LIB),
            ["rules: other addresses are asked for than when it was locked"],
            id="an address less",
        ),
        pytest.param(
            BASE,
            asking(*BASE.requirements[:2], LIB_DIRECT),
            [
                f"unmet: lib @ {url_of(PURE)} is asked for, and another file is pinned (b.in, line 3)",
                "rules: other addresses are asked for than when it was locked",
            ],
            id="an address more",
        ),
        pytest.param(
            BASE,
            asking(*BASE.requirements[:2], ("b.in", f"lib @ {url_of(PURE)}#sha256={digest_of(PURE)}")),
            [
                f"unmet: lib @ {url_of(PURE)} has another sha256 than the file that is pinned (b.in, line 3)",
                "rules: other addresses are asked for than when it was locked",
            ],
            id="an address with a hash",
        ),
        pytest.param(
            BASE,
            asking(*BASE.requirements[:2], ("b.in", "lib==1.0[manylinux1,cp312,x86_64]")),
            ["misfit: lib-1.0-cp312-cp312-manylinux2014_x86_64.whl does not fit"],
            id="inline tags",
        ),
        pytest.param(
            BASE,
            replace(BASE, options=IndexOptions(extra_index_urls=("https://me:secret@other.example/simple/",))),
            ["rules: the inputs name other indexes than when it was locked"],
            id="an index line",
        ),
        pytest.param(
            BASE,
            replace(BASE, target=Target.parse("cp312-manylinux_2_28_x86_64", python_full_version="3.12.1")),
            ["python: it is for Python 3.12.15, and 3.12.1 is asked for"],
            id="another patch",
        ),
        pytest.param(
            BASE,
            replace(BASE, target=Target.parse("cp312-manylinux_2_28_x86_64", python_full_version="3.12.15")),
            ["text: it would not be written like this: '# Wheels for cp312-manylinux_2_28_x86_64 and Python 3.12.15"],
            id="a patch that is said now",
        ),
        pytest.param(
            BASE,
            replace(
                BASE, target=Target.parse("cp312-manylinux_2_28_x86_64", marker_values={"platform_release": "5.10"})
            ),
            ["rules: marker values or tags of the target are not those that it was locked for"],
            id="a marker's value",
        ),
        pytest.param(
            asking(("a.in", "lib==1.5")),
            asking(("a.in", "lib==1.5.*")),
            ["rules: a version that was yanked when it was locked is not asked for exactly any more, or is now"],
            id="a yanked version that is not spelled out any more",
        ),
    ],
)
def test_edit_that_changes_the_answer_is_told(before: Asked, after: Asked, told: list[str]) -> None:
    text = locked(before)
    found = [spelled(finding) for finding in checked(text, after)]
    assert len(found) >= len(told)
    assert [line for line in told if not any(each.startswith(line) for each in found)] == []
    assert relocked(after, form=LockFormat.REQUIREMENTS, previous=text) != text


def spelled(finding: Finding) -> str:
    where = f" ({finding.origin})" if finding.origin is not None else ""
    return f"{finding.kind}: {finding.message}{where}"


def kinds(text: str, asked: Asked = BASE, form: LockFormat = LockFormat.REQUIREMENTS) -> list[Kind]:
    return [finding.kind for finding in checked(text, asked, form=form)]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        pytest.param("lib-1.0-", "lib-1.2-", Kind.EDITED, id="another version"),
        pytest.param("    # via app\n", "", Kind.EDITED, id="one who asks is gone"),
        pytest.param("# index: https://index.example", "# index: https://other.example", Kind.HEADER, id="an index"),
        pytest.param("# refresh: wheelpin lock", "# refresh: wheelpin lock --pre", Kind.HEADER, id="the command"),
        pytest.param("# input: -r a.in", "# input: -r z.in", Kind.HEADER, id="the inputs"),
        pytest.param("\n\n", "\n\n\n", Kind.TEXT, id="an empty line"),
        pytest.param("\n\n", "\n# for us\n\n", Kind.TEXT, id="a comment"),
        pytest.param("# patch: assumed\n", "", Kind.TEXT, id="that the patch is assumed"),
        pytest.param(" python-full-version=3.12.15", " python-full-version=3.12.9", Kind.PYTHON, id="the Python"),
        pytest.param("target=cp312", "target=cp313", Kind.TARGET, id="the target"),
        pytest.param("# wheelpin: target=", "# wheelpin: tarjet=", Kind.TARGET, id="no target"),
    ],
)
def test_edit_of_the_lock_is_told(before: str, after: str, kind: Kind) -> None:
    text = locked(BASE)
    assert before in text
    assert kind in kinds(text.replace(before, after, 1))


def test_lock_of_an_earlier_wheelpin_asks_to_be_made_once_more() -> None:
    text = "".join(line for line in locked(BASE).splitlines(keepends=True) if not line.startswith("# proof:"))
    (found,) = checked(text, BASE)
    assert found.kind is Kind.UNPROVEN
    assert kinds(text, asking(*BASE.requirements, ("c.in", "ext"))) == [Kind.NOT_PINNED, Kind.UNPROVEN]


def test_lock_in_another_form_is_told() -> None:
    assert kinds(locked(BASE, form=LockFormat.HASHES), form=LockFormat.REQUIREMENTS) == [Kind.TEXT]
    assert kinds(locked(BASE), form=LockFormat.HASHES) == [Kind.TEXT]


def test_pin_that_does_not_fit_the_target_is_told() -> None:
    text = locked(BASE).replace("cp312-cp312-manylinux2014_x86_64", "cp312-cp312-manylinux_2_34_x86_64")
    told = [finding.message for finding in checked(text, BASE) if finding.kind is Kind.MISFIT]
    assert len(told) == len(parse_lock(text, ORIGIN).pins)
    assert all("does not fit cp312-manylinux_2_28_x86_64: needs glibc 2.34" in message for message in told)


def test_pin_whose_python_the_target_is_not_is_told() -> None:
    text = locked(BASE, form=LockFormat.PYLOCK)
    for wanted, told in (
        (">=3.13", "app 1.0 requires Python >=3.13, and the target has 3.12.15"),
        ("<4", None),
    ):
        edited = text.replace('\nversion = "1.0"\n', f'\nversion = "1.0"\nrequires-python = "{wanted}"\n', 1)
        found = [each.message for each in checked(edited, BASE, form=LockFormat.PYLOCK) if each.kind is Kind.MISFIT]
        assert found == ([] if told is None else [told])


def test_lock_of_digests_alone_is_held_against_what_it_says() -> None:
    text = f"lib==1.0 --hash=sha256:{digest_of(PURE)} --hash=sha256:{digest_of(FAST)}\n"
    lib = asking(("a.in", "lib==1.0"))
    assert kinds(text, lib, LockFormat.HASHES) == [Kind.TARGET, Kind.UNPROVEN, Kind.HEADER, Kind.HEADER]
    assert Kind.UNMET in kinds(text, asking(("a.in", "lib>1.0")), LockFormat.HASHES)
    assert Kind.UNMET not in kinds(text, asking(LIB_DIRECT), LockFormat.HASHES)
    other = ("a.in", f"lib @ {url_of(PURE)}#sha256={'0' * 64}")
    assert Kind.UNMET in kinds(text, asking(other), LockFormat.HASHES)


def test_direct_wheel_of_ones_own_is_known_by_its_path() -> None:
    wheel, moved = (("a.in", f"lib @ file:///srv/{folder}/{PURE}") for folder in ("project/wheels", "elsewhere"))
    text = locked(asking(wheel))
    assert f"./wheels/{PURE} --hash" in text
    assert kinds(text, asking(wheel)) == []
    assert kinds(text, asking(moved)) == [Kind.UNMET, Kind.RULES]


def test_several_lines_of_inline_tags_are_held_together() -> None:
    narrow, narrower = ("a.in", "lib==1.0[manylinux2014,cp312,x86_64]"), ("a.in", "lib[manylinux2014]")
    text = locked(asking(narrow, narrower))
    assert kinds(text, asking(narrow, narrower)) == []
    assert Kind.RULES in kinds(text, asking(narrower))


def test_line_numbers_of_differences_in_the_text_are_those_of_the_lock() -> None:
    text = locked(BASE)
    (found,) = checked(text.replace("# via app\n", "# via app\n    # hello\n", 1), BASE)
    assert found.line is not None
    assert text.splitlines()[found.line - 2].strip() == "# via app"


def test_versions_of_the_world_are_as_the_tables_think() -> None:
    versions = {pin.project: pin.version for pin in parse_lock(locked(BASE), ORIGIN).pins}
    assert versions == {"app": Version("1.0"), "lib": Version("1.0"), "tool": Version("1.1")}
    assert set(versions) <= set(PROJECTS)
