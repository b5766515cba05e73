"""Where the logs of builds go."""

import shutil
import tempfile
from collections import namedtuple
from pathlib import Path

import pytest

from wheelpin.builder.opening import log_folder
from wheelpin.engines.logs import MOST_BYTES
from wheelpin.settings import IndexLocation, Settings
from wheelpin.values import PYPI

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.mark.parametrize(
    ("free_bytes", "use_cache", "is_file", "is_beside"),
    [
        pytest.param(MOST_BYTES, True, False, True, id="room for the longest log"),
        pytest.param(MOST_BYTES - 1, True, False, False, id="less"),
        pytest.param(MOST_BYTES, False, False, False, id="no cache"),
        pytest.param(MOST_BYTES, True, True, False, id="a cache that is no folder"),
    ],
)
def test_logs_lie_beside_the_cache_where_that_has_room(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    free_bytes: int,
    use_cache: bool,
    is_file: bool,
    is_beside: bool,
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total=0, used=0, free=free_bytes))
    cache = tmp_path / "cache"
    if is_file:
        cache.write_text("a file", encoding="utf-8")
    settings = Settings(index_url=IndexLocation(url=PYPI), cache_dir=cache, use_cache=use_cache)
    elsewhere = Path(tempfile.gettempdir(), "wheelpin-logs")
    assert log_folder(settings) == (cache / "logs" if is_beside else elsewhere)
