"""pip's own reader of requirements files is the measure: the same files have to say the same."""

import optparse
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements

from tests.test_sources import reader
from wheelpin.requirements import Sources, read_inputs

A, B = "a" * 64, "b" * 64


@dataclass(frozen=True)
class Read:
    """What somebody has read out of a requirements file."""

    requirements: list[tuple[str, set[str], str, str | None, set[str]]]
    """Name, extras, specifier, marker, hashes."""
    urls: list[str | None]
    lines: list[str]
    constraints: list[str]
    index_urls: list[str]
    no_index: bool
    only_binary: set[str]
    no_binary: set[str]
    allows_prereleases: bool


def read_by_pip(path: Path) -> Read:
    session = PipSession()
    scope = SearchScope(find_links=[], index_urls=["default"], no_index=False)
    finder = PackageFinder.create(
        link_collector=LinkCollector(session=session, search_scope=scope),
        selection_prefs=SelectionPreferences(allow_yanked=True),
    )
    options = optparse.Values({"require_hashes": False, "no_require_hashes": False, "features_enabled": []})
    parsed = list(parse_requirements(str(path), session, finder=finder, options=options))
    wanted = [one for one in parsed if not one.constraint]
    installed = [install_req_from_parsed_requirement(one) for one in wanted]
    return Read(
        requirements=[
            (
                canonicalize_name(one.name or ""),
                {canonicalize_name(extra) for extra in one.extras},
                str(one.req.specifier) if one.req and not one.link else "",
                str(one.markers) if one.markers else None,
                set(one.hash_options.get("sha256", [])),
            )
            for one in installed
        ],
        urls=[one.link.url if one.link else None for one in installed],
        lines=[one.line_source.split()[1] for one in wanted if one.line_source],
        constraints=[str(install_req_from_parsed_requirement(one).req) for one in parsed if one.constraint],
        index_urls=finder.index_urls,
        no_index=finder.search_scope.no_index,
        only_binary=set(finder.format_control.only_binary),
        no_binary=set(finder.format_control.no_binary),
        allows_prereleases=bool(finder.release_control and ":all:" in finder.release_control.all_releases),
    )


def read_by_wheelpin(path: Path, environ: dict[str, str]) -> Read:
    inputs = read_inputs(Sources(requirement_files=(str(path),), environ=environ), reader(path.parent))
    index_url = inputs.options.index_url or "default"
    return Read(
        requirements=[
            (
                one.name,
                set(one.extras),
                str(one.specifier),
                str(one.marker) if one.marker else None,
                set(one.hashes),
            )
            for one in inputs.requirements
        ],
        urls=[one.url for one in inputs.requirements],
        lines=[str(one.origin.line) for one in inputs.requirements],
        constraints=[str(one) for one in inputs.constraints],
        index_urls=[] if inputs.options.no_index else [index_url, *inputs.options.extra_index_urls],
        no_index=inputs.options.no_index,
        only_binary=set(inputs.format_control.only_binary),
        no_binary=set(inputs.format_control.no_binary),
        allows_prereleases=inputs.allow_prereleases,
    )


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a.in": "Flask>=1.0,<2 # why\n\n# no\nx[b,A] ; os_name == 'nt'"}, id="requirements"),
        pytest.param({"a.in": "x>=1, \\\n  <2\\\n\ny \\\n# c\nz\\"}, id="joined lines"),
        pytest.param({"a.in": "x\\\\\ny\n \\\nz"}, id="odd backslashes"),
        pytest.param({"a.in": "x\x0c\ny\x0bz"}, id="other ends of lines"),
        pytest.param({"a.in": "x==${VERSION}\ny ; os_name == '${UNSET}$VERSION'"}, id="variables"),
        pytest.param(
            {"a.in": f"x==1 --hash=sha256:{A} \\\n  --hash sha256:{B} # c\n\ny==1 \\\n    --hash=sha256:{A}"},
            id="hashes",
        ),
        pytest.param({"a.in": "x @ https://files.example/x-1.0.zip#sha256=" + A}, id="addresses"),
        pytest.param(
            {"a.in": "https://files.example/x-1.0-py3-none-any.whl ; os_name == 'nt'\n./y-1.0-py3-none-any.whl[a]"}
            | {"y-1.0-py3-none-any.whl": ""},
            id="bare addresses and paths",
        ),
        pytest.param(
            {"a.in": "a\n-r s/b.in\nd", "s/b.in": "b\n-r ../c.in\n-c l.txt", "c.in": "c", "s/l.txt": "d<2\nb<3"},
            id="included files",
        ),
        pytest.param({"a.in": "-i https://one.example/\n--extra-index-url https://two.example/"}, id="indexes"),
        pytest.param({"a.in": "--index-url=https://u:${PASS}@one.example/"}, id="an index with a password"),
        pytest.param({"a.in": "--no-index --pre\nx"}, id="flags"),
        pytest.param({"a.in": "--only-binary a,B_c\n--no-binary a\n--only-binary=:all:\n--no-binary d"}, id="binaries"),
        pytest.param({"a.in": "--only-binary a,:all:\n--no-binary b,:none:"}, id="binaries, all and none"),
        pytest.param({"a.in": "--requirem=b.in\n-cb.in", "b.in": "x"}, id="short ways to say it"),
        pytest.param({"a.in": "x --pre\ny --no-binary y,z"}, id="options after a requirement"),
    ],
)
def test_the_same_is_read_as_by_pip(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"VERSION": "1.5", "PASS": "secret"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert read_by_wheelpin(tmp_path / "a.in", environ) == read_by_pip(tmp_path / "a.in")
