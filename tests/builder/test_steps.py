"""A build as data: no engine is needed to read what would run."""

import json

from wheelpin.builder.build_system import BuildSystem
from wheelpin.builder.places import Surroundings, proxies_of, spelled
from wheelpin.builder.steps import (
    backend_step,
    environment_steps,
    folder_step,
    preparation_steps,
    system_package_step,
    unpack_steps,
)

AROUND = Surroundings(python="/opt/python/cp36-cp36m/bin/python", image_environment={"PATH": "/opt/tools:/usr/bin"})


def test_build_runs_as_a_plain_user_at_a_fixed_time_without_pips_own_configuration() -> None:
    command = backend_step(AROUND, BuildSystem(), "build_wheel", ["/b", {}], name="building").command
    assert command.user == "1000:1000"
    assert command.environment["SOURCE_DATE_EPOCH"] == "315532800"
    assert command.environment["PIP_CONFIG_FILE"] == "/dev/null"
    assert command.environment["HOME"] == "/tmp/wheelpin/home"
    assert command.environment["PATH"] == "/opt/python/cp36-cp36m/bin:/tmp/wheelpin/packages/bin:/opt/tools:/usr/bin"


def test_what_the_image_sets_for_pip_and_python_is_taken_away() -> None:
    image = {"PATH": "/bin", "PIP_INDEX_URL": "https://index.example", "PYTHONPATH": "/x", "PIP_NO_INPUT": "0"}
    command = Surroundings(python="/p/python", image_environment=image).command("true")
    unset = ("env", "-u", "PIP_INDEX_URL", "-u", "PIP_NO_INPUT", "-u", "PYTHONPATH")
    assert command.argv == (*unset, "PIP_NO_INPUT=1", "true")
    assert "PIP_NO_INPUT" not in command.environment


def test_recipe_has_the_last_word_on_variables() -> None:
    around = Surroundings(python="/p/python", more={"SOURCE_DATE_EPOCH": "1", "CFLAGS": "-O1"})
    environment = around.command("true").environment
    assert (environment["SOURCE_DATE_EPOCH"], environment["CFLAGS"]) == ("1", "-O1")


def test_programs_for_32_bits_are_told_so() -> None:
    assert Surroundings(python="/p", is_32_bit=True).command("gcc").argv == ("linux32", "gcc")


def test_sdist_is_unpacked_inside_and_a_folder_is_copied() -> None:
    unpack, move = (step.command.argv for step in unpack_steps(AROUND, "a-1.0.tar.gz"))
    assert unpack[1:] == (
        "/wheelpin/scripts/unpack.py",
        "/wheelpin/source/a-1.0.tar.gz",
        "/tmp/wheelpin/unpacked/sdist",
    )
    assert move[-1] == "/tmp/wheelpin/unpacked/tree"
    (copy,) = unpack_steps(AROUND, None)
    assert copy.command.argv == ("cp", "-R", "/wheelpin/source", "/tmp/wheelpin/unpacked/tree")


def test_patches_come_before_commands_and_both_run_in_the_tree() -> None:
    first, second = preparation_steps(AROUND, ["fixes/a.patch"], ["make headers"])
    assert (first.name, first.command.argv[-1]) == ("the patch a.patch", "/wheelpin/patches/0")
    assert second.command.argv == ("sh", "-c", "make headers")
    assert {first.command.working_folder, second.command.working_folder} == {"/tmp/wheelpin/unpacked/tree"}


def test_environment_is_made_of_exact_pins() -> None:
    steps = list(environment_steps(AROUND, "pip-26.0-py3-none-any.whl", ["wheel==0.37.1", "setuptools==59.6.0"]))
    assert steps[0].command.argv[-2:] == ("/wheelpin/dependencies/pip-26.0-py3-none-any.whl", "/tmp/wheelpin/tools")
    assert steps[1].command.argv[-2:] == ("setuptools==59.6.0", "wheel==0.37.1")
    assert len(list(environment_steps(AROUND, "pip.whl", []))) == len(steps) - 1


def test_backend_is_called_in_the_tree_with_the_build_requirements_only() -> None:
    step = backend_step(AROUND, BuildSystem(backend="b", backend_path=(".",)), "hook", [{"a": "1"}], name="asking")
    assert (step.name, step.command.working_folder) == ("asking", "/tmp/wheelpin/unpacked/tree")
    assert step.command.environment["PYTHONPATH"] == "/tmp/wheelpin/packages"
    assert step.command.argv[:2] == ("/opt/python/cp36-cp36m/bin/python", "/wheelpin/scripts/backend.py")
    assert json.loads(step.command.argv[2]) == {
        "backend": "b",
        "backend_path": ["."],
        "hook": "hook",
        "arguments": [{"a": "1"}],
        "answer": "/tmp/wheelpin/answers/answer.json",
    }


def test_system_packages_are_installed_by_root_without_a_question() -> None:
    install = system_package_step("apt-get", ["libyaml-dev"], AROUND).command
    assert install.argv[-2:] == ("apt-get", "libyaml-dev")
    assert "apt-get install -y" in install.argv[2]
    assert install.user == "0:0"
    assert system_package_step("yum", ["libyaml-devel"], AROUND).command.argv == (
        "yum",
        "install",
        "-y",
        "libyaml-devel",
    )


def test_folders_are_made_by_the_plain_user() -> None:
    assert folder_step(AROUND).command.argv[:2] == ("mkdir", "-p")


def test_proxies_travel_under_both_spellings() -> None:
    assert proxies_of({"HTTPS_PROXY": "http://proxy.example", "no_proxy": "a", "HOME": "/root"}) == {
        "https_proxy": "http://proxy.example",
        "HTTPS_PROXY": "http://proxy.example",
        "no_proxy": "a",
        "NO_PROXY": "a",
    }


def test_commands_are_spelled_for_people() -> None:
    assert spelled(["sh", "-c", "a b"]) == "sh -c 'a b'"
