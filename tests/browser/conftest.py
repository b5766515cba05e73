"""One browser for all tests of a worker."""

import shutil
from collections.abc import Iterator

import pytest

from tests.browser.chromium import Tab

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """Start Chromium, or tell that it is missing."""
    if (program := next(filter(None, map(shutil.which, _PROGRAMS)), None)) is None:
        pytest.skip(f"none of {', '.join(_PROGRAMS)} is on the PATH")
    with Tab(program, tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def tab(browser: Tab) -> Tab:
    """Hand out the browser as if it were new."""
    browser.resize(1280, 900)
    browser.requested.clear()
    browser.complaints.clear()
    return browser
