"""Known vulnerabilities as indexes tell them: where they are asked for, and what is made of the answer."""

import json

import pytest
from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.lock.examples import pin
from wheelpin.checks import Advisory, Kind
from wheelpin.checks.advisories import AdvisoriesUnreadableError, advisories_address, findings_of, parse_advisories
from wheelpin.values import IndexUrl

KNOWN = {
    "id": "PYSEC-2023-1",
    "aliases": ["GHSA-1", "CVE-2023-1"],
    "details": "Long\nwords.",
    "summary": "Words.",
    "fixed_in": ["1.1", "2.0"],
    "link": "https://osv.example/PYSEC-2023-1",
    "source": "osv",
    "withdrawn": None,
}
READ = Advisory(
    name="PYSEC-2023-1",
    aliases=("CVE-2023-1", "GHSA-1"),
    summary="Words.",
    fixed_in=("1.1", "2.0"),
    link="https://osv.example/PYSEC-2023-1",
)


@pytest.mark.parametrize(
    ("index", "address"),
    [
        pytest.param("https://index.example/simple/", "https://index.example/pypi/flask/2.0/json", id="as on PyPI"),
        pytest.param("https://index.example/simple", "https://index.example/pypi/flask/2.0/json", id="without a slash"),
        pytest.param(
            "https://mirror.example/root/pypi/simple/",
            "https://mirror.example/root/pypi/pypi/flask/2.0/json",
            id="below a folder",
        ),
        pytest.param("https://mirror.example/packages/", None, id="laid out otherwise"),
        pytest.param("file:///srv/simple/", None, id="a folder"),
    ],
)
def test_address_follows_from_the_index(index: str, address: str | None) -> None:
    assert advisories_address(IndexUrl(index), NormalizedName("flask"), Version("2.0")) == address


@pytest.mark.parametrize(
    ("listed", "read"),
    [
        pytest.param([], (), id="none known"),
        pytest.param([KNOWN], (READ,), id="one"),
        pytest.param([{**KNOWN, "withdrawn": "2024-01-01T00:00:00Z"}], (), id="withdrawn"),
        pytest.param(
            [{**KNOWN, "summary": None}],
            (replace(READ, summary="Long words."),),
            id="details only",
        ),
        pytest.param([{}], (Advisory(name="an unnamed vulnerability"),), id="nothing said"),
        pytest.param(
            [{"id": "B"}, {"id": "A", "fixed_in": [1, "2"], "aliases": "x", "link": 3}, "x"],
            (Advisory(name="A", fixed_in=("2",)), Advisory(name="B")),
            id="sorted, what is no text left out",
        ),
        pytest.param(
            [{"id": "A", "summary": "\x1b[31m" + "x" * 300}],
            (Advisory(name="A", summary="[31m" + "x" * 196 + "…"),),
            id="a long summary with control characters",
        ),
    ],
)
def test_vulnerabilities_are_read(listed: list[object], read: tuple[Advisory, ...]) -> None:
    assert parse_advisories(json.dumps({"vulnerabilities": listed}).encode()) == read


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b"{}", b'{"vulnerabilities": null}', b"[" * 100_000],
    ids=["no JSON", "no object", "no word of them", "null", "nested without end"],
)
def test_answer_without_them_is_not_taken_for_none(body: bytes) -> None:
    with pytest.raises(AdvisoriesUnreadableError):
        parse_advisories(body)


@pytest.mark.parametrize(
    ("advisory", "message"),
    [
        pytest.param(
            READ, "flask 1.0 has PYSEC-2023-1 (CVE-2023-1, GHSA-1): Words.; fixed in 1.1, 2.0", id="all that there is"
        ),
        pytest.param(Advisory(name="A"), "flask 1.0 has A; no version is said to fix it", id="a name only"),
    ],
)
def test_finding_says_what_and_what_helps(advisory: Advisory, message: str) -> None:
    (finding,) = findings_of(pin("flask"), (advisory,))
    assert (finding.kind, finding.message, finding.advisory) == (Kind.VULNERABLE, message, advisory)
