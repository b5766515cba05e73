"""A pylock.toml of any tool, read for one target: which package applies, which wheel is taken, what is refused."""

import pytest

from tests.lock.examples import sha256
from wheelpin.errors import InputError, ResolutionError
from wheelpin.locks import Lock, LockedFile, LockSyntaxError
from wheelpin.locks.kinds import is_pylock
from wheelpin.locks.pylock_form import LockNotForTargetError, NotAWheelError, parse_pylock_for
from wheelpin.requirements.pylock_file import PylockFileError
from wheelpin.target import Target, UnknownMarkerError
from wheelpin.values import Origin

ORIGIN = Origin("pylock.toml")
LINUX = Target.parse("cp312-manylinux_2_28_x86_64", python_full_version="3.12.3")
HEAD = 'lock-version = "1.0"\ncreated-by = "a test"\n'


def wheel(filename: str, *, place: str = 'url = "https://files.example/{}"', hashes: str | None = None) -> str:
    digests = hashes if hashes is not None else f'sha256 = "{"a" * 64}"'
    return f"{{ {place.format(filename)}, hashes = {{ {digests} }} }}"


def file_at(url: str) -> str:
    return f'{{ url = "{url}", hashes = {{ sha256 = "{"a" * 64}" }} }}'


def package(name: str, *wheels: str, version: str = "1.0", more: str = "") -> str:
    listed = f"wheels = [{', '.join(wheels)}]\n" if wheels else ""
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{more}\n{listed}'


def read(*packages: str, head: str = HEAD, target: Target = LINUX) -> Lock:
    return parse_pylock_for(head + "\n".join(packages), ORIGIN, target)


def filenames(lock: Lock) -> list[str]:
    return [pin.file.filename for pin in lock.pins if isinstance(pin.file, LockedFile)]


UNIVERSAL = [
    wheel(f"engine-1.0-{tags}.whl")
    for tags in (
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp312-cp312-macosx_11_0_arm64",
        "cp312-cp312-manylinux_2_17_aarch64",
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_34_x86_64",
        "cp312-cp312-musllinux_1_2_x86_64",
        "cp312-cp312-win_amd64",
        "py3-none-any",
    )
]


@pytest.mark.parametrize(
    ("target", "tags"),
    [
        pytest.param("cp312-manylinux_2_28_x86_64", "cp312-cp312-manylinux_2_28_x86_64", id="the newest libc it has"),
        pytest.param("cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_x86_64", id="an older libc"),
        pytest.param("cp312-manylinux2014_aarch64", "cp312-cp312-manylinux_2_17_aarch64", id="another architecture"),
        pytest.param("cp312-musllinux_1_2_x86_64", "cp312-cp312-musllinux_1_2_x86_64", id="another libc"),
        pytest.param("cp312-macosx_14_0_arm64", "cp312-cp312-macosx_11_0_arm64", id="an older macOS serves"),
        pytest.param("cp312-win_amd64", "cp312-cp312-win_amd64", id="Windows"),
        pytest.param("cp313-win_amd64", "py3-none-any", id="what serves all, where nothing else does"),
    ],
)
def test_target_takes_the_wheel_it_likes_best(target: str, tags: str) -> None:
    assert filenames(read(package("engine", *UNIVERSAL), target=Target.parse(target))) == [f"engine-1.0-{tags}.whl"]


def test_later_build_goes_before_an_earlier_one() -> None:
    wheels = [wheel(f"a-1.0-{build}py3-none-any.whl") for build in ("", "2-", "10-")]
    assert filenames(read(package("a", *wheels))) == ["a-1.0-10-py3-none-any.whl"]


def test_pin_has_all_that_the_lock_says() -> None:
    listed = wheel("a-1.0-py3-none-any.whl").replace("hashes", "size = 7, hashes")
    lock = read(package("a", listed, more='requires-python = ">=3.8"\nindex = "https://index.example/simple/"'))
    (pin,) = lock.pins
    assert (pin.project, str(pin.version), pin.requires_python) == ("a", "1.0", ">=3.8")
    assert pin.file == LockedFile(
        filename="a-1.0-py3-none-any.whl",
        sha256=sha256("a"),
        url="https://files.example/a-1.0-py3-none-any.whl",
        size_bytes=7,
        index="https://index.example/simple/",  # type: ignore[arg-type]  # a NewType of str
    )
    assert lock.target is not None
    assert lock.target.spelling == LINUX.spelling


def test_name_stands_beside_an_address_that_does_not_show_it() -> None:
    place = 'name = "a-1.0-py3-none-any.whl", url = "https://files.example/download/1"'
    assert filenames(read(package("a", wheel("", place=place)))) == ["a-1.0-py3-none-any.whl"]


def test_path_stays_relative_to_the_lock() -> None:
    (pin,) = read(package("a", wheel("wheels/a-1.0-py3-none-any.whl", place='path = "{}"'))).pins
    assert isinstance(pin.file, LockedFile)
    assert (pin.file.path, pin.file.url) == ("wheels/a-1.0-py3-none-any.whl", None)


def test_archive_that_is_a_wheel_is_one() -> None:
    archive = (
        f'archive = {{ url = "https://files.example/a-1.0-py3-none-any.whl", hashes = {{ sha256 = "{"b" * 64}" }} }}'
    )
    (pin,) = read(package("a", more=archive)).pins
    assert isinstance(pin.file, LockedFile)
    assert (pin.file.filename, pin.file.sha256) == ("a-1.0-py3-none-any.whl", sha256("b"))


def applies(marker: str, *, head: str = HEAD, target: Target = LINUX) -> bool:
    return bool(
        read(package("a", wheel("a-1.0-py3-none-any.whl"), more=f"marker = {marker!r}"), head=head, target=target).pins
    )


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        pytest.param('sys_platform == "linux"', True, id="of the system"),
        pytest.param('sys_platform == "win32"', False, id="of another system"),
        pytest.param('python_version < "3.8"', False, id="of an older Python"),
        pytest.param('python_full_version >= "3.12.3"', True, id="of the exact Python"),
        pytest.param('"dev" in dependency_groups', False, id="of a group that is no default"),
        pytest.param('"main" in dependency_groups', True, id="of a default group"),
        pytest.param('"mai" in dependency_groups', False, id="of a group whose name begins alike"),
        pytest.param('"dev" not in dependency_groups', True, id="of all but a group"),
        pytest.param('"socks" in extras', False, id="of an extra"),
        pytest.param('"socks" in extras or "main" in dependency_groups', True, id="of either"),
        pytest.param('"main" in dependency_groups and sys_platform == "win32"', False, id="of both"),
        pytest.param('("a" in extras or "main" in dependency_groups) and os_name == "posix"', True, id="in brackets"),
    ],
)
def test_marker_is_judged_by_the_target(marker: str, holds: bool) -> None:
    assert applies(marker, head=f'{HEAD}default-groups = ["main"]\ndependency-groups = ["dev", "main"]\n') is holds


@pytest.mark.parametrize(
    ("target", "warnings"),
    [
        pytest.param(LINUX, 0, id="a patch that was said"),
        pytest.param(Target.parse(LINUX.name), 1, id="a patch that is assumed"),
    ],
)
def test_answer_that_hinges_on_an_assumed_patch_is_warned_of(target: Target, warnings: int) -> None:
    said: list[str] = []
    text = HEAD + package("a", wheel("a-1.0-py3-none-any.whl"), more="""marker = 'python_full_version < "3.12.2"'""")
    parse_pylock_for(text, ORIGIN, target, warn=said.append)
    assert len(said) == warnings
    assert all(warning.startswith("pylock.toml, line 3: whether a is needed") for warning in said)


def test_one_of_two_namesakes_applies() -> None:
    for_linux = package("a", wheel("a-1.0-py3-none-any.whl"), more="""marker = 'sys_platform == "linux"'""")
    for_others = package(
        "a", wheel("a-2.0-py3-none-any.whl"), version="2.0", more="""marker = 'sys_platform != "linux"'"""
    )
    assert filenames(read(for_linux, for_others)) == ["a-1.0-py3-none-any.whl"]
    assert filenames(read(for_linux, for_others, target=Target.parse("cp312-win32"))) == ["a-2.0-py3-none-any.whl"]


def test_value_that_nobody_can_know_is_asked_for() -> None:
    with pytest.raises(UnknownMarkerError, match="platform_release"):
        applies('platform_release == "5.10"')
    stated = Target.parse(LINUX.name, marker_values={"platform_release": "5.10"})
    assert applies('platform_release == "5.10"', target=stated)


@pytest.mark.parametrize(
    ("packages", "head", "error", "message"),
    [
        pytest.param(
            [package("engine", *UNIVERSAL[1:3])],
            HEAD,
            LockNotForTargetError,
            "pylock.toml, line 3: no wheel of engine fits cp312-manylinux_2_28_x86_64; the nearest, "
            "engine-1.0-cp312-cp312-manylinux_2_17_aarch64.whl: is for aarch64, the target is x86_64",
            id="no wheel for it",
        ),
        pytest.param(
            [package("engine", UNIVERSAL[1], UNIVERSAL[5])],
            HEAD,
            LockNotForTargetError,
            "pylock.toml, line 3: no wheel of engine fits cp312-manylinux_2_28_x86_64; the nearest, "
            "engine-1.0-cp312-cp312-manylinux_2_34_x86_64.whl: needs glibc 2.34, the target has 2.28",
            id="a newer libc is nearer than another system",
        ),
        pytest.param(
            [package("a", wheel("a-1.0-py3-none-any.whl"))],
            HEAD + 'requires-python = ">=3.13"\n',
            LockNotForTargetError,
            "pylock.toml: it is for Python >=3.13, and cp312-manylinux_2_28_x86_64 has 3.12.3",
            id="made for a later Python",
        ),
        pytest.param(
            [package("a", wheel("a-1.0-py3-none-any.whl"))],
            HEAD + "environments = [\"sys_platform == 'win32'\"]\n",
            LockNotForTargetError,
            "pylock.toml: none of the environments that it is for is cp312-manylinux_2_28_x86_64",
            id="made for other environments",
        ),
        pytest.param(
            [package("a", wheel("a-1.0-py3-none-any.whl"), more='requires-python = ">=3.13"')],
            HEAD,
            LockNotForTargetError,
            "pylock.toml, line 3: a is for Python >=3.13, and the target has 3.12.3",
            id="a package for a later Python",
        ),
        pytest.param(
            [
                package(
                    "a",
                    more=f"sdist = {file_at('https://files.example/a-1.0.tar.gz')}",
                )
            ],
            HEAD,
            NotAWheelError,
            "pylock.toml, line 3: a is locked as an sdist only, which would have to be built",
            id="an sdist only",
        ),
        pytest.param(
            [package("a", more='vcs = { type = "git", url = "https://git.example/a", commit-id = "1234" }')],
            HEAD,
            NotAWheelError,
            "pylock.toml, line 3: a is locked as a checkout, which would have to be built",
            id="a checkout",
        ),
        pytest.param(
            [package("a", more='directory = { path = "." }')],
            HEAD,
            NotAWheelError,
            "pylock.toml, line 3: a is locked as a folder, which would have to be built",
            id="a folder",
        ),
        pytest.param(
            [
                package(
                    "a",
                    more=f"archive = {file_at('https://files.example/a.zip?x=.whl')}",
                )
            ],
            HEAD,
            NotAWheelError,
            "pylock.toml, line 3: a is locked as an archive of sources, which would have to be built",
            id="an archive of sources",
        ),
        pytest.param(
            [package("a", wheel("a-1.0-py3-none-any.whl", hashes=f'md5 = "{"a" * 32}"'))],
            HEAD,
            LockSyntaxError,
            "pylock.toml, line 3: a-1.0-py3-none-any.whl has no sha256",
            id="a weak hash only",
        ),
        pytest.param(
            [package("a", wheel("a-1.0-py3-none-any.whl", hashes='sha256 = "../../x"'))],
            HEAD,
            LockSyntaxError,
            "pylock.toml, line 3: a-1.0-py3-none-any.whl has no sha256",
            id="a hash that is none",
        ),
        pytest.param(
            [package("a", wheel("a-1.0-py3-none-any.whl")), package("a", wheel("a-1.0-py3-none-any.whl"))],
            HEAD,
            LockSyntaxError,
            "pylock.toml, line 9: a is locked for cp312-manylinux_2_28_x86_64 here and in pylock.toml, line 3",
            id="two packages of one name",
        ),
        pytest.param(
            [package("a", wheel("b-1.0-py3-none-any.whl"))],
            HEAD,
            PylockFileError,
            None,
            id="a wheel of another project",
        ),
        pytest.param([], "lock-version = ", PylockFileError, None, id="no TOML"),
        pytest.param([], 'lock-version = "9.0"\ncreated-by = "a test"\n', PylockFileError, None, id="of the future"),
    ],
)
def test_refusal_names_the_place(packages: list[str], head: str, error: type[Exception], message: str | None) -> None:
    with pytest.raises(error) as caught:
        read(*packages, head=head)
    assert str(caught.value).startswith("pylock.toml")
    if message is not None:
        assert str(caught.value) == message


def test_what_a_target_lacks_is_no_fault_of_the_input() -> None:
    assert issubclass(LockNotForTargetError, ResolutionError)
    assert issubclass(NotAWheelError, InputError)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param(HEAD, True, id="a pylock.toml"),
        pytest.param("# a comment\nlock-version='1.0'\n", True, id="with a comment before it"),
        pytest.param("# lock-version: 1\na @ https://files.example/a.whl\n", False, id="a lock of wheelpin's"),
        pytest.param("a==1.0 --hash=sha256:00\n", False, id="a file of hashes"),
    ],
)
def test_form_is_told_by_the_text(text: str, answer: bool) -> None:
    assert is_pylock(text) is answer
