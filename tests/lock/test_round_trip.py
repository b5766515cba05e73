import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.lock.examples import ORIGIN
from wheelpin.locks import (
    Lock,
    LockedFile,
    LockedTarget,
    LockFormat,
    Pin,
    Proof,
    Provenance,
    UnnamedFile,
    parse_lock,
    to_text,
)
from wheelpin.values import IndexUrl, Sha256

words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
sentences = st.lists(words, min_size=1, max_size=3).map(" ".join)
names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?", fullmatch=True).filter(lambda name: "--" not in name)
versions = st.sampled_from(["1.0", "2024.1", "1!0.1.dev3", "3.0rc1", "1.0+cu118", "0"]).map(Version)
digests = st.text("0123456789abcdef", min_size=64, max_size=64).map(Sha256)
index_urls = st.from_regex(r"https://[a-z]{1,5}\.example/[a-z]{0,4}/", fullmatch=True).map(IndexUrl)
proofs = st.builds(
    Proof,
    is_intact=st.booleans(),
    facts=st.dictionaries(st.sampled_from(["hashes", "overrides", "yanked"]), st.sampled_from(["1f0c3d5a", "a,b"])).map(
        lambda facts: tuple(sorted(facts.items()))
    ),
)
tags = st.lists(st.sampled_from(["cp36", "manylinux1", "x86_64"]), unique=True).map(tuple)


@st.composite
def provenances(draw: st.DrawFn) -> Provenance:
    return Provenance(
        source=draw(st.sampled_from(["https://files.example/foo-1.0.tar.gz", "foo-1.0.tar.gz", "src/foo"])),
        source_sha256=draw(digests),
        image=draw(st.sampled_from(["quay.example/manylinux1_x86_64", "stand-in:cp36"])),
        image_digest=draw(st.none() | digests.map("sha256:{}".format)),
        requirements=tuple(draw(st.lists(st.sampled_from(["pip==21.3.1", "wheel==0.37.1", "cffi==1.0+cu1"])))),
        tools=tuple(draw(st.lists(st.sampled_from(["auditwheel 5.1.2", "patchelf 0.14.3"]), unique=True))),
    )


@st.composite
def pins(draw: st.DrawFn, *, name: str) -> Pin:
    version = draw(versions)
    filename = f"{name.replace('-', '_')}-{version}-cp36-abi3-manylinux1_x86_64.whl"
    folder = draw(st.from_regex(r"(\.\./)?[a-z][a-z ]{0,5}/", fullmatch=True))
    is_url = draw(st.booleans())
    file = LockedFile(
        filename=filename,
        sha256=draw(digests),
        url=f"https://files.example/{draw(st.from_regex(r'[a-z0-9/%$;@]{0,8}', fullmatch=True))}/{filename}"
        if is_url
        else None,
        path=None if is_url else f"{folder}{filename}",
        index=draw(st.none() | index_urls) if is_url else None,
        built=draw(st.none() | provenances()),
    )
    return Pin(
        project=NormalizedName(name),
        version=version,
        file=file,
        via=tuple(draw(st.lists(sentences, max_size=3))),
        extras=tuple(sorted(draw(st.lists(names.map(NormalizedName), max_size=2, unique=True)))),
        tags=draw(tags),
        notes=tuple(draw(st.lists(sentences, max_size=2))),
    )


targets = st.builds(
    LockedTarget,
    name=sentences,
    spelling=st.just("cp36-manylinux1_x86_64"),
    python_full_version=st.sampled_from([Version("3.6.15"), Version("3.6.0")]),
    is_patch_assumed=st.booleans(),
    preset=st.none() | st.just("aws-lambda-python3.6"),
)


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    return Lock(
        target=draw(targets),
        pins=tuple(draw(pins(name=name)) for name in draw(st.lists(names, unique=True, max_size=4))),
        inputs=tuple(draw(st.lists(sentences, max_size=3))),
        refresh_command=draw(st.none() | sentences),
        indexes=tuple(draw(st.lists(index_urls, max_size=2, unique=True))),
        exclude_newer=draw(st.none() | st.just("2024-05-01T00:00:00Z")),
        proof=draw(st.none() | proofs),
    )


def without_url(pin: Pin) -> Pin:
    assert isinstance(pin.file, LockedFile)
    return replace(pin, file=replace(pin.file, url=None))


def without_addresses(pin: Pin) -> Pin:
    assert isinstance(pin.file, LockedFile)
    return replace(pin, file=LockedFile(filename=pin.file.filename, sha256=pin.file.sha256, built=pin.file.built))


@given(locks())
def test_requirements_form_reads_back_as_the_same_lock(lock: Lock) -> None:
    text = to_text(lock, LockFormat.REQUIREMENTS)
    back = parse_lock(text, ORIGIN)
    assert to_text(back, LockFormat.REQUIREMENTS) == text
    # An address comes back percent-encoded.
    assert replace(back, pins=tuple(map(without_url, back.pins))) == replace(
        lock, pins=tuple(map(without_url, lock.pins))
    )


@given(locks())
def test_hashes_form_reads_back_as_the_same_lock(lock: Lock) -> None:
    assert parse_lock(to_text(lock, LockFormat.HASHES), ORIGIN) == replace(
        lock, indexes=(), pins=tuple(map(without_addresses, lock.pins))
    )


@given(st.lists(digests, min_size=2, max_size=4, unique=True), st.sampled_from([" ", " \\\n  "]))
def test_other_tools_digests_read_back(several: list[Sha256], separator: str) -> None:
    line = separator.join(["a==1.0", *(f"--hash=sha256:{digest}" for digest in several)])
    lock = parse_lock(line, ORIGIN)
    assert lock.pins[0].file == UnnamedFile(digests=frozenset(several))
    assert parse_lock(to_text(lock, LockFormat.HASHES), ORIGIN) == lock


@pytest.mark.parametrize("lock_format", LockFormat)
@given(lock=locks())
def test_text_is_lines_of_printable_characters(lock: Lock, lock_format: LockFormat) -> None:
    text = to_text(lock, lock_format)
    assert text.splitlines() == text.split("\n")[:-1]
    assert text.splitlines() == [line.rstrip() for line in text.splitlines()]
