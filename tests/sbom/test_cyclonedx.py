"""Bills of materials: valid, complete, the same for the same lock."""

import json
import sys

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from tests.lock.examples import file, lock, pin, sha256
from tests.lock.test_pylock_text import WHOLE, full_locks
from wheelpin.locks import Lock, LockedFile, Provenance, UnnamedFile
from wheelpin.sbom import SbomLibraryMissingError, to_sbom
from wheelpin.values import PYPI, IndexUrl

pytest.importorskip("cyclonedx", reason="cyclonedx-python-lib is missing")


def bill_of(found: Lock) -> dict[str, object]:
    bill = json.loads(to_sbom(found, "function"))
    assert isinstance(bill, dict)
    return bill


def components(found: Lock) -> dict[str, dict[str, object]]:
    listed = bill_of(found).get("components", [])
    assert isinstance(listed, list)
    return {each["name"]: each for each in listed}


def properties(component: object) -> list[tuple[str, str]]:
    assert isinstance(component, dict)
    return [(each["name"].removeprefix("wheelpin:"), each["value"]) for each in component["properties"]]


def edges(found: Lock) -> dict[str, list[str]]:
    listed = bill_of(found)["dependencies"]
    assert isinstance(listed, list)
    return {each["ref"]: each.get("dependsOn", []) for each in listed}


@settings(max_examples=20)
@given(full_locks())
def test_bill_is_valid_under_the_schema(found: Lock) -> None:
    pytest.importorskip("jsonschema", reason="jsonschema is missing")
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(to_sbom(found, "function")) is None


def test_component_is_a_project_of_an_index() -> None:
    engine = components(WHOLE)["engine"]
    assert engine["purl"] == "pkg:pypi/engine@1.0?repository_url=https://index.example/simple/"
    assert engine["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert ("file", "engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl") in properties(engine)
    assert ("attested-by", "GitHub repository=acme/engine workflow=release.yml") in properties(engine)
    assert "licenses" not in engine


@pytest.mark.parametrize(
    ("a_file", "purl"),
    [
        pytest.param(file("alpha-1.0-py3-none-any.whl", index=PYPI), "pkg:pypi/alpha@1.0", id="of PyPI"),
        pytest.param(
            file("alpha-1.0-py3-none-any.whl", index=None, url=None, path="a.whl"), "pkg:pypi/alpha@1.0", id="of nobody"
        ),
        pytest.param(UnnamedFile(digests=frozenset({sha256("a")})), "pkg:pypi/alpha@1.0", id="of unnamed files"),
        pytest.param(
            file("alpha-1.0-py3-none-any.whl", index=IndexUrl("https://me:word@private.example/")),
            "pkg:pypi/alpha@1.0?repository_url=https://private.example/",
            id="of a private index",
        ),
    ],
)
def test_package_url_names_the_index_unless_it_is_pypi(a_file: LockedFile | UnnamedFile, purl: str) -> None:
    assert components(lock(pin("alpha", a_file=a_file)))["alpha"]["purl"] == purl


def test_any_of_several_files_has_no_hash_of_its_own() -> None:
    several = UnnamedFile(digests=frozenset({sha256("a"), sha256("b")}))
    alpha = components(lock(pin("alpha", a_file=several)))["alpha"]
    assert "hashes" not in alpha
    assert properties(alpha) == [("sha256-of-any", "a" * 64), ("sha256-of-any", "b" * 64)]


def test_dependencies_are_who_asked() -> None:
    found = lock(pin("app", via=("-r a.in",)), pin("lib", via=("app",)), pin("loose"), indexes=())
    names = {each["purl"]: name for name, each in components(found).items()}
    spelled = {names.get(ref, ref): [names[str(each)] for each in needed] for ref, needed in edges(found).items()}
    assert spelled == {"app": ["lib"], "lib": [], "loose": [], "root": ["app", "loose"]}


def test_projects_that_only_ask_for_each_other_hang_on_the_whole() -> None:
    found = lock(pin("egg", via=("hen",)), pin("hen", via=("egg",)), pin("self", via=("self",)), indexes=())
    names = {each["purl"]: name for name, each in components(found).items()}
    spelled = {names.get(ref, ref): [names[str(each)] for each in needed] for ref, needed in edges(found).items()}
    assert spelled == {"egg": ["hen"], "hen": ["egg"], "root": ["egg", "self"], "self": []}


def test_target_and_inputs_are_properties_of_the_whole() -> None:
    metadata = bill_of(WHOLE)["metadata"]
    assert set(properties(metadata)) == {
        ("target", "cp312-manylinux_2_28_x86_64"),
        ("python-full-version", str(WHOLE.target and WHOLE.target.python_full_version)),
        ("patch", "assumed"),
        ("input", "-r requirements.in"),
        ("exclude-newer", "2024-06-01T00:00:00Z"),
    }


def test_wheel_that_was_built_says_from_what() -> None:
    built = Provenance(
        source="docopt-0.6.2.tar.gz", source_sha256=sha256("5"), image="manylinux1_x86_64", image_digest=None
    )
    wheel = replace(file("docopt-0.6.2-py3-none-any.whl", url=None, path="wheels/x.whl", index=None), built=built)
    said = properties(components(lock(pin("docopt", "0.6.2", a_file=wheel)))["docopt"])
    assert ("built-from", f"docopt-0.6.2.tar.gz#sha256={'5' * 64}") in said
    assert ("path", "wheels/x.whl") in said


def test_equal_locks_give_equal_bytes_and_others_another_serial_number() -> None:
    assert to_sbom(WHOLE, "function") == to_sbom(replace(WHOLE), "function")
    other = replace(WHOLE, pins=WHOLE.pins[:1])
    assert bill_of(WHOLE)["serialNumber"] != bill_of(other)["serialNumber"]
    assert "timestamp" not in to_sbom(WHOLE, "function")


def test_missing_library_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wheelpin.sbom.cyclonedx", raising=False)
    monkeypatch.setitem(sys.modules, "cyclonedx.model", None)
    with pytest.raises(SbomLibraryMissingError, match="cyclonedx-python-lib, which is not installed") as caught:
        to_sbom(WHOLE, "function")
    assert "wheelpin[sbom]" in caught.value.hint
