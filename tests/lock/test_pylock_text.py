"""A pylock.toml of wheelpin's: valid under the standard, complete, and the same lock when it is read again."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from packaging.markers import Marker
from packaging.pylock import Pylock, is_valid_pylock_path
from packaging.tags import parse_tag

from tests.lock.examples import INDEX, ORIGIN, file, lock, pin, sha256
from tests.lock.test_round_trip import locks, words
from wheelpin.locks import (
    Lock,
    LockedFile,
    LockedTarget,
    LockFormat,
    LockSyntaxError,
    Pin,
    PinWithoutAddressError,
    Proof,
    UnnamedFile,
    parse_lock,
    to_text,
)
from wheelpin.locks.errors import MarkedLineError, TargetsAlikeError
from wheelpin.locks.model import Identity
from wheelpin.locks.pylock_own import read_own_pylock
from wheelpin.locks.pylock_text import to_pylock
from wheelpin.target import Target
from wheelpin.values import IndexUrl

LINUX, WINDOWS = Target.parse("cp312-manylinux_2_28_x86_64"), Target.parse("cp312-win_amd64")
ARM = Target.parse("cp312-manylinux_2_28_aarch64")


def locked(target: Target, *pins: Pin, **changes: object) -> Lock:
    return replace(lock(*pins, target=LockedTarget.of(target)), **changes)


def compiled(project: str, target: Target, *, digest: str = "c", via: tuple[str, ...] = ()) -> Pin:
    """Pin a wheel that is for *target* and machines like it."""
    name = f"{project}-1.0-{target.interpreter.tag}-{target.interpreter.tag}-{target.tags[0].rpartition('-')[2]}.whl"
    return pin(project, a_file=file(name, digest=sha256(digest)), via=via)


ENGINE = replace(
    pin("engine", via=("-r requirements.in",)),
    requires_python=">=3.8",
    file=replace(
        file("engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"),
        size_bytes=1234,
        uploaded_at="2024-05-01T10:20:30.123456Z",
        identities=(Identity(kind="GitHub", facts=(("workflow", "release.yml"), ("repository", "acme/engine"))),),
    ),
)
WHOLE = locked(
    LINUX,
    ENGINE,
    pin("fuel", via=("engine", "-r requirements.in"), notes=("a note",)),
    inputs=("-r requirements.in",),
    refresh_command=f"wheelpin lock -r requirements.in --target {LINUX.name} --format pylock",
    exclude_newer="2024-06-01T00:00:00Z",
    proof=Proof(),
)
TEXT = f"""\
lock-version = "1.0"
environments = [
    "python_version == '3.12' and platform_python_implementation == 'CPython' and sys_platform == 'linux' and \
platform_machine == 'x86_64'",
]
requires-python = "==3.12.*"
created-by = "wheelpin"

[[packages]]
name = "engine"
version = "1.0"
requires-python = ">=3.8"
dependencies = [
    {{ name = "fuel" }},
]
index = "https://index.example/simple/"
attestation-identities = [
    {{ kind = "GitHub", repository = "acme/engine", workflow = "release.yml" }},
]

[[packages.wheels]]
name = "engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
upload-time = 2024-05-01 10:20:30.123456+00:00
url = "https://files.example/engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
size = 1234

[packages.wheels.hashes]
sha256 = "{"a" * 64}"

[packages.tool.wheelpin]
via = [
    "-r requirements.in",
]

[[packages]]
name = "fuel"
"""


def test_all_that_the_standard_has_a_place_for_stands_there() -> None:
    text = to_text(WHOLE, LockFormat.PYLOCK)
    assert text.startswith(TEXT)
    said = tomllib.loads(text)["tool"]["wheelpin"]
    assert said["target"] == LINUX.spelling
    assert said["inputs"] == ["-r requirements.in"]
    assert said["refresh"] == WHOLE.refresh_command
    assert said["exclude-newer"] == "2024-06-01T00:00:00Z"


def test_whole_lock_reads_back() -> None:
    assert parse_lock(to_text(WHOLE, LockFormat.PYLOCK), ORIGIN) == WHOLE


def test_edit_of_a_pin_shows() -> None:
    text = to_text(WHOLE, LockFormat.PYLOCK).replace("a" * 64, "b" * 64)
    assert parse_lock(text, ORIGIN).proof == Proof(is_intact=False)


times = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
identities = st.builds(
    Identity,
    kind=words,
    facts=st.dictionaries(words.filter(lambda word: word != "kind"), words, max_size=2).map(
        lambda facts: tuple(facts.items())
    ),
)


@st.composite
def full_locks(draw: st.DrawFn) -> Lock:
    """Draw a lock with all that an index says, and pins that ask for each other."""
    found = draw(locks())
    projects = st.sampled_from([str(each.project) for each in found.pins] or ["none"])
    pins = []
    for each in found.pins:
        assert isinstance(each.file, LockedFile)
        whole = replace(
            each.file,
            url=None if each.file.url is None else f"https://files.example/{each.file.filename}",
            size_bytes=draw(st.none() | st.integers(min_value=0, max_value=10**12)),
            uploaded_at=draw(st.none() | times),
            identities=tuple(draw(st.lists(identities, max_size=2))),
        )
        via = (*each.via, *draw(st.lists(projects, max_size=2)))
        python = draw(st.sampled_from([None, ">=3.6", "!=3.5,>=2.7"]))
        pins.append(replace(each, file=whole, via=via, requires_python=python))
    return replace(found, pins=tuple(pins))


@settings(max_examples=30)
@given(full_locks())
def test_every_field_reads_back(found: Lock) -> None:
    text = to_text(found, LockFormat.PYLOCK)
    assert parse_lock(text, ORIGIN) == found
    assert to_text(parse_lock(text, ORIGIN), LockFormat.PYLOCK) == text


@settings(max_examples=30)
@given(full_locks())
def test_text_is_valid_and_has_one_wheel_a_package_and_no_sdist(found: Lock) -> None:
    pylock = Pylock.from_dict(tomllib.loads(to_text(found, LockFormat.PYLOCK)))
    pylock.validate()
    assert [package.name for package in pylock.packages] == [each.project for each in found.pins]
    assert all(len(package.wheels or ()) == 1 and package.sdist is None for package in pylock.packages)


@settings(max_examples=30)
@given(full_locks(), st.sampled_from([LockFormat.REQUIREMENTS, LockFormat.HASHES]))
def test_pip_forms_pass_through_pylock_unchanged(found: Lock, form: LockFormat) -> None:
    through = parse_lock(to_text(found, LockFormat.PYLOCK), ORIGIN)
    assert to_text(through, form) == to_text(found, form)


@pytest.mark.parametrize(
    ("target_name", "filename"),
    [
        pytest.param("cp312-win_amd64", "pylock.cp312-win_amd64.toml", id="tags"),
        pytest.param("aws-lambda-python3.12-arm64", "pylock.aws-lambda-python3_12-arm64.toml", id="a name with a dot"),
    ],
)
def test_file_name_follows_the_standard(target_name: str, filename: str) -> None:
    assert LockFormat.PYLOCK.file_name(target_name) == filename
    assert is_valid_pylock_path(Path(filename))


@pytest.mark.parametrize(
    "a_file",
    [
        pytest.param(file("alpha-1.0-py3-none-any.whl", url=None), id="neither address nor path"),
        pytest.param(UnnamedFile(digests=frozenset({sha256("a")})), id="digests only"),
    ],
)
def test_pin_that_names_no_place_is_refused(a_file: LockedFile | UnnamedFile) -> None:
    with pytest.raises(PinWithoutAddressError):
        to_text(lock(pin("alpha", a_file=a_file)), LockFormat.PYLOCK)


def test_secrets_and_what_is_no_standard_stay_out() -> None:
    secret = replace(
        file("alpha-1.0-py3-none-any.whl", url="https://me:word@files.example/alpha-1.0-py3-none-any.whl?sign=1"),
        index=IndexUrl("https://me:word@index.example/simple/"),
        uploaded_at="yesterday",
    )
    text = to_text(lock(replace(pin("alpha", a_file=secret), requires_python=">=three")), LockFormat.PYLOCK)
    assert "word" not in text
    assert "sign" not in text
    back = parse_lock(text, ORIGIN).pins[0]
    assert isinstance(back.file, LockedFile)
    assert (back.requires_python, back.file.uploaded_at) == (None, None)
    assert (back.file.url, back.file.index) == ("https://files.example/alpha-1.0-py3-none-any.whl", INDEX)


def test_lock_without_a_target_says_nothing_of_environments() -> None:
    text = to_text(lock(pin("alpha"), target=None), LockFormat.PYLOCK)
    assert "environments" not in text
    assert "requires-python" not in text
    assert parse_lock(text, ORIGIN).target is None


# What somebody may do to it


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("lock-version = 1\n", "lock-version = 2\n", "this lock has version 2", id="a later version"),
        pytest.param("lock-version = 1\n", 'lock-version = "1"\n', "should be a number", id="a version that is none"),
        pytest.param("[tool.wheelpin]", "[tool.wheelpin]\ntargets = 1", "targets under tool.wheelpin", id="no list"),
        pytest.param("[tool.wheelpin]", "[tool.wheelpin]\ntargets = [1]", "no list of tables", id="no tables"),
        pytest.param('via = [\n    "-r', 'via = [\n    1, "-r', "line 8: via under tool.wheelpin", id="no texts"),
        pytest.param('version = "1.0"\nrequires', "requires", "engine has no version", id="no version"),
        pytest.param('"fuel"\nversion', '"engine"\nversion', "is pinned here and in", id="pinned twice"),
        pytest.param(f'"{"a" * 64}"', '"ab"', "has no sha256", id="no digest"),
        pytest.param('version = "3.12', 'version = "x', "is no Python version", id="no Python version"),
    ],
)
def test_edit_that_leaves_no_lock_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    text = to_text(WHOLE, LockFormat.PYLOCK)
    assert old in text
    edited = text.replace(old, new)
    if "pinned" in message:
        edited = edited.replace("fuel-1.0", "engine-1.0")
    with pytest.raises(LockSyntaxError, match=message):
        parse_lock(edited, ORIGIN)


def test_table_that_is_none_is_refused() -> None:
    text = to_text(lock(pin("alpha", via=("x",))), LockFormat.PYLOCK)
    edited = text.replace('[packages.tool.wheelpin]\nvia = [\n    "x",\n]\n', "[packages.tool]\nwheelpin = 1\n")
    with pytest.raises(LockSyntaxError, match=r"tool\.wheelpin is no table"):
        parse_lock(edited, ORIGIN)


@pytest.mark.parametrize(
    "reference", ['name = "fuel", marker = "oops"', 'name = "fuel", version = "9"', 'name = "other"', "version = 1"]
)
def test_reference_that_means_no_package_means_nothing(reference: str) -> None:
    text = to_text(WHOLE, LockFormat.PYLOCK).replace('{ name = "fuel" }', f"{{ {reference} }}")
    back = parse_lock(text, ORIGIN)
    assert back.pins[1].via == ("-r requirements.in",)
    assert back.proof == Proof(is_intact=False)


def test_package_with_two_wheels_for_one_target_is_refused() -> None:
    text = to_text(lock(pin("alpha")), LockFormat.PYLOCK)
    start = text.index("[[packages.wheels]]")
    end = text.index("[tool.wheelpin]")
    with pytest.raises(LockSyntaxError, match="alpha has 2 wheels for one target"):
        parse_lock(text[:end] + text[start:end] + text[end:], ORIGIN)


def test_conflict_of_a_merge_is_named() -> None:
    text = to_text(WHOLE, LockFormat.PYLOCK)
    with pytest.raises(LockSyntaxError, match="line 1: a merge left both sides"):
        parse_lock(f"<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n", ORIGIN)


def test_another_tools_pylock_needs_a_target() -> None:
    text = to_text(WHOLE, LockFormat.PYLOCK).partition("[tool.wheelpin]")[0]
    with pytest.raises(MarkedLineError):
        parse_lock(text, ORIGIN)
    assert [str(each.project) for each in parse_lock(text, ORIGIN, target=LINUX).pins] == ["engine", "fuel"]


# Several targets


def selected(text: str, target: Target) -> list[str]:
    """Return what an installer that follows the standard takes on *target*."""
    pylock = Pylock.from_dict(tomllib.loads(text))
    tags = [tag for text in target.tags for tag in parse_tag(text)]
    environment = {"implementation_version": "3.12.0", **target.markers, "platform_release": "", "platform_version": ""}
    chosen = pylock.select(environment=environment, tags=tags)  # type: ignore[arg-type]
    return [file.filename for _, file in chosen]  # type: ignore[union-attr]


SEVERAL = (
    locked(LINUX, pin("app"), compiled("core", LINUX, via=("app",)), inputs=("app",)),
    locked(WINDOWS, pin("app"), compiled("core", WINDOWS, digest="d", via=("app",)), pin("colour", via=("app",))),
    locked(ARM, pin("app", "2.0"), compiled("core", ARM, digest="e", via=("app",))),
)


def test_locks_for_machines_that_markers_tell_apart_share_a_file() -> None:
    text = to_pylock(SEVERAL)
    assert read_own_pylock(text, ORIGIN) == SEVERAL
    for each, target in zip(SEVERAL, (LINUX, WINDOWS, ARM), strict=True):
        files = [entry.file for entry in each.pins]
        assert selected(text, target) == [entry.filename for entry in files if isinstance(entry, LockedFile)]
        assert parse_lock(text, ORIGIN, target=target) == each


def test_wheels_of_one_version_share_a_package_where_tags_choose_rightly() -> None:
    packages = Pylock.from_dict(tomllib.loads(to_pylock(SEVERAL))).packages
    assert [(package.name, str(package.version), len(package.wheels or ())) for package in packages] == [
        ("app", "1.0", 1),
        ("app", "2.0", 1),
        ("colour", "1.0", 1),
        ("core", "1.0", 3),
    ]
    assert packages[0].marker is not None
    assert packages[3].marker is None
    assert packages[0].dependencies == [{"name": "colour"}, {"name": "core"}]


def test_wheels_stand_apart_where_tags_would_choose_wrongly() -> None:
    """A yanked or excluded file may be why a lock has another than the best; the markers must choose then."""
    plain = locked(LINUX, pin("core", via=("app",)), pin("app"))
    native = locked(ARM, compiled("core", ARM, via=("app",)), pin("app"))
    better = replace(native, pins=(pin("app"), pin("core", a_file=file("core-1.0-cp312-none-any.whl"), via=("app",))))
    text = to_pylock((plain, better))
    assert selected(text, LINUX) == ["app-1.0-py3-none-any.whl", "core-1.0-py3-none-any.whl"]
    assert selected(text, ARM) == ["app-1.0-py3-none-any.whl", "core-1.0-cp312-none-any.whl"]
    assert read_own_pylock(text, ORIGIN) == (plain, better)


@pytest.mark.parametrize(
    ("target", "tags", "other", "other_tags"),
    [
        pytest.param(
            *("cp312-manylinux_2_17_x86_64", "py3-none-manylinux_2_17_x86_64"),
            *("cp311-manylinux_2_28_x86_64", "py3-none-manylinux_2_28_x86_64"),
            id="a newer libc",
        ),
        pytest.param(
            *("cp312-macosx_11_0_arm64", "py3-none-macosx_11_0_arm64"),
            *("cp311-macosx_14_0_arm64", "py3-none-macosx_14_0_arm64"),
            id="a newer macOS",
        ),
        pytest.param(
            *("cp312-win_amd64", "py3-none-any"), *("cp311-win_amd64", "py2.py3-none-any"), id="tags of one rank"
        ),
    ],
)
def test_wheels_stand_apart_where_a_newer_machine_would_choose_another(
    target: str, tags: str, other: str, other_tags: str
) -> None:
    locks = [
        locked(Target.parse(text), pin("core", a_file=file(f"core-1.0-{of}.whl", digest=sha256(digest))))
        for text, of, digest in ((target, tags, "a"), (other, other_tags, "b"))
    ]
    packages = Pylock.from_dict(tomllib.loads(to_pylock(locks))).packages
    assert [len(package.wheels or ()) for package in packages] == [1, 1]
    assert all(package.marker is not None for package in packages)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("cp312-manylinux_2_28_x86_64", "cp312-manylinux2014_x86_64", id="libc levels"),
        pytest.param("cp312-manylinux_2_28_x86_64", "cp312-musllinux_1_2_x86_64", id="libcs"),
        pytest.param("cp313-manylinux_2_28_x86_64", "cp313t-manylinux_2_28_x86_64", id="ABIs"),
        pytest.param("cp27m-manylinux1_x86_64", "cp27-manylinux1_x86_64", id="widths of characters"),
        pytest.param("cp312-manylinux_2_28_x86_64", "cp312-manylinux_2_28_x86_64-exact", id="exact"),
        pytest.param("cp312-manylinux_2_28_x86_64", "cp312-manylinux_2_28_i686", id="32 bits on a kernel of 64"),
        pytest.param("cp312-macosx_11_0_arm64", "cp312-macosx_14_0_arm64", id="releases of macOS"),
    ],
)
def test_targets_that_no_marker_tells_apart_are_refused(first: str, second: str) -> None:
    with pytest.raises(TargetsAlikeError, match=f"no marker tells {first} and {second} apart"):
        to_pylock([locked(Target.parse(text), pin("app")) for text in (first, second)])


@settings(max_examples=30)
@given(st.data())
def test_several_locks_read_back(data: st.DataObject) -> None:
    targets = [Target.parse(text) for text in ("cp36-manylinux1_x86_64", "cp37-manylinux1_x86_64", "cp36-win_amd64")]
    several = [replace(data.draw(full_locks()), target=LockedTarget.of(target)) for target in targets]
    text = to_pylock(several)
    Pylock.from_dict(tomllib.loads(text)).validate()
    assert read_own_pylock(text, ORIGIN) == tuple(several)


def test_lock_of_several_says_so_where_nobody_says_which() -> None:
    with pytest.raises(LockSyntaxError, match=f"a lock for 3 targets: {LINUX}, {WINDOWS}, {ARM}"):
        parse_lock(to_pylock(SEVERAL), ORIGIN)


def test_python_is_named_where_all_have_the_same() -> None:
    assert 'requires-python = "==3.12.*"' in to_pylock(SEVERAL)
    other = locked(Target.parse("cp313-win_amd64"), pin("app"))
    assert "requires-python" not in to_pylock((SEVERAL[0], other))


def test_version_of_python_may_be_unknown() -> None:
    unknown = replace(LockedTarget.of(LINUX), python_full_version=None)
    found = replace(SEVERAL[0], target=unknown)
    assert parse_lock(to_text(found, LockFormat.PYLOCK), ORIGIN).target == unknown
    assert str(Marker(tomllib.loads(to_text(found, LockFormat.PYLOCK))["environments"][0]))
