"""docs/ci.md: what its snippets refer to is there."""

import re
import shlex
from typing import Any

import pytest
import yaml

from tests.cli.running import ROOT
from tests.test_readme import accept

TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)


def load(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


GITHUB, PRE_COMMIT, GITLAB = map(load, SNIPPETS)


def commands() -> list[str]:
    lines = [line for job in GITLAB.values() for line in job["script"]]
    return [line for line in lines if line.startswith("wheelpin ")]


def test_github_jobs_use_the_action_with_inputs_that_it_has() -> None:
    action = load((ROOT / "action.yml").read_text(encoding="utf-8"))
    used = [
        step for job in GITHUB["jobs"].values() for step in job["steps"] if step["uses"].startswith("OWNER/wheelpin")
    ]
    assert [step.get("with", {}).get("mode", action["inputs"]["mode"]["default"]) for step in used] == [
        "check",
        "refresh",
    ]
    assert all(set(step.get("with", {})) <= set(action["inputs"]) for step in used)
    assert set(re.findall(r"`(index|upgrade|token|arguments|mode)", TEXT)) <= set(action["inputs"])


def test_hook_that_is_named_exists() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert PRE_COMMIT["repos"][0]["hooks"][0]["id"] == hook["id"]
    accept("lock", *shlex.split(hook["entry"])[2:], *PRE_COMMIT["repos"][0]["hooks"][0]["args"])


@pytest.mark.parametrize("command", commands())
def test_command_of_gitlab_exists(command: str) -> None:
    accept(*shlex.split(command.partition(" >")[0])[1:])


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(scripts/[\w/]+|action\.yml)`", TEXT))))
def test_file_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).is_file()
