from wheelpin.builder.provenance import make_record, parse_record, recipe_digest, record_to_json
from wheelpin.locks import Provenance
from wheelpin.project import Recipe
from wheelpin.values import Sha256

PROVENANCE = Provenance(
    source="https://files.example/demo-1.0.tar.gz",
    source_sha256=Sha256("a" * 64),
    image="quay.example/manylinux1_x86_64",
    image_digest=f"sha256:{'b' * 64}",
    requirements=("wheel==0.37.1", "setuptools==59.6.0"),
    tools=("auditwheel 5.1.2",),
)
RECORD = make_record(
    PROVENANCE, wheel="demo-1.0-py3-none-any.whl", sha256=Sha256("c" * 64), target="cp36-manylinux1_x86_64", recipe="d"
)


def test_record_reads_back_and_says_what_a_lock_says() -> None:
    assert parse_record(record_to_json(RECORD)) == RECORD
    assert RECORD.provenance == PROVENANCE


def test_what_is_no_record_is_none() -> None:
    assert parse_record(b"{}") is None
    assert parse_record(b"\xff") is None
    later = record_to_json(RECORD).replace(b'"wheelpin-provenance": 1', b'"wheelpin-provenance": 2')
    assert parse_record(later) is None


def test_recipe_is_known_by_what_shapes_the_wheel() -> None:
    plain = recipe_digest(Recipe(), [])
    assert recipe_digest(Recipe(test_command=("true",)), []) == plain
    assert recipe_digest(Recipe(environment={"CFLAGS": "-O1"}), []) != plain
    assert recipe_digest(Recipe(patches=("a",)), [b"1"]) != recipe_digest(Recipe(patches=("a",)), [b"2"])
