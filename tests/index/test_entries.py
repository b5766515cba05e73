import pytest

from wheelpin.index.entries import project_of, version_of


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        pytest.param("Foo_Bar-1.0-py3-none-any.whl", "foo-bar", "1.0", id="wheel"),
        pytest.param("foo-1!2.0+cpu.1-1-cp39-abi3-win32.whl", "foo", "1!2.0+cpu.1", id="wheel with everything"),
        pytest.param("foo_bar-1.0.tar.gz", "foo-bar", "1.0", id="sdist"),
        pytest.param("Foo.Bar-baz-1.0rc1.zip", "foo-bar-baz", "1.0rc1", id="old sdist with dashes in its name"),
        pytest.param("foo-1.0.tar.bz2", "foo", "1.0", id="sdist of an old kind"),
        pytest.param("foo-2004d.tar.gz", "foo", None, id="a version of no standard"),
        pytest.param("foo.whl", "foo-whl", None, id="no version at all"),
        pytest.param(f"foo-{'1' * 5000}.tar.gz", "foo", None, id="digits without end"),
    ],
)
def test_what_a_file_name_says(filename: str, project: str, version: str | None) -> None:
    found = version_of(filename)
    assert (project_of(filename), None if found is None else str(found)) == (project, version)
