import pytest

from wheelpin.elf.modules import ModuleName, imports, parse_module_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("foo/_bar.cpython-312-x86_64-linux-gnu.so", ModuleName("foo/_bar", "cpython-312", False)),
        ("foo/_bar.cpython-312-x86_64-linux-musl.so", ModuleName("foo/_bar", "cpython-312", True)),
        ("_bar.cpython-312-arm-linux-musleabihf.so", ModuleName("_bar", "cpython-312", True)),
        ("_bar.cpython-36m-x86_64-linux-gnu.so", ModuleName("_bar", "cpython-36m", None)),
        ("_bar.cpython-310-x86_64-linux-gnu.so", ModuleName("_bar", "cpython-310", None)),
        ("_bar.cpython-313t-x86_64-linux-gnu.so", ModuleName("_bar", "cpython-313t", False)),
        ("_bar.cpython-36m.so", ModuleName("_bar", "cpython-36m", None)),
        ("_bar.pypy310-pp73-x86_64-linux-gnu.so", ModuleName("_bar", "pypy310-pp73", None)),
        ("_bar.abi3.so", ModuleName("_bar", "abi3", None)),
        ("_bar.abi3t.so", ModuleName("_bar", "abi3t", None)),
        ("_bar.so", ModuleName("_bar", None, None)),
        ("_bar.x86_64-linux-gnu.so", ModuleName("_bar", None, None)),
        ("libbar.so.1", None),
        ("_bar.extra.so", None),
        ("barso", None),
        ("_bar.dll", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_modules_file_name_is_taken_apart(path: str, name: ModuleName | None) -> None:
    assert parse_module_name(path) == name


@pytest.mark.parametrize(
    ("tag", "module_abi", "is_imported"),
    [
        pytest.param("cp312-cp312", "cpython-312", True, id="its own"),
        pytest.param("cp312-cp312", "cpython-311", False, id="another minor's"),
        pytest.param("cp36-cp36m", "cpython-36m", True, id="its own with a flag"),
        pytest.param("cp36-cp36m", "cpython-36dm", False, id="a debug build's"),
        pytest.param("cp312-cp312", "abi3", True, id="stable ABI"),
        pytest.param("cp312-cp312", None, True, id="a plain name"),
        pytest.param("cp36-abi3", "abi3", True, id="stable ABI as claimed"),
        pytest.param("cp36-abi3", "cpython-36m", False, id="one interpreter's under a stable claim"),
        pytest.param("cp313-cp313t", "cpython-313t", True, id="free-threaded"),
        pytest.param("cp313-cp313t", "cpython-313", False, id="with the lock, on free-threaded"),
        pytest.param("cp313-cp313t", "abi3", False, id="stable ABI on free-threaded"),
        pytest.param("cp315-cp315t", "abi3t", True, id="abi3t on free-threaded"),
        pytest.param("cp315-cp315", "abi3t", True, id="abi3t with the lock"),
        pytest.param("cp314-cp314t", "abi3t", False, id="abi3t before 3.15"),
        pytest.param("cp312-none", "cpython-312", True, id="no ABI named, its own"),
        pytest.param("cp312-none", "cpython-311", False, id="no ABI named, another's"),
        pytest.param("py3-none", "cpython-312", False, id="one interpreter's under a claim for all"),
        pytest.param("py3-none", "abi3", False, id="CPython's under a claim for all"),
        pytest.param("py3-none", None, True, id="a plain name under a claim for all"),
        pytest.param("pp310-pypy310_pp73", "pypy310-pp73", True, id="PyPy's own"),
        pytest.param("pp310-pypy310_pp73", "cpython-310", False, id="CPython's on PyPy"),
        pytest.param("pp310-pypy310_pp73", "abi3", False, id="the stable ABI on PyPy"),
        pytest.param("graalpy311-graalpy242_311_native", "graalpy242-311-native", True, id="an unknown interpreter"),
    ],
)
def test_an_interpreter_imports_its_own_endings(tag: str, module_abi: str | None, *, is_imported: bool) -> None:
    interpreter, _, abi = tag.partition("-")
    assert imports(interpreter, abi, module_abi) is is_imported
