"""What a lock says of a wheel that nobody published."""

import pytest

from tests.lock.examples import ORIGIN, lock, pin, sha256
from wheelpin.locks import LockedFile, LockFormat, Provenance, parse_lock, to_text

BUILT = Provenance(
    source="https://user:secret@files.example/docopt-0.6.2.tar.gz?signature=1",
    source_sha256=sha256("b"),
    image="quay.example/manylinux1_x86_64:2021",
    image_digest=f"sha256:{sha256('c')}",
    requirements=("wheel==0.37.1", "setuptools==59.6.0", "wheel==0.37.1"),
    tools=("auditwheel 5.1.2",),
)
WHEEL = LockedFile(
    filename="docopt-0.6.2-py3-none-any.whl",
    sha256=sha256("a"),
    path="lockfiles/wheelhouse/docopt-0.6.2-py3-none-any.whl",
    built=BUILT,
)


def test_a_built_wheel_is_pinned_by_its_path_and_tells_what_went_into_it() -> None:
    text = to_text(lock(pin("docopt", "0.6.2", a_file=WHEEL)), LockFormat.REQUIREMENTS)
    assert text.partition("\n\n")[2].splitlines() == [
        f"./lockfiles/wheelhouse/docopt-0.6.2-py3-none-any.whl --hash=sha256:{sha256('a')}",
        f"    # built-from: https://files.example/docopt-0.6.2.tar.gz#sha256={sha256('b')}",
        f"    # built-in: quay.example/manylinux1_x86_64:2021@sha256:{sha256('c')}",
        "    # built-with: setuptools==59.6.0 wheel==0.37.1",
        "    # built-by: auditwheel 5.1.2",
    ]


@pytest.mark.parametrize(
    "comments",
    [
        pytest.param("    # built-from: docopt-0.6.2.tar.gz\n", id="a source without its digest"),
        pytest.param(f"    # built-from: a.tar.gz#sha256={sha256('b')}\n", id="no image"),
        pytest.param("", id="nothing said"),
    ],
)
def test_half_a_provenance_is_none(comments: str) -> None:
    line = f"./docopt-0.6.2-py3-none-any.whl --hash=sha256:{sha256('a')}\n"
    (found,) = parse_lock(f"# wheels\n\n{line}{comments}", ORIGIN).pins
    assert isinstance(found.file, LockedFile)
    assert found.file.built is None
