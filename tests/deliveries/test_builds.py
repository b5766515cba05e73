"""Several builds in one run, and what is told of them."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.builder.fake_engine import FakeEngine, Script
from tests.builder.workshops import SDIST, TARGET, request, workshop
from tests.builders import make_sdist, make_wheel
from wheelpin.builder import BuildRequest
from wheelpin.builder.sources import open_folder
from wheelpin.cli.build_options import BuildWords
from wheelpin.cli.build_report import tell
from wheelpin.cli.console import Console, Volume
from wheelpin.deliveries.builds import Done, Failed, build_all, default_jobs, sdists_of
from wheelpin.project import Recipe
from wheelpin.target import Target

WHEEL = make_wheel("demo", "1.0")
OTHER = Target.parse("cp39-manylinux_2_31_x86_64")


def words(folder: Path, *, as_json: bool = False) -> BuildWords:
    return BuildWords(
        wheelhouse=folder,
        jobs=2,
        engine=None,
        image=None,
        time_limit_min=None,
        with_sdist=False,
        plan=False,
        keep_log=False,
        as_json=as_json,
    )


def test_failure_of_one_does_not_stop_the_others_and_outcomes_keep_their_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(Script(built=[WHEEL]))
    broken = request(tmp_path, target=Target.parse("cp39-win_amd64"))
    made_in = workshop(engine, tmp_path)
    outcomes = build_all([broken, request(tmp_path)], tmp_path / "wheels", made_in, jobs=2)
    assert [type(each) for each in outcomes] == [Failed, Done]
    tell(outcomes, [], words(tmp_path / "wheels"), Console(Volume.NORMAL))
    said = capsys.readouterr()
    first, second = said.out.splitlines()
    assert first.startswith("demo-1.0.tar.gz  cp39-win_amd64              failed  ")
    assert second.endswith(f"built in 0 s  {WHEEL.filename}") or "built in" in second
    assert "error: nothing can be built for cp39-win_amd64" in said.err
    assert "1 wheel of 2" in said.err
    (tmp_path / SDIST.filename).write_bytes(SDIST.body)
    tell(outcomes, [tmp_path / SDIST.filename], words(tmp_path / "wheels", as_json=True), Console(Volume.NORMAL))
    data = json.loads(capsys.readouterr().out)
    failed, done = data["builds"]
    assert (failed["exit_code"], failed["hint"], failed["log"]) == (6, None, None)
    assert (done["sha256"], done["kept"]) == (WHEEL.sha256, False)
    assert data["sdists"] == [{"sdist": (tmp_path / SDIST.filename).as_posix(), "sha256": SDIST.sha256}]


def test_targets_that_get_the_same_pure_wheel_share_one_file(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[WHEEL]))
    asked = [request(tmp_path), request(tmp_path, target=OTHER)]
    outcomes = build_all(asked, tmp_path / "wheels", workshop(engine, tmp_path), jobs=1)
    paths = {each.built.path for each in outcomes if isinstance(each, Done)}
    assert paths == {tmp_path / "wheels" / WHEEL.filename}


def test_interruption_removes_every_container(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[WHEEL], errors={'"build_wheel"': KeyboardInterrupt()}))  # type: ignore[dict-item]
    with pytest.raises(KeyboardInterrupt):
        build_all([request(tmp_path)], tmp_path / "wheels", workshop(engine, tmp_path), jobs=1)
    assert (engine.stopped, engine.open_now) == (True, 0)


def test_interruption_while_builds_begin_removes_every_container_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = list[object]()

    def submit(threads: ThreadPoolExecutor, *work: object) -> object:
        if begun:
            raise KeyboardInterrupt
        begun.append(really_submit(threads, *work))  # type: ignore[arg-type]
        return begun[0]

    really_submit = ThreadPoolExecutor.submit
    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit)
    engine = FakeEngine(Script(built=[WHEEL]))
    asked = [request(tmp_path), request(tmp_path, target=OTHER)]
    with pytest.raises(KeyboardInterrupt):
        build_all(asked, tmp_path / "wheels", workshop(engine, tmp_path), jobs=1)
    assert (engine.stopped, engine.open_now) == (True, 0)


def test_each_folder_gets_one_sdist_whatever_the_targets(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "setup.py").write_text("")
    engine = FakeEngine(Script(sdist=make_sdist("demo", "1.0")))
    source = open_folder(project)
    asked = [BuildRequest(source=source, target=target, recipe=Recipe()) for target in (TARGET, OTHER)]
    (path,) = sdists_of([*asked, request(tmp_path)], tmp_path / "wheels", workshop(engine, tmp_path))
    assert path.name == "demo-1.0.tar.gz"


def test_some_builds_run_at_a_time() -> None:
    assert default_jobs() >= 1
