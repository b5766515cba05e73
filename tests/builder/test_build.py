"""A build from its request to the wheel in its folder, with an engine that only answers."""

import json
from pathlib import Path

import pytest

from tests.builder.fake_engine import FakeEngine, Script, facts
from tests.builder.workshops import SDIST, TARGET, request, workshop
from tests.builders import make_sdist, make_wheel
from tests.elf_builders import make_extension
from wheelpin.builder import (
    BuildRequest,
    BuildRequirementsError,
    BuiltWheel,
    CannotBuildError,
    ImagesAtHand,
    StepFailedError,
    UnsoundBuildError,
    Workshop,
    build_wheel,
)
from wheelpin.builder.build import build_sdist
from wheelpin.builder.sources import open_folder
from wheelpin.engines import EngineFailedError, Network, PullFailedError, TimeLimitError
from wheelpin.engines.errors import NoSpaceError
from wheelpin.errors import BuildFailedError
from wheelpin.project import Recipe
from wheelpin.safe_write import FileNotWritableError
from wheelpin.target import Target

PURE = make_wheel("demo", "1.0")
SO = "_demo.cpython-39-x86_64-linux-gnu.so"
NATIVE = make_wheel("demo", "1.0", "cp39-cp39-linux_x86_64", files={SO: make_extension("_demo")})
REPAIRED = make_wheel("demo", "1.0", "cp39-cp39-manylinux_2_28_x86_64", files={SO: make_extension("_demo")})


def built(asked: BuildRequest, made_in: Workshop, folder: Path) -> BuiltWheel:
    with ImagesAtHand(made_in) as images:
        return build_wheel(asked, folder / "wheels", images, made_in)


def test_pure_wheel_is_built_proven_and_kept_with_its_provenance(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[PURE], requires=["wheel"]))
    done = built(request(tmp_path), workshop(engine, tmp_path), tmp_path)
    assert (done.path.read_bytes(), done.sha256, done.is_kept) == (PURE.body, PURE.sha256, False)
    record = json.loads((tmp_path / "wheels" / f"{PURE.filename}.provenance.json").read_text())
    assert record["requirements"] == ["pip==25.0", "setuptools==70.0", "wheel==0.40"]
    assert (record["tools"], record["source"]) == ([], SDIST.filename)
    assert not any("auditwheel" in " ".join(command.argv) for command in engine.commands)
    assert [options.network for options in engine.opened] == [Network.NONE] * 3
    assert (engine.open_now, list((tmp_path / "logs").iterdir())) == (0, [])


def test_second_build_of_the_same_takes_no_container(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[PURE]))
    first = built(request(tmp_path), workshop(engine, tmp_path), tmp_path)
    first.path.unlink()
    engine.opened.clear()
    again = built(request(tmp_path), workshop(engine, tmp_path), tmp_path)
    assert (again.is_kept, again.path.read_bytes()) == (True, PURE.body)
    assert engine.opened == []


def test_without_a_cache_everything_is_built_anew(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[PURE]))
    for _ in range(2):
        assert not built(request(tmp_path), workshop(engine, tmp_path, use_cache=False), tmp_path).is_kept


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(Recipe(environment={"CFLAGS": "-O1"}), id="a variable"),
        pytest.param(Recipe(build_requires=("cython",)), id="a build requirement"),
        pytest.param(Recipe(test_command=("true",)), id="a test"),
    ],
)
def test_another_recipe_is_another_build(tmp_path: Path, recipe: Recipe) -> None:
    engine = FakeEngine(Script(built=[PURE]))
    built(request(tmp_path), workshop(engine, tmp_path), tmp_path)
    assert not built(request(tmp_path, recipe=recipe), workshop(engine, tmp_path), tmp_path).is_kept


def test_wheel_with_binaries_is_repaired_to_exactly_the_targets_policy(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[NATIVE], repaired=[REPAIRED]))
    done = built(request(tmp_path), workshop(engine, tmp_path), tmp_path)
    assert done.path.name == REPAIRED.filename
    assert done.record.tools == ("auditwheel 6.4.2", "patchelf 0.17.2")
    (repair,) = [command.argv for command in engine.commands if "-w" in command.argv]
    assert repair[repair.index("--plat") + 1] == "manylinux_2_28_x86_64"


def test_wheel_that_its_backend_named_for_a_policy_is_not_repaired(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[REPAIRED]))
    assert built(request(tmp_path), workshop(engine, tmp_path), tmp_path).record.tools == ()


def test_recipe_brings_patches_packages_variables_and_the_network(tmp_path: Path) -> None:
    recipe = Recipe(
        system_packages=("libyaml-devel",),
        environment={"CFLAGS": "-O1"},
        before_build=("make headers",),
        patches=("a.patch",),
        build_requires=("cython",),
        config_settings={"debug": "1"},
        network=True,
        test_command=("pytest",),
        test_requires=("pytest",),
    )
    engine = FakeEngine(Script(built=[PURE]))
    built(request(tmp_path, recipe=recipe, patches=[b"--- a"]), workshop(engine, tmp_path), tmp_path)
    spelled = [" ".join(command.argv) for command in engine.commands]
    assert "yum install -y libyaml-devel" in spelled
    assert "sh -c make headers" in spelled
    wheel = next(command for command in engine.commands if '"build_wheel"' in command.argv[-1])
    assert json.loads(wheel.argv[-1])["arguments"] == ["/tmp/wheelpin/built", {"debug": "1"}]
    assert any("cython==3.0" in words for words in spelled)
    assert "sh -c pytest" in spelled
    images = {options.image: options.network for options in engine.opened}
    assert images == {"stand-in": Network.NONE, "prepared": Network.FULL}
    assert wheel.environment["CFLAGS"] == "-O1"
    assert wheel.environment["https_proxy"] == "http://proxy.example"
    assert engine.removed == ["prepared"]


def test_image_is_announced_and_fetched_where_it_is_missing(tmp_path: Path) -> None:
    engine, said = FakeEngine(Script(built=[PURE]), images=()), list[str]()
    engine.pullable.add("stand-in")
    built(request(tmp_path), workshop(engine, tmp_path, said=said), tmp_path)
    assert said == [f"fetching the image stand-in for {TARGET.name}"]


def refused(
    script: Script, tmp_path: Path, kind: type[BuildFailedError] = StepFailedError, *, recipe: Recipe | None = None
) -> str:
    """Build what must fail: nothing is kept, nothing is left running, and the log is there."""
    engine = FakeEngine(script)
    with pytest.raises(kind) as caught:
        built(request(tmp_path, recipe=recipe), workshop(engine, tmp_path), tmp_path)
    assert engine.open_now == 0
    assert not list((tmp_path / "wheels").glob("*"))
    if (log := getattr(caught.value, "log", None)) is not None:
        assert Path(log).is_file()
        assert str(log) in str(caught.value)
    return f"{caught.value} [{getattr(caught.value, 'hint', None)}]"


def test_disk_that_takes_no_copy_of_a_project_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "setup.py").write_text("")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wheelpin.builder.room.copy_project", refuse)
    engine = FakeEngine(Script(built=[PURE]))
    asked = BuildRequest(source=open_folder(project), target=TARGET, recipe=Recipe())
    with pytest.raises(FileNotWritableError, match=r"cannot write .*: No space left on device"):
        built(asked, workshop(engine, tmp_path), tmp_path)
    assert engine.open_now == 0


def test_runs_that_share_a_folder_have_logs_of_their_own(tmp_path: Path) -> None:
    script = Script(built=[PURE], failures={'"build_wheel"': (1, "error: no")})
    refused(script, tmp_path)
    refused(script, tmp_path)
    first, second = (tmp_path / "logs").iterdir()
    assert first.name.startswith("demo-1.0.tar.gz-for-cp39-manylinux_2_28_x86_64-")
    assert "error: no" in first.read_text()
    assert "error: no" in second.read_text()


@pytest.mark.parametrize(
    ("failures", "told"),
    [
        pytest.param({"unpack.py": (1, "../x leads out of the sdist")}, "unpacking failed", id="a hostile sdist"),
        pytest.param({"backend.py": (1, "ModuleNotFoundError: No module named 'zzz'")}, "imports zzz", id="backend"),
        pytest.param(
            {'"build_wheel"': (1, "a.c:1: error: expected")},
            "building the wheel failed: a.c:1: error: expected",
            id="gcc",
        ),
        pytest.param({'"build_wheel"': (139, "gcc -c")}, "vsyscall=emulate", id="a segmentation fault"),
        pytest.param({'"build_wheel"': (137, "cc1plus")}, "memory", id="out of memory"),
        pytest.param({'"build_wheel"': (1, "No space left on device")}, "a disk is full", id="a full disk within"),
        pytest.param({"--only-plat": (1, "Cannot find required utility `patchelf`")}, "no patchelf", id="no patchelf"),
        pytest.param(
            {"--only-plat": (1, "because of the presence of too-recent versioned symbols")},
            "needs newer symbols than manylinux_2_28_x86_64 promises: GLIBC_2.17 of libc.so.6",
            id="symbols",
        ),
        pytest.param({"--help": (127, "")}, "the image has no auditwheel", id="no auditwheel"),
    ],
)
def test_failed_step_is_named_and_explained(tmp_path: Path, failures: dict[str, tuple[int, str]], told: str) -> None:
    assert told in refused(Script(built=[NATIVE], repaired=[REPAIRED], failures=failures), tmp_path)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(EngineFailedError("podman", "run pip", "it went away"), "it went away", id="a dead engine"),
        pytest.param(NoSpaceError("podman", "run pip", "no space left"), "make room", id="a full disk outside"),
        pytest.param(TimeLimitError("pip", 60), "60 seconds", id="a build without end"),
        pytest.param(TimeLimitError("pip", 60), "--time-limit", id="what would help there"),
    ],
)
def test_what_the_engine_raises_names_the_build_and_the_log(tmp_path: Path, error: Exception, told: str) -> None:
    said = refused(Script(built=[PURE], errors={'"build_wheel"': error}), tmp_path)
    assert told in said
    assert "demo-1.0.tar.gz for cp39-manylinux_2_28_x86_64" in said


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param(Script(built=[]), "the build left nothing", id="no wheel"),
        pytest.param(Script(built=[make_wheel("other")]), "a wheel of another project", id="another project"),
        pytest.param(
            Script(built=[make_wheel("demo", "1.0", "cp39-cp39-linux_x86_64")]), "no binary in it", id="silent loss"
        ),
        pytest.param(
            Script(built=[PURE], says={'"build_wheel"': 'building extension "_demo" failed'}),
            "_demo",
            id="loss in the log",
        ),
        pytest.param(
            Script(built=[PURE], broken_modules={"demo": "ValueError: broken"}), "does not import", id="no import"
        ),
        pytest.param(Script(built=[NATIVE], repaired=[NATIVE]), "linux_x86_64", id="a repair that did not name it"),
        pytest.param(
            Script(
                built=[
                    make_wheel("demo", "1.0", "cp310-cp310-manylinux_2_28_x86_64", files={SO: make_extension("_demo")})
                ]
            ),
            "3.10",
            id="a wheel for another Python",
        ),
    ],
)
def test_wheel_that_is_not_what_it_should_be_is_refused(tmp_path: Path, script: Script, told: str) -> None:
    assert told in refused(script, tmp_path, UnsoundBuildError)


def test_backend_without_an_answer_is_told_of(tmp_path: Path) -> None:
    assert "asking the build backend failed: it gave no answer" in refused(Script(is_silent=True), tmp_path)


def test_module_of_another_project_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    script = Script(built=[PURE], broken_modules={"demo": "ModuleNotFoundError: No module named 'elsewhere'"})
    assert built(request(tmp_path), workshop(FakeEngine(script), tmp_path), tmp_path).path.is_file()


def test_failing_test_of_the_recipe_refuses_the_wheel(tmp_path: Path) -> None:
    script = Script(built=[PURE], failures={"-c pytest": (1, "1 failed")})
    said = refused(script, tmp_path, recipe=Recipe(test_command=("pytest",), test_requires=("pytest",)))
    assert "test-command failed" in said
    assert "the command was: pytest" in said


def test_sibling_with_more_modules_is_worth_a_warning(tmp_path: Path) -> None:
    sibling = make_wheel(
        "demo", "1.0", "cp38-cp38-manylinux2014_x86_64", files={SO: b"", "_more.cpython-38-x86_64-linux-gnu.so": b""}
    )
    engine = FakeEngine(Script(built=[NATIVE], repaired=[REPAIRED]))
    asked = request(tmp_path, siblings=[sibling])
    done = built(asked, workshop(engine, tmp_path, sibling), tmp_path)
    (note,) = done.notes
    assert "_more" in note
    assert built(asked, workshop(engine, tmp_path, sibling), tmp_path).notes == (note,)


HOLLOW = make_wheel("demo", "1.0", "cp39-cp39-linux_x86_64", files={"demo.py": ""})
HOLLOW_RENAMED = "demo-1.0-cp39-cp39-manylinux_2_28_x86_64.whl"


def test_wheel_may_lack_what_its_recipe_calls_optional(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[HOLLOW]))
    recipe = Recipe(optional_extensions=("demo._fast",))
    done = built(request(tmp_path, recipe=recipe), workshop(engine, tmp_path), tmp_path)
    assert (done.path.name, done.notes) == (HOLLOW_RENAMED, ("without demo._fast, as its recipe allows",))
    assert not any("repair" in command.argv for command in engine.commands)
    record = json.loads(done.path.with_name(f"{HOLLOW_RENAMED}.provenance.json").read_text())
    assert record["notes"] == list(done.notes)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param("ModuleNotFoundError: No module named 'demo'", id="says of itself that it is not there"),
        pytest.param("ImportError: No module named demo._fast", id="wants what is optional"),
    ],
)
def test_module_that_wants_what_is_optional_need_not_import(tmp_path: Path, error: str) -> None:
    engine = FakeEngine(Script(built=[HOLLOW], broken_modules={"demo": error}))
    recipe = Recipe(optional_extensions=("demo._fast",))
    assert built(request(tmp_path, recipe=recipe), workshop(engine, tmp_path), tmp_path).path.name == HOLLOW_RENAMED


def test_nothing_else_may_be_lacking(tmp_path: Path) -> None:
    script = Script(built=[HOLLOW], says={'"build_wheel"': 'building extension "demo._slow" failed'})
    said = refused(script, tmp_path, UnsoundBuildError, recipe=Recipe(optional_extensions=("demo._fast",)))
    assert "demo._slow" in said
    assert 'optional-extensions = ["demo._slow"]' in said
    broken = Script(built=[HOLLOW], broken_modules={"demo": "ImportError: No module named demo._slow"})
    said = refused(broken, tmp_path, UnsoundBuildError, recipe=Recipe(optional_extensions=("demo._fast",)))
    assert "does not import" in said


def test_build_requirement_without_an_answer_is_named(tmp_path: Path) -> None:
    recipe = Recipe(build_requires=("nowhere",))
    assert "nowhere" in refused(Script(built=[PURE]), tmp_path, BuildRequirementsError, recipe=recipe)


def test_settings_that_the_setuptools_of_an_old_python_cannot_be_told_are_refused(tmp_path: Path) -> None:
    recipe = Recipe(config_settings={"--global-option": "--quiet"}, build_requires=("setuptools<60",))
    offered = make_wheel("setuptools", "59.6.0")
    with pytest.raises(CannotBuildError, match=r"setuptools 59\.6\.0, the release for this Python, takes no"):
        built(request(tmp_path, recipe=recipe), workshop(FakeEngine(Script()), tmp_path, offered), tmp_path)


def test_old_setuptools_is_asked_without_settings(tmp_path: Path) -> None:
    recipe = Recipe(config_settings={"--build-option": "--plat-name x"}, build_requires=("setuptools<60",))
    engine = FakeEngine(Script(built=[PURE]))
    built(request(tmp_path, recipe=recipe), workshop(engine, tmp_path, make_wheel("setuptools", "59.6.0")), tmp_path)
    asked, made = [json.loads(each.argv[-1])["arguments"] for each in engine.commands if "backend.py" in each.argv[1]]
    assert (asked, made[1]) == ([{}], {"--global-option": ["--plat-name", "x"]})


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param(
            Script(failures={"capture.py": (127, "")}), "has no /opt/python/cp39-cp39/bin/python; it has", id="no"
        ),
        pytest.param(Script(failures={"capture.py": (1, "broken")}), "ends with exit code 1: broken", id="broken"),
        pytest.param(Script(facts=b"{}"), "answers nonsense", id="nonsense"),
        pytest.param(Script(facts=facts(minor=8, abi="cp38")), "is cp38-cp38, and not cp39-cp39", id="another"),
    ],
)
def test_image_without_the_targets_python_is_refused(tmp_path: Path, script: Script, told: str) -> None:
    assert told in refused(script, tmp_path, CannotBuildError)


def test_system_packages_need_a_manager_that_is_known_and_packages_that_exist(tmp_path: Path) -> None:
    recipe = Recipe(system_packages=("libyaml",))
    assert "none of dnf" in refused(Script(manager="zypper"), tmp_path, recipe=recipe)
    failing = Script(failures={"yum install": (1, "no package libyaml")})
    assert "yum for system packages failed" in refused(failing, tmp_path, recipe=recipe)


def test_other_architectures_systems_and_images_that_cannot_be_had_are_refused(tmp_path: Path) -> None:
    engine = FakeEngine(Script(built=[PURE]))
    for target, told in (("cp39-manylinux2014_aarch64", "no emulator"), ("cp39-win_amd64", "for Linux only")):
        with pytest.raises(CannotBuildError, match=told):
            built(request(tmp_path, target=Target.parse(target)), workshop(engine, tmp_path), tmp_path)
    with pytest.raises(PullFailedError):
        built(request(tmp_path, recipe=Recipe(image="gone")), workshop(engine, tmp_path), tmp_path)
    assert engine.opened == []


def test_folder_is_copied_in_and_its_sdist_comes_out(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "setup.py").write_text("")
    sdist = make_sdist("demo", "1.0")
    engine = FakeEngine(Script(built=[PURE], sdist=sdist, requires=["wheel"]))
    asked = BuildRequest(source=open_folder(project), target=TARGET, recipe=Recipe())
    made_in = workshop(engine, tmp_path)
    with ImagesAtHand(made_in) as images:
        path = build_sdist(asked, tmp_path / "wheels", images, made_in)
    assert path.read_bytes() == sdist.body
    assert ("/wheelpin/source", ["setup.py"]) in engine.copied
    assert built(asked, made_in, tmp_path).path.is_file()


def test_backend_that_leaves_no_sdist_is_refused(tmp_path: Path) -> None:
    made_in = workshop(FakeEngine(Script()), tmp_path)
    with ImagesAtHand(made_in) as images, pytest.raises(UnsoundBuildError, match="nothing as an sdist"):
        build_sdist(request(tmp_path), tmp_path / "wheels", images, made_in)
