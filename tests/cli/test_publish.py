"""``wheelpin publish``: what lies in a folder, handed over to a real server by the real twine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_sdist, make_wheel
from tests.cli.running import Process, Wheelpin
from tests.index_server import IndexServer, pypiserver
from wheelpin.deliveries import rehearsing
from wheelpin.deliveries.publishing import Upload, files_to_publish, twine_words

WHEEL, SDIST = make_wheel("demo", "1.0"), make_sdist("demo", "1.0")
REPOSITORY = "https://upload.index.example/legacy/"
OLD = "https://pypi.python.org/pypi/"
CREDENTIALS = {"TWINE_USERNAME": "anna", "TWINE_PASSWORD": "secret", "TWINE_NON_INTERACTIVE": "1"}


@pytest.fixture
def built(project: Path) -> Path:
    folder = project / "wheels"
    (folder / "logs").mkdir(parents=True)
    for file in (WHEEL, SDIST):
        (folder / file.filename).write_bytes(file.body)
    (folder / f"{WHEEL.filename}.provenance.json").write_text("{}")
    (folder / "logs" / "demo.log").write_text("built")
    return folder


def test_wheels_go_first_and_provenance_and_logs_stay(built: Path) -> None:
    assert [path.name for path in files_to_publish(built)] == [WHEEL.filename, SDIST.filename]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        pytest.param(Upload(), [], id="what twine takes for its own"),
        pytest.param(Upload(repository="testpypi"), ["--repository", "testpypi"], id="a name"),
        pytest.param(
            Upload(repository="https://upload.index.example/", skips_existing=True),
            ["--repository-url", "https://upload.index.example/"],
            id="an address",
        ),
    ],
)
def test_command_for_twine(upload: Upload, words: list[str]) -> None:
    assert twine_words([Path("a.whl")], upload)[6:] == [*words, "a.whl"]


def test_files_arrive_at_a_real_server_and_a_second_time_they_may_be_passed_over(
    process: Process, built: Path, tmp_path: Path
) -> None:
    served = tmp_path / "served"
    with pypiserver(served, credentials=("anna", "secret")) as index:
        address = f"http://{index.partition('@')[2].removesuffix('simple/')}"
        words = ("publish", built, "--repository", address)
        said = process(*words, more=CREDENTIALS)
        assert said.code == 0, said.err
        assert sorted(path.name for path in served.iterdir()) == [WHEEL.filename, SDIST.filename]
        assert "handed over 2 files" in said.err
        assert said.out == ""
        again = process(*words, more=CREDENTIALS)
        assert again.code == 5
        assert again.hints == ["what was uploaded stays there: repeat with --skip-existing"]
        skipped = process(*words, "--skip-existing", more=CREDENTIALS)
        assert skipped.code == 0, skipped.err
        assert "handed over 0 files, 2 were there" in skipped.err
        wrong = process(*words, "--skip-existing", more={**CREDENTIALS, "TWINE_PASSWORD": "wrong"})
        assert wrong.code == 5


def test_folder_without_anything_to_publish_is_an_error_of_input(wheelpin: Wheelpin, project: Path) -> None:
    said = wheelpin("publish", "nowhere")
    assert (said.code, said.errors) == (2, ["error: nowhere has neither a wheel nor an sdist"])


def test_repository_that_is_not_there_is_told_without_a_traceback(process: Process, built: Path) -> None:
    said = process("publish", built, "--repository", "http://127.0.0.1:9/", more=CREDENTIALS)
    assert said.code == 5
    assert "Connection refused" in said.err
    assert "Traceback" not in said.err
    assert said.hints == ["what was uploaded stays there: repeat with --skip-existing"]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    """Serve what a repository was given, as PyPI does."""
    with IndexServer.json_with_sidecars() as index:
        monkeypatch.setattr(rehearsing, "_LISTED_AT", {REPOSITORY: index.url})
        yield index


@pytest.mark.parametrize(
    ("there", "words", "told", "code"),
    [
        pytest.param((), (), ["would be uploaded", "would be uploaded"], 0, id="all new"),
        pytest.param((WHEEL,), (), ["is there already", "would be uploaded"], 1, id="one is there"),
        pytest.param((WHEEL,), ("--skip-existing",), ["is there already", "would be uploaded"], 0, id="passed over"),
        pytest.param(
            (make_wheel("demo", "1.0", files={"demo.py": "other = 1"}), SDIST),
            (),
            ["is there already, with other content", "is there already"],
            1,
            id="both are there, one is another",
        ),
        pytest.param((make_wheel("demo", "0.9"),), (), ["would be uploaded", "would be uploaded"], 0, id="another"),
    ],
)
def test_dry_run_tells_what_would_go_where_and_what_is_there(
    wheelpin: Wheelpin,
    built: Path,
    listed: IndexServer,
    there: tuple[BuiltFile, ...],
    words: tuple[str, ...],
    told: list[str],
    code: int,
) -> None:
    listed.add(*there)
    said = wheelpin("publish", built, "--repository", REPOSITORY, "--dry-run", *words)
    assert said.code == code, said.err
    assert said.out.splitlines() == [f"{WHEEL.filename}: {told[0]}", f"{SDIST.filename}: {told[1]}"]
    new = told.count("would be uploaded")
    assert f"would hand over {new} file{'' if new == 1 else 's'} to {REPOSITORY}" in said.err
    assert said.hints == (["--skip-existing passes over what is there"] if code else [])


def test_dry_run_uploads_nothing_and_needs_no_credentials(process: Process, built: Path, tmp_path: Path) -> None:
    served = tmp_path / "served"
    with pypiserver(served, credentials=("anna", "secret")) as index:
        address = index.removesuffix("simple/")
        said = process("publish", built, "--dry-run", more={"TWINE_REPOSITORY_URL": address})
        assert said.code == 0, said.err
        assert list(served.iterdir()) == []
    assert said.out.splitlines() == [
        f"{name}: would be uploaded, if it is not there" for name in (WHEEL.filename, SDIST.filename)
    ]
    assert f"would hand over 2 files to http://{address.partition('@')[2]}\n" in said.err
    assert "secret" not in said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("--repository", "nobodys"), "twine has no repository for nobodys", id="an unknown name"),
        pytest.param(("--repository", OLD), f"twine has no repository for {OLD}", id="old"),
    ],
)
def test_dry_run_asks_twine_where_to(process: Process, built: Path, words: tuple[str, ...], told: str) -> None:
    said = process("publish", built, "--dry-run", *words)
    assert said.code == 2
    assert f"error: {told}" in said.errors
    assert "Traceback" not in said.err


def test_dry_run_finds_fault_with_metadata(process: Process, built: Path) -> None:
    lines = ("Metadata-Version: 2.1", "Name: broken", "Version: 1.0", "Description-Content-Type: text/x-rst")
    broken = make_wheel("broken", metadata="\n".join([*lines, "", ".. nonsense::", ""]).encode())
    (built / broken.filename).write_bytes(broken.body)
    said = process("publish", built, "--dry-run", "--repository", REPOSITORY)
    assert said.code == 1
    assert said.errors == [f"error: what lies in {built.as_posix()} does not pass twine's check"]
    assert "FAILED" in said.err
