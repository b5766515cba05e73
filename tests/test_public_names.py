"""What others may rely on: the names that packages offer, and one exit code a branch of errors."""

import inspect
import json
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import wheelpin
from wheelpin import errors
from wheelpin.errors import WheelpinError

ROOT = Path(__file__).parents[1]
FOUND = list(pkgutil.walk_packages(wheelpin.__path__, "wheelpin."))
PACKAGES = ["wheelpin", *(module.name for module in FOUND if module.ispkg)]
MODULES = [*PACKAGES, *(module.name for module in FOUND if not module.ispkg and not module.name.endswith("__main__"))]

EXIT_CODES = {
    errors.CheckFailedError: 1,
    errors.InputError: 2,
    errors.ResolutionError: 3,
    errors.IntegrityError: 4,
    errors.IndexUnavailableError: 5,
    errors.BuildFailedError: 6,
}


def offered(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", []))


@pytest.mark.parametrize("name", PACKAGES)
def test_package_offers_what_it_has(name: str) -> None:
    package = import_module(name)
    assert [each for each in offered(package) if not hasattr(package, each)] == []
    assert len(offered(package)) == len(set(offered(package)))


@pytest.mark.parametrize("name", PACKAGES)
def test_package_offers_all_that_it_re_exports(name: str) -> None:
    package = import_module(name)
    ours = {
        each
        for each, value in vars(package).items()
        if (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__.startswith("wheelpin.")
    }
    assert {each for each in ours if not each.startswith("_")} <= set(offered(package))


@pytest.mark.parametrize("name", PACKAGES)
def test_offered_class_or_function_says_what_it_is(name: str) -> None:
    package = import_module(name)
    values = [getattr(package, each) for each in offered(package)]
    silent = [value for value in values if (inspect.isclass(value) or inspect.isfunction(value)) and not value.__doc__]
    assert silent == []


@pytest.mark.parametrize("branch", EXIT_CODES, ids=lambda branch: branch.__name__)
def test_branch_of_errors_has_its_own_exit_code(branch: type[WheelpinError]) -> None:
    assert branch.exit_code == EXIT_CODES[branch]
    assert set(WheelpinError.__subclasses__()) == set(EXIT_CODES)


def error_classes() -> list[type[WheelpinError]]:
    found = [
        value
        for name in MODULES
        for value in vars(import_module(name)).values()
        if inspect.isclass(value) and issubclass(value, WheelpinError) and value is not WheelpinError
    ]
    return sorted(set(found) - set(EXIT_CODES), key=lambda error: error.__qualname__)


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: error.__name__)
def test_error_belongs_to_one_branch_and_speaks_for_itself(error: type[WheelpinError]) -> None:
    assert sum(issubclass(error, branch) for branch in EXIT_CODES) == 1
    assert error.__str__ is not Exception.__str__
    assert error.__doc__


def test_importing_wheelpin_loads_nothing_slow() -> None:
    program = "import json, sys, wheelpin; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    slow = {"asyncio", "click", "hpack", "httpx", "resolvelib", "rich", "selectolax", "ssl"}
    assert slow & set(json.loads(done.stdout)) == set()
