"""``wheelpin publish``: what lies in a folder, handed over to a real server by the real twine."""

from pathlib import Path

import pytest

from tests.builders import make_sdist, make_wheel
from tests.cli.running import Process, Wheelpin
from tests.index_server import pypiserver
from wheelpin.deliveries.publishing import Upload, files_to_publish, twine_words

WHEEL, SDIST = make_wheel("demo", "1.0"), make_sdist("demo", "1.0")
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
