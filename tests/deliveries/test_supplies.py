"""What deliveries may ask, by the settings."""

from pathlib import Path

import pytest

from tests.reporters import RecordingReporter
from wheelpin.deliveries import open_supply
from wheelpin.settings import IndexLocation, Settings
from wheelpin.values import PYPI, PYPI_FILES_HOST, IndexUrl


@pytest.mark.parametrize(
    ("indexes", "only_host"),
    [
        pytest.param([PYPI], PYPI_FILES_HOST, id="PyPI, which nobody named"),
        pytest.param(["https://index.example/simple/"], None, id="an index of the user's"),
        pytest.param([PYPI, "https://index.example/simple/"], None, id="one beside PyPI"),
    ],
)
def test_index_hears_of(tmp_path: Path, indexes: list[str], only_host: str | None) -> None:
    first, *more = (IndexLocation(url=IndexUrl(url)) for url in indexes)
    settings = Settings(index_url=first, extra_index_urls=tuple(more), cache_dir=tmp_path)
    with open_supply(settings, RecordingReporter()) as supply:
        assert supply.only_host == only_host
