"""action.yml and its steps: what it refers to is there, and the steps do their work without the service."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, ROOT, plain_environment
from tests.index_server import IndexServer

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is missing")

SCRIPTS = ROOT / "scripts" / "ci"
GH = f"""#!{sys.executable}
import json, os, sys
words = sys.argv[1:]
if "--body-file" in words:
    place = words.index("--body-file") + 1
    words[place] = open(words[place], encoding="utf-8").read()
with open(os.environ["GH_RECORD"], "a", encoding="utf-8") as record:
    record.write(json.dumps(words) + "\\n")
if words[:2] == ["pr", "list"]:
    print(os.environ.get("GH_OPEN", "[]"))
elif words[:2] == ["pr", "create"]:
    print("https://service.example/pull/1")
"""


def load(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


ACTION = load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def inputs_in(text: object) -> set[str]:
    return set(re.findall(r"inputs\.([\w-]+)", str(text)))


def test_action_uses_the_inputs_that_it_describes() -> None:
    assert set().union(*map(inputs_in, STEPS)) == set(ACTION["inputs"])
    assert all(described["description"] and "default" in described for described in ACTION["inputs"].values())


def test_nothing_from_outside_becomes_part_of_a_shells_text() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert [step["run"] for step in STEPS if "${{" in step["run"]] == []
    assert all(step["shell"] == "bash" for step in STEPS)


def test_outputs_are_those_of_steps() -> None:
    ids = {step["id"]: step for step in STEPS if "id" in step}
    for name, output in ACTION["outputs"].items():
        step, value = re.findall(r"steps\.(\w+)\.outputs\.([\w-]+)", output["value"])[0]
        script = SCRIPTS / Path(ids[step]["run"].rstrip("'\"")).name
        assert f'set_output("{value}"' in script.read_text(encoding="utf-8")
        assert value == name


@pytest.mark.parametrize("step", [step for step in STEPS if "scripts/" in step["run"]], ids=lambda step: step["name"])
def test_steps_are_scripts_that_can_be_run_and_read_their_variables(step: dict[str, Any]) -> None:
    (script,) = (ROOT / name for name in re.findall(r"GITHUB_ACTION_PATH/([\w/]+)", step["run"]))
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    for name in step["env"].keys() - {"ACTION_PYTHON", "GH_TOKEN"}:
        assert f'"{name.removeprefix("ACTION_")}"' in text


@pytest.mark.parametrize(("mode", "code"), [("check", 0), ("refresh", 0), ("chekc", 2), ("check; exit 7", 2), ("", 2)])
def test_mode_is_one_of_two(mode: str, code: int) -> None:
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", STEPS[0]["run"]],
        env={**os.environ, "ACTION_MODE": mode},
        capture_output=True,
        check=False,
    )
    assert done.returncode == code


# The steps


class Job:
    """A checkout in which steps run as the service would run them."""

    def __init__(self, folder: Path, index: IndexServer) -> None:
        self.folder, self.index = folder / "work", index
        self.output, self.summary, self.record = folder / "output", folder / "summary", folder / "gh"
        stand_ins = folder / "bin"
        for made in (self.folder, stand_ins, folder / "home"):
            made.mkdir()
        gh = stand_ins / "gh"
        gh.write_text(GH, encoding="utf-8")
        gh.chmod(0o755)
        self.environment = {
            **plain_environment(folder),
            "PATH": f"{stand_ins}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "WHEELPIN_COMMAND": f"{sys.executable} -m wheelpin",
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.folder),
            "GH_RECORD": str(self.record),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PIP_INDEX_URL": index.url,
        }
        self.environment.pop("WHEELPIN_RETRIES")

    def git(self, *words: str) -> str:
        named = ("-c", "user.name=a", "-c", "user.email=a@b.example")
        return subprocess.run(
            ["git", *named, *words], cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def step(self, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run one step with the variables that action.yml would give it."""
        self.output.write_text("", encoding="utf-8")
        return subprocess.run(
            [sys.executable, str(SCRIPTS / name)],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def outputs(self) -> dict[str, str]:
        found = re.findall(
            r"^([\w-]+)<<(end-\w+)\n(.*?)\n\2$", self.output.read_text("utf-8"), re.DOTALL | re.MULTILINE
        )
        return {name: value for name, _, value in found}

    @property
    def gh_said(self) -> list[list[str]]:
        return [json.loads(line) for line in self.record.read_text("utf-8").splitlines()]


ARGUMENTS = f"-r requirements.in -t {LINUX}"


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with IndexServer.json_with_sidecars(
        make_wheel("alpha", "1.0", requires=["beta"]), make_wheel("beta", "1.0"), make_wheel("gamma", "1.0")
    ) as index:
        index.cache_control = "no-cache"
        job = Job(tmp_path, index)
        (job.folder / "requirements.in").write_text("alpha\n", encoding="utf-8")
        job.git("init", "-q", "-b", "main", "--bare", "../origin.git")
        job.git("init", "-q", "-b", "main")
        job.git("remote", "add", "origin", "../origin.git")
        words = [sys.executable, "-m", "wheelpin", "lock", *ARGUMENTS.split()]
        subprocess.run(words, cwd=job.folder, env=job.environment, check=True, capture_output=True)
        job.git("add", ".")
        job.git("commit", "-qm", "first")
        yield job


def test_check_is_green_and_says_so(job: Job) -> None:
    done = job.step("check", ACTION_ARGUMENTS=ARGUMENTS, ACTION_INDEX="true")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert job.outputs == {"sound": "true"}


def test_check_annotates_from_the_top_of_the_repository(job: Job) -> None:
    (job.folder / "requirements.in").write_text("alpha\ngamma\n", encoding="utf-8")
    done = job.step("check", ACTION_ARGUMENTS=ARGUMENTS)
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=requirements.in,line=2,title=")
    assert job.outputs == {"sound": "false"}
    sub_folder = job.folder / "sub"
    sub_folder.mkdir()
    words = f"-r ../requirements.in -t {LINUX} --output-dir ../lockfiles"
    there = subprocess.run(
        [sys.executable, str(SCRIPTS / "check")],
        cwd=sub_folder,
        env={**job.environment, "ACTION_ARGUMENTS": words},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "::error file=requirements.in,line=2,title=" in there.stdout


def test_error_of_the_input_is_no_verdict(job: Job) -> None:
    done = job.step("check", ACTION_ARGUMENTS="-r none.in -t x")
    assert done.returncode == 2
    assert job.outputs == {}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        pytest.param({"ACTION_INDEX": "yes"}, "index is true or false, not 'yes'", id="a switch"),
        pytest.param({"ACTION_ARGUMENTS": "-r 'a"}, "arguments: No closing quotation", id="a quote that does not end"),
    ],
)
def test_wrong_words_are_told(job: Job, variables: dict[str, str], told: str) -> None:
    done = job.step("check", **variables)
    assert done.returncode == 1
    assert told in done.stderr


def test_words_are_never_run_by_a_shell(job: Job) -> None:
    job.step("check", ACTION_ARGUMENTS="$(touch a) `touch b` ; touch c && touch d | tee e")
    assert sorted(path.name for path in job.folder.iterdir()) == [".git", "lockfiles", "requirements.in"]


def test_refresh_of_an_unchanged_world_proposes_nothing(job: Job) -> None:
    done = job.step("refresh", ACTION_ARGUMENTS=ARGUMENTS, ACTION_UPGRADE="true")
    assert done.returncode == 0, done.stderr
    assert job.outputs == {"changed": "false"}
    assert not job.record.exists()
    assert job.git("branch", "--list").split() == ["*", "main"]


def test_refresh_opens_a_pull_request_with_the_difference(job: Job) -> None:
    job.index.add(make_wheel("beta", "2.0"))
    (job.folder / "unrelated.txt").write_text("not ours", encoding="utf-8")
    words = f"{ARGUMENTS} -t cp312-win_amd64"
    done = job.step("refresh", ACTION_ARGUMENTS=words, ACTION_UPGRADE="true", ACTION_TITLE="New; $(wheels)")
    assert done.returncode == 0, done.stderr
    assert job.outputs == {"changed": "true", "pull-request": "https://service.example/pull/1"}
    listed, created = job.gh_said
    assert listed[:4] == ["pr", "list", "--head", "wheelpin/refresh"]
    assert created[:6] == ["pr", "create", "--head", "wheelpin/refresh", "--title", "New; $(wheels)"]
    body = created[-1]
    assert f"### `{LOCK}`" in body
    assert "| beta | up | 1.0 | 2.0 |" in body
    assert "### `lockfiles/cp312-win_amd64.txt`" in body
    assert "| alpha | added |  | 1.0 |" in body
    assert job.summary.read_text(encoding="utf-8") == f"{body}\n"
    assert (
        job.git("log", "--format=%s|%an", "origin/wheelpin/refresh", "-1").strip()
        == "New; $(wheels)|github-actions[bot]"
    )
    changed = job.git("show", "--name-only", "--format=", "wheelpin/refresh").split()
    assert changed == ["lockfiles/cp312-manylinux_2_28_x86_64.txt", "lockfiles/cp312-win_amd64.txt"]


def test_refresh_brings_an_open_pull_request_up_to_date(job: Job) -> None:
    job.index.add(make_wheel("beta", "2.0"))
    variables = {
        "ACTION_ARGUMENTS": ARGUMENTS,
        "ACTION_UPGRADE": "true",
        "ACTION_BRANCH": "locks",
        "ACTION_BASE": "main",
    }
    assert job.step("refresh", **variables).returncode == 0
    assert job.gh_said[-1][2:6] == ["--head", "locks", "--base", "main"]
    job.git("switch", "-q", "main")
    job.index.add(make_wheel("beta", "3.0"))
    open_one = json.dumps([{"number": 1, "url": "https://service.example/pull/1"}])
    done = job.step("refresh", **variables, GH_OPEN=open_one)
    assert done.returncode == 0, done.stderr
    assert job.gh_said[-1][:3] == ["pr", "edit", "1"]
    assert "| beta | up | 1.0 | 3.0 |" in job.gh_said[-1][-1]
    assert job.outputs["pull-request"] == "https://service.example/pull/1"


def test_refresh_that_only_follows_the_inputs_keeps_pins(job: Job) -> None:
    job.index.add(make_wheel("beta", "2.0"))
    done = job.step("refresh", ACTION_ARGUMENTS=ARGUMENTS, ACTION_UPGRADE="false")
    assert done.returncode == 0
    assert job.outputs == {"changed": "false"}


@pytest.mark.parametrize("branch", ["-D", "a..b", "a b", "refs/heads/../x"])
def test_branch_that_is_none_is_refused(job: Job, branch: str) -> None:
    job.index.add(make_wheel("beta", "2.0"))
    variables = {"ACTION_ARGUMENTS": ARGUMENTS, "ACTION_UPGRADE": "true", "ACTION_BRANCH": branch}
    assert job.step("refresh", **variables).returncode != 0
    assert not job.record.exists()


def test_refresh_that_fails_fails_the_step(job: Job) -> None:
    job.index.answers["/simple/alpha/"] = 503
    done = job.step("refresh", ACTION_ARGUMENTS=f"{ARGUMENTS} --retries 0", ACTION_UPGRADE="true")
    assert done.returncode == 5
    assert job.outputs == {}


def test_outputs_go_to_standard_output_without_a_service(job: Job) -> None:
    del job.environment["GITHUB_OUTPUT"]
    done = job.step("check", ACTION_ARGUMENTS=ARGUMENTS)
    assert done.stdout.startswith("sound<<end-")


@pytest.mark.live
def test_set_up_installs_wheelpin_on_the_path(tmp_path: Path) -> None:
    path = tmp_path / "path"
    environment = {**os.environ, "RUNNER_TEMP": str(tmp_path), "GITHUB_PATH": str(path)}
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "set_up")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    folder = Path(path.read_text(encoding="utf-8").strip())
    said = subprocess.run([folder / "wheelpin", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("wheelpin ")
