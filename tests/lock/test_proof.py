"""What a lock records for later checks: that its pins are those that were found, and what else shaped them."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.lock.examples import INDEX, ORIGIN, file, lock, pin, sha256
from wheelpin.locks import Lock, LockFormat, LockSyntaxError, Proof, parse_lock, to_text
from wheelpin.values import IndexUrl

LOCK = replace(
    lock(
        pin("alpha", "1.0", via=("-r requirements.in",)),
        pin("beta", "2.0", a_file=file("beta-2.0-py3-none-any.whl", digest=sha256("b")), via=("alpha",)),
        inputs=("-r requirements.in",),
        indexes=(INDEX, IndexUrl("https://second.example/simple/")),
    ),
    proof=Proof(facts=(("hashes", "1f0c3d5a"), ("yanked", "beta"))),
)
TEXT = to_text(LOCK, LockFormat.REQUIREMENTS)
HASHES = to_text(LOCK, LockFormat.HASHES)


def proof_of(text: str) -> Proof:
    proof = parse_lock(text, ORIGIN).proof
    assert proof is not None
    return proof


@pytest.mark.parametrize("text", [TEXT, HASHES], ids=["requirements", "hashes"])
def test_proof_is_one_line_that_reads_back(text: str) -> None:
    (line,) = [line for line in text.splitlines() if line.startswith("# proof: ")]
    assert line.startswith("# proof: pins=")
    assert line.endswith(" hashes=1f0c3d5a yanked=beta")
    assert proof_of(text) == LOCK.proof


def test_lock_of_an_earlier_wheelpin_has_none() -> None:
    earlier = "".join(line for line in TEXT.splitlines(keepends=True) if not line.startswith("# proof: "))
    found = parse_lock(earlier, ORIGIN)
    assert found == replace(parse_lock(TEXT, ORIGIN), proof=None)
    assert to_text(found, LockFormat.REQUIREMENTS) == earlier


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace("beta-2.0-", "beta-2.1-"), id="another version"),
        pytest.param(lambda text: text.replace("b" * 64, "c" * 64), id="another digest"),
        pytest.param(lambda text: text.replace("    # via alpha\n", ""), id="one who asks is gone"),
        pytest.param(lambda text: text.replace("# via alpha", "# via alpha\n    # extras: x"), id="an extra more"),
        pytest.param(lambda text: text[: text.index("beta @")], id="a pin is gone"),
        pytest.param(lambda text: text.replace("https://files", "https://mirror"), id="another address"),
        pytest.param(
            lambda text: text.replace("# index: https://index", "# index: https://mirror"), id="another index"
        ),
        pytest.param(lambda text: text.replace("pins=", "pins=0"), id="the digest itself"),
        pytest.param(lambda text: text.replace("pins=", "pens="), id="no digest"),
    ],
)
def test_edit_of_the_pins_shows_and_goes_on_showing(edit: Callable[[str], str]) -> None:
    edited = edit(TEXT)
    assert edited != TEXT
    assert not proof_of(edited).is_intact
    again = to_text(parse_lock(edited, ORIGIN), LockFormat.HASHES)
    assert "# proof: pins=edited" in again
    assert not proof_of(again).is_intact


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(
            lambda text: text.replace("# via alpha", "# via alpha\n# really\n\n"), id="a comment, an empty line"
        ),
        pytest.param(lambda text: text.replace("\n    #", "\n  #  "), id="other spaces"),
        pytest.param(lambda text: text.replace("alpha @", "Alpha  @ "), id="another spelling"),
        pytest.param(lambda text: text.replace("input: -r requirements.in", "input: -r a.in"), id="another header"),
    ],
)
def test_edit_beside_the_pins_leaves_them_intact(edit: Callable[[str], str]) -> None:
    edited = edit(TEXT)
    assert edited != TEXT
    assert proof_of(edited).is_intact


def merged(ours: str, theirs: str, *, base: str = "") -> str:
    """Return the lock as git leaves it where both sides changed the line of proof."""
    (line,) = [line for line in TEXT.splitlines() if line.startswith("# proof: ")]
    middle = f"||||||| 1234567\n{base}\n" if base else ""
    return TEXT.replace(line, f"<<<<<<< HEAD\n{ours}\n{middle}=======\n{theirs}\n>>>>>>> a branch")


@pytest.mark.parametrize("base", ["", "# proof: pins=3"], ids=["two sides", "three sides"])
def test_merge_that_left_both_proofs_is_read_as_an_edit(base: str) -> None:
    found = parse_lock(merged("# proof: pins=1 hashes=2", "# proof: pins=2", base=base), ORIGIN)
    assert found == replace(LOCK, proof=Proof(is_intact=False))


def test_merge_that_left_more_is_refused_by_its_line() -> None:
    with pytest.raises(LockSyntaxError, match="line 7: a merge left both sides here"):
        parse_lock(merged("# proof: pins=1\n# refresh: a", "# proof: pins=2\n# refresh: b"), ORIGIN)


def test_equal_locks_have_equal_proofs() -> None:
    swapped = Lock(**{name: getattr(LOCK, name) for name in LOCK.__struct_fields__} | {"pins": LOCK.pins[::-1]})
    assert to_text(swapped, LockFormat.REQUIREMENTS) == TEXT
