"""What deliveries are made from: a source of wheels, and a folder where they lie meanwhile."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from wheelpin.folders.kept_files import KeptFiles
from wheelpin.ports import Reporter
from wheelpin.session import open_session
from wheelpin.settings import Settings
from wheelpin.values import PYPI, PYPI_FILES_HOST
from wheelpin.wheelhouse import Housed, LockSource, Supply, WheelStore, fill_wheelhouse, write_static_index

_SCRATCH = "scratch-"
_LONGEST_RUN_S = 24 * 60 * 60


@contextmanager
def open_supply(settings: Settings, reporter: Reporter, *, beside: Path | None = None) -> Iterator[Supply]:
    """Open what wheels may be had from; leaving the context drops what is still under way.

    Wheels for which there is no room in the cache's folder lie in *beside* meanwhile if that is there, and else where
    the system has temporary files.
    """
    with ExitStack() as stack:
        session = stack.enter_context(open_session(settings, reporter))
        place = beside if beside is not None and beside.is_dir() else None
        spare = partial(TemporaryDirectory, prefix=".wheelpin-", dir=place, ignore_cleanup_errors=True)
        cache_dir = settings.cache_dir if settings.use_cache else None
        yield Supply(
            transport=session.transport,
            store=WheelStore(cache_dir),
            files=KeptFiles(None if cache_dir is None else str(cache_dir)),
            index=session.index,
            # Nobody named PyPI, so that it must not learn the names of projects that are not there.
            only_host=PYPI_FILES_HOST if [index.url for index in settings.indexes] == [PYPI] else None,
            reporter=reporter,
            open_spare=lambda: Path(stack.enter_context(spare())),
        )


@contextmanager
def open_scratch(settings: Settings) -> Iterator[Path]:
    """Make a folder for the time of a run, where wheels from the cache are links and no copies."""
    # Who is interrupted may leave threads that still write; the next run clears what they left.
    with TemporaryDirectory(prefix=_SCRATCH, dir=_folder_beside_cache(settings), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _folder_beside_cache(settings: Settings) -> Path | None:
    """Return the cache folder, cleared of what killed runs left; None if nothing can be made there."""
    if not settings.use_cache:
        return None
    try:
        settings.cache_dir.mkdir(parents=True, exist_ok=True)
        for left in settings.cache_dir.glob(f"{_SCRATCH}*"):
            if time.time() - left.stat().st_mtime > _LONGEST_RUN_S:
                shutil.rmtree(left, ignore_errors=True)
        with TemporaryDirectory(prefix=_SCRATCH, dir=settings.cache_dir):
            return settings.cache_dir
    except OSError:
        return None


def download(sources: Sequence[LockSource], folder: Path, supply: Supply, *, with_index: bool) -> tuple[Housed, ...]:
    """Make *folder* a wheelhouse of all that *sources* name, with an index beside the wheels if wanted.

    Raise what `fill_wheelhouse` and `write_static_index` raise.
    """
    housed = fill_wheelhouse(sources, folder, supply)
    if with_index:
        write_static_index(folder, supply.reporter)
    return housed
