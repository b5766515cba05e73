"""Files of hashes for several machines at once, as poetry, pip-tools and uv write them, read for one target."""

import pytest

from tests.lock.examples import ORIGIN, sha256
from wheelpin.locks import LockSyntaxError, UnnamedFile, parse_lock
from wheelpin.target import Target, UnknownMarkerError

WINDOWS = Target.parse("cp312-win_amd64")
HASH = f"--hash=sha256:{'a' * 64}"
POETRY = f"""\
--extra-index-url https://index.example/simple;x/

a==1.0 ; python_version >= "3.8" and python_version < "4.0" \\
    {HASH} \\
    --hash=sha256:{"b" * 64}
b==1.0 ; platform_system == "Linux" {HASH}
    # via a
c==1.0 ; python_version < "3.9" {HASH}
c==2.0 ; python_version >= "3.9" {HASH}
    # via a
d[x]==1.0;sys_platform=="win32" {HASH}
e @ https://files.example/e;1/e-1.0-py3-none-any.whl#sha256={"a" * 64} ; os_name == "nt"
f @ https://files.example/f-1.0-py3-none-any.whl#sha256={"a" * 64} ; os_name == "posix"
g==1.0 {HASH}
"""


def test_lines_are_chosen_by_the_target() -> None:
    lock = parse_lock(POETRY, ORIGIN, target=WINDOWS)
    assert [(pin.project, str(pin.version)) for pin in lock.pins] == [
        *(("a", "1.0"), ("c", "2.0"), ("d", "1.0"), ("e", "1.0"), ("g", "1.0"))
    ]
    assert lock.pins[0].file == UnnamedFile(digests=frozenset({sha256("a"), sha256("b")}))


def test_comments_of_a_line_that_is_left_out_are_left_out() -> None:
    pins = {str(pin.project): pin for pin in parse_lock(POETRY, ORIGIN, target=WINDOWS).pins}
    assert (pins["a"].via, pins["c"].via) == ((), ("a",))


@pytest.mark.parametrize(
    ("line", "target", "error", "message"),
    [
        pytest.param(f"a==1 ; os_name == 'nt' {HASH}", None, LockSyntaxError, "has a marker", id="no target"),
        pytest.param(f"a==1 ; oops {HASH}", WINDOWS, LockSyntaxError, "'oops' is no marker", id="no marker"),
        pytest.param(
            f"a==1 ; platform_release == '10' {HASH}", WINDOWS, UnknownMarkerError, "platform_release", id="unknown"
        ),
        pytest.param("a==1 ; os_name == 'nt'", WINDOWS, LockSyntaxError, "has no sha256", id="no hash"),
        pytest.param(
            f"a==1 ; os_name == 'nt' {HASH}\na==2 {HASH}", WINDOWS, LockSyntaxError, "pinned already", id="both apply"
        ),
    ],
)
def test_line_that_cannot_be_judged_is_refused(
    line: str, target: Target | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        parse_lock(line + "\n", ORIGIN, target=target)
