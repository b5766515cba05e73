import pytest
from packaging.version import Version

from tests.lock.examples import INDEX, LEGACY, ORIGIN, file, lock, pin, sha256
from wheelpin.locks import Lock, LockedFile, LockedTarget, LockFormat, LockSyntaxError, UnnamedFile, parse_lock, to_text
from wheelpin.values import IndexUrl

A_LINE = f"a @ https://files.example/a-1.0-py3-none-any.whl#sha256={'a' * 64}"
A_FILE = file("a-1.0-py3-none-any.whl", index=None)


def parsed(*lines: str) -> Lock:
    return parse_lock("".join(f"{line}\n" for line in lines), ORIGIN)


WRITTEN = lock(
    pin(
        "a",
        "1.0+local.1",
        a_file=file("a-1.0+local.1-cp36-cp36m-manylinux1_x86_64.whl"),
        via=("b", "-r requirements.in"),
    ),
    pin("b", "1!2.0rc1", a_file=file("b-1!2.0rc1-py3-none-any.whl", index=None), notes=("First.", "Second.")),
    pin(
        "c-d",
        tags=("cp36", "manylinux1"),
        a_file=file("c_d-1.0-1-py3-none-any.whl", index=IndexUrl("https://two.example/simple/")),
    ),
    target=LockedTarget(
        name="my lambda",
        spelling="cp311-manylinux_2_26_x86_64",
        python_full_version=Version("3.11.9"),
        is_patch_assumed=True,
    ),
    inputs=("-r requirements.in", "flask>=2"),
    refresh_command="wheelpin lock -r requirements.in 'flask>=2'",
    exclude_newer="2024-05-01T00:00:00Z",
)


def test_requirements_form_reads_back_equal() -> None:
    assert parse_lock(to_text(WRITTEN, LockFormat.REQUIREMENTS), ORIGIN) == WRITTEN


def test_hashes_form_reads_back_equal_but_for_addresses() -> None:
    back = parse_lock(to_text(WRITTEN, LockFormat.HASHES), ORIGIN)
    assert to_text(back, LockFormat.HASHES) == to_text(WRITTEN, LockFormat.HASHES)
    assert [(p.version, p.via, p.tags, p.notes) for p in back.pins] == [
        (p.version, p.via, p.tags, p.notes) for p in WRITTEN.pins
    ]


@pytest.mark.parametrize(
    ("lines", "a_file"),
    [
        pytest.param([A_LINE], A_FILE, id="as written"),
        pytest.param([f"{A_LINE}  # my own remark"], A_FILE, id="a remark at the end of the line"),
        pytest.param(["a  @ \\", f"  {A_LINE[4:]}"], A_FILE, id="a continued line"),
        pytest.param([A_LINE.replace("a @", "A[extra] @")], A_FILE, id="extras and capitals in the name"),
        pytest.param([A_LINE[4:]], A_FILE, id="an address alone"),
        pytest.param([A_LINE.replace("#sha256=", " --hash=sha256:")], A_FILE, id="the digest as an option"),
        pytest.param([A_LINE.replace("#", "#egg=a&")], A_FILE, id="more in the fragment than the digest"),
        pytest.param([A_LINE.replace("a" * 64, "A" * 64)], A_FILE, id="the digest in capitals"),
        pytest.param(["-i https://other.example/simple", "--only-binary=:all:", A_LINE], A_FILE, id="options of pip's"),
        pytest.param([f"\ufeff{A_LINE}\r"], A_FILE, id="byte order mark and carriage return"),
        pytest.param(
            [f"./wheels here/a-1.0-py3-none-any.whl --hash=sha256:{'a' * 64}"],
            file("a-1.0-py3-none-any.whl", url=None, index=None, path="wheels here/a-1.0-py3-none-any.whl"),
            id="a relative path with a space",
        ),
        pytest.param(
            [f"../a-1.0-py3-none-any.whl --hash sha256:{'a' * 64}"],
            file("a-1.0-py3-none-any.whl", url=None, index=None, path="../a-1.0-py3-none-any.whl"),
            id="a path out of the folder, the option without its equals sign",
        ),
        pytest.param(
            [f"a @ ./wheels/a-1.0-py3-none-any.whl#sha256={'a' * 64}"],
            file("a-1.0-py3-none-any.whl", url=None, index=None, path="wheels/a-1.0-py3-none-any.whl"),
            id="a path where an address should stand",
        ),
        pytest.param(
            [f"a==1 --hash=sha256:{'a' * 64}", "  # file: a-1.0-py3-none-any.whl"],
            file("a-1.0-py3-none-any.whl", url=None, index=None),
            id="version and digest, the file's name below",
        ),
        pytest.param(
            ["a[x]==1.0 \\", f"    --hash=sha256:{'a' * 64} \\", f"    --hash=sha256:{'b' * 64}"],
            UnnamedFile(digests=frozenset([sha256("a"), sha256("b")])),
            id="several digests on continued lines, as pip-tools writes",
        ),
    ],
)
def test_line_is_read(lines: list[str], a_file: LockedFile | UnnamedFile) -> None:
    assert parsed(*lines).pins == (pin("a", a_file=a_file),)


@pytest.mark.parametrize(
    ("comments", "via"),
    [
        pytest.param(["    # via b", "    # via -r my file.in"], ("-r my file.in", "b"), id="a line each"),
        pytest.param(["    # via", "    #   b", "    #   -r x.in"], ("-r x.in", "b"), id="a list, as pip-tools writes"),
        pytest.param(["# via", "# I wrote this", "#   c"], (), id="a remark ends the list"),
        pytest.param(["", "", "# via b", "# something else"], ("b",), id="after empty lines, before a remark"),
        pytest.param(["# vial of something"], (), id="a word that only begins so"),
    ],
)
def test_requesters_are_read(comments: list[str], via: tuple[str, ...]) -> None:
    assert parsed(A_LINE, *comments).pins[0].via == via


def test_inline_tags_after_a_version_are_kept() -> None:
    a_lock = parsed(f"pip==1.3.1[manylinux1, cp36,x86_64] --hash=sha256:{'a' * 64}")
    assert (a_lock.pins[0].version, a_lock.pins[0].tags) == (Version("1.3.1"), ("manylinux1", "cp36", "x86_64"))


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        pytest.param(
            ["# wheelpin: target=cp36-manylinux1_x86_64 python-full-version=3.6.15"],
            lock(target=LEGACY, indexes=()),
            id="the directive alone",
        ),
        pytest.param(
            ["#wheelpin:   python-full-version=3.6.15 colour=red target=cp36-manylinux1_x86_64", "# mood: good"],
            lock(target=LEGACY, indexes=()),
            id="another order, unknown keys",
        ),
        pytest.param(
            ["# wheelpin: target=cp36-manylinux1_x86_64"],
            lock(target=LockedTarget(name=LEGACY.name, spelling=LEGACY.spelling, python_full_version=None), indexes=()),
            id="without a Python version",
        ),
        pytest.param(["# wheelpin: hello"], lock(target=None, indexes=()), id="without a target"),
        pytest.param(
            ["# index: https://one.example", "# index: https://two.example"],
            lock(target=None, indexes=(IndexUrl("https://one.example"), IndexUrl("https://two.example"))),
            id="indexes in their order",
        ),
        pytest.param([], lock(target=None, indexes=()), id="nothing at all"),
    ],
)
def test_header_is_read(lines: list[str], read: Lock) -> None:
    assert parsed(*lines) == read


def test_comments_after_the_first_pin_are_not_the_header() -> None:
    assert parsed(A_LINE, "# refresh: rm -rf /").refresh_command is None


@pytest.mark.parametrize(
    ("comments", "index"),
    [
        pytest.param([], INDEX, id="the first of the header"),
        pytest.param(["# index: https://two.example/simple/"], IndexUrl("https://two.example/simple/"), id="its own"),
        pytest.param(["# index: none"], None, id="none"),
    ],
)
def test_index_of_a_file_is_read(comments: list[str], index: IndexUrl | None) -> None:
    a_file = parsed(f"# index: {INDEX}", "# index: https://last.example/", A_LINE, *comments).pins[0].file
    assert a_file == file("a-1.0-py3-none-any.whl", index=index)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param(["<<<<<<< HEAD", A_LINE], "line 1: a merge left both sides here", id="conflict begins"),
        pytest.param([A_LINE, "======="], "line 2: a merge left both sides here", id="conflict's middle"),
        pytest.param([A_LINE, ">>>>>>> other"], "line 2: a merge left both sides here", id="conflict's end"),
        pytest.param([A_LINE, "||||||| base"], "line 2: a merge left both sides here", id="conflict's base"),
        pytest.param([A_LINE[:-1]], "is no sha256 of 64 hexadecimal digits", id="line cut within the digest"),
        pytest.param([A_LINE[:-64]], "'sha256=' is no sha256", id="line cut before the digest"),
        pytest.param(
            [A_LINE.partition("#")[0]],
            "line 1: the address https://files.example/a-1.0-py3-none-any.whl has no sha256",
            id="line cut after the address",
        ),
        pytest.param(["a @ https://files.example/a-1"], "has no sha256", id="line cut within the address"),
        pytest.param(["a @"], "'a @' does not pin one file", id="line cut before the address"),
        pytest.param(["a==1.0"], "a==1.0 has no sha256", id="version without a digest"),
        pytest.param(["a==1.0 --hash=md5:abc"], "'md5:abc' is no sha256", id="another algorithm"),
        pytest.param(["a>=1.0"], "'a>=1.0' does not pin one file", id="range"),
        pytest.param(["flask"], "'flask' does not pin one file", id="bare name"),
        pytest.param([f"a==1.* --hash=sha256:{'a' * 64}"], "'1.*' is no version", id="prefix match"),
        pytest.param([f"-a==1 --hash=sha256:{'a' * 64}", "_==1"], "line 2", id="first bad line that pins"),
        pytest.param([f"_==1 --hash=sha256:{'a' * 64}"], "'_' is no project's name", id="invalid name"),
        pytest.param(
            [f'a==1.0 ; python_version < "3" --hash=sha256:{"a" * 64}'],
            "has a marker",
            id="marker, as pip-tools writes",
        ),
        pytest.param(["", "-r other.txt"], "line 2: '-r other.txt' leads out of the lock", id="another file"),
        pytest.param(["-e git+https://u:p@host.example/x?t=1"], "'-e git+https://host.example/x'", id="editable"),
        pytest.param(
            [A_LINE, "", A_LINE.replace("1.0", "2.0")],
            "line 3: a is pinned already on line 1",
            id="project pinned twice",
        ),
        pytest.param([A_LINE.replace("a @", "b @")], "is a wheel of a, not of b", id="another project's wheel"),
        pytest.param(
            [f"a==2.0 --hash=sha256:{'a' * 64}", "# file: a-1.0-py3-none-any.whl"],
            "is a wheel of version 1.0, not 2.0",
            id="another version's wheel",
        ),
        pytest.param([A_LINE.replace(".whl", ".tar.gz")], "'a-1.0-py3-none-any.tar.gz' is no wheel's name", id="sdist"),
        pytest.param([A_LINE.replace("any.whl", "any%2F..%2Fx.whl")], "is no file name", id="name with a separator"),
        pytest.param([f"{A_LINE} --hash=sha256:{'b' * 64}"], "has several sha256", id="two digests for one file"),
        pytest.param(["a @ https://u:p@[x/a-1.0-py3-none-any.whl"], "cannot be read", id="address that is none"),
        pytest.param(["# lock-version: 2", A_LINE], "line 1: this lock has version 2", id="lock of a later wheelpin"),
        pytest.param(
            ["", "# wheelpin: target=x python-full-version=3.x"], "line 2: '3.x' is no Python version", id="bad version"
        ),
    ],
)
def test_line_that_pins_nothing_is_refused(lines: list[str], problem: str) -> None:
    with pytest.raises(LockSyntaxError) as caught:
        parsed(*lines)
    assert problem in str(caught.value)
    assert str(caught.value).startswith("lockfiles/legacy.txt, line ")
    assert caught.value.hint


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("a @ https://user:secret@files.example/a-1.0-py3-none-any.whl", id="no digest"),
        pytest.param("a @ https://user:secret@files.example/a b.whl", id="space in the address"),
        pytest.param("a @ https://user:secret@[files/a-1.0-py3-none-any.whl", id="no address"),
        pytest.param("x y https://user:secret@[files/a-1.0-py3-none-any.whl", id="no line"),
        pytest.param("x y https://user:secret@[files", id="neither line nor address"),
        pytest.param("-c https://files.example/c.txt?token=secret", id="option"),
        pytest.param("a @ https://files.example/a-1.0-py3-none-any.whl?token=secret#md5=0", id="query"),
    ],
)
def test_no_secret_is_told_with_the_refusal(line: str) -> None:
    with pytest.raises(LockSyntaxError) as caught:
        parsed(line)
    assert "secret" not in f"{caught.value!r} {caught.value}"
