"""Which modules a folder offers, by the files that wheels brought."""

from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.trials.folders import folder_of, own_target
from wheelpin.trials import top_level_modules


@pytest.mark.parametrize(
    ("files", "modules"),
    [
        pytest.param(["a.py"], {"a"}, id="a module"),
        pytest.param(["a/__init__.py", "a/b.py", "a/c/__init__.py"], {"a"}, id="a package, whatever is in it"),
        pytest.param(["_a.cpython-312-x86_64-linux-gnu.so", "_b.abi3.so"], {"_a", "_b"}, id="extension modules"),
        pytest.param(["_a.cp312-win_amd64.pyd", "_b.pyd"], {"_a", "_b"}, id="those of Windows"),
        pytest.param(["_a.pypy310-pp73-x86_64-linux-gnu.so"], {"_a"}, id="those of PyPy"),
        pytest.param(["libfoo.so", "a.libs/libbar-1.so.2", "a.py"], {"a"}, id="no plain libraries"),
        pytest.param(
            ["google/cloud/storage/__init__.py", "google/auth.py"],
            {"google.cloud.storage", "google.auth"},
            id="what lies in namespaces",
        ),
        pytest.param(["a/__init__.cpython-312-x86_64-linux-gnu.so"], {"a"}, id="a compiled package"),
        pytest.param(["a.pth", "a.txt", "a.py"], {"a"}, id="no other files"),
        pytest.param(["tests/test_a.py", "docs/conf.py", "a.py"], {"a"}, id="no folders of other things"),
        pytest.param(["tests/__init__.py", "a.py"], {"a", "tests"}, id="but packages, whatever they are called"),
        pytest.param(["not-a-name.py", "class.py", "1st/__init__.py", "a.py"], {"a"}, id="nothing that has no name"),
        pytest.param(
            ["p-1.0.data/platlib/a.py", "p-1.0.data/data/share/b.py", "p-1.0.data/scripts/c.py"],
            {"a"},
            id="no data and no scripts",
        ),
    ],
)
def test_modules_are_told_by_their_files(tmp_path: Path, files: list[str], modules: set[str]) -> None:
    wheel = make_wheel("p", files=dict.fromkeys(files, b"# some text\n"))
    tree, _ = folder_of(tmp_path, wheel, target=own_target())
    assert set(top_level_modules(tree)) == modules


@pytest.mark.parametrize(
    ("body", "modules"),
    [
        pytest.param(b"\x7fELF\0init_a\0", {"_a"}, id="of Python 2"),
        pytest.param(b"\x7fELF\0PyInit__a\0", {"_a"}, id="of Python 3"),
        pytest.param(b"\x7fELF" + b"\0" * (1024 * 1024 - 7) + b"init_a\0", {"_a"}, id="told by two pieces of it"),
        pytest.param(b"\x7fELF\0init_abc\0PyInit__b\0", set(), id="that starts no module of its name"),
    ],
)
def test_library_with_a_plain_name_is_a_module_if_it_starts_one(tmp_path: Path, body: bytes, modules: set[str]) -> None:
    tree, _ = folder_of(
        tmp_path, make_wheel("p", files={"_a.so": body, "p/_a.so": body, "p/__init__.py": ""}), target=own_target()
    )
    assert set(top_level_modules(tree)) == modules | {"p"}


def test_module_has_an_owner(tmp_path: Path) -> None:
    wheels = [
        make_wheel("one", files={"a.py": "", "ns/x.py": ""}),
        make_wheel("two", files={"b/__init__.py": "", "ns/y.py": ""}),
    ]
    tree, _ = folder_of(tmp_path, *wheels, target=own_target())
    expected = {"a": "one", "b": "two", "ns.x": "one", "ns.y": "two"}
    assert top_level_modules(tree) == expected
