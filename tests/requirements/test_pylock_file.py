import pytest

from wheelpin.requirements import UnsupportedRequirementError
from wheelpin.requirements.pylock_file import PylockFileError, parse_pylock

A, B, C = "a" * 64, "b" * 64, "c" * 64
HEAD = 'lock-version = "1.0"\ncreated-by = "a tool"\n'


def packages(text: str) -> list[tuple[str, str | None, set[str], str]]:
    requirements, _ = parse_pylock(HEAD + text, "pylock.toml")
    return [(str(one), one.url, set(one.hashes), str(one.origin)) for one in requirements]


def test_a_package_becomes_an_exact_requirement_with_all_hashes() -> None:
    text = f"""\
[[packages]]
name = "numpy"
version = "2.0"
marker = "os_name == 'posix'"
sdist = {{ url = "https://files.example/numpy-2.0.tar.gz", hashes = {{ sha256 = "{A}" }} }}
wheels = [
    {{ url = "https://files.example/numpy-2.0-cp312-cp312-win_amd64.whl", hashes = {{ sha256 = "{B}" }} }},
    {{ url = "https://files.example/numpy-2.0-cp313-cp313-win_amd64.whl", hashes = {{ sha512 = "{C}" }} }},
]

[[packages]]
name = "six"
version = "1.16"
wheels = [{{ url = "https://files.example/six-1.16-py3-none-any.whl", hashes = {{ sha256 = "{C}" }} }}]
"""
    assert packages(text) == [
        ('numpy==2.0; os_name == "posix"', None, {A, B}, "pylock.toml, line 3"),
        ("six==1.16", None, {C}, "pylock.toml, line 13"),
    ]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        pytest.param(
            f"archive = {{ url = 'https://files.example/main.zip', hashes = {{ sha256 = '{A}' }} }}",
            f"https://files.example/main.zip#sha256={A}",
            id="archive",
        ),
        pytest.param(
            f"wheels = [{{ path = 'my wheel/x-1.0-py3-none-any.whl', hashes = {{ sha256 = '{A}' }} }}]",
            f"file:my%20wheel/x-1.0-py3-none-any.whl#sha256={A}",
            id="built wheel in a folder",
        ),
        pytest.param(
            f"archive = {{ path = './x-1.0.tar.gz', hashes = {{ sha512 = '{A}' }} }}",
            "file:./x-1.0.tar.gz",
            id="archive without a sha256",
        ),
    ],
)
def test_a_file_that_no_index_has_is_required_by_its_address(text: str, url: str) -> None:
    [(_, found, hashes, _)] = packages(f"[[packages]]\nname = 'x'\n{text}\n")
    assert (found, hashes) == (url, set())


def test_requires_python_is_told() -> None:
    _, demand = parse_pylock(f"{HEAD}requires-python = '>=3.9'\npackages = []", "pylock.toml")
    assert demand is not None
    assert (str(demand.specifier), str(demand.origin)) == (">=3.9", "pylock.toml, requires-python")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[", "pylock.toml: no valid TOML", id="no TOML"),
        pytest.param("", "pylock.toml: no valid lock (PEP 751)", id="empty"),
        pytest.param("lock-version = '2.0'\ncreated-by = 'x'\npackages = []", "version 2.0", id="a later standard"),
        pytest.param(
            f"{HEAD}[[packages]]\nname='x'\nversion='1'\nsdist={{url='https://h/x-1.tar.gz', hashes={{sha256='a'}}}}",
            "sha256 that is not 64 hexadecimal digits",
            id="short hash",
        ),
    ],
)
def test_what_is_no_lock_is_named(text: str, message: str) -> None:
    with pytest.raises(PylockFileError) as caught:
        parse_pylock(text, "pylock.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("pylock.toml")


@pytest.mark.parametrize("place", ["directory = { path = '.' }", "vcs = { type = 'git', url = 'x', commit-id = 'y' }"])
def test_a_folder_or_checkout_is_refused_with_its_line(place: str) -> None:
    with pytest.raises(UnsupportedRequirementError, match=r"^pylock\.toml, line 3: 'x' is locked as"):
        packages(f"[[packages]]\nname = 'x'\n{place}\n")
