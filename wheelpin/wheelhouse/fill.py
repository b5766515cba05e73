"""From locks to a wheelhouse in one call."""

from collections.abc import Sequence
from pathlib import Path

from wheelpin.wheelhouse.digests import read_present
from wheelpin.wheelhouse.download import Housed, Supply, run
from wheelpin.wheelhouse.locate import LockSource, locate
from wheelpin.wheelhouse.plan import plan


def fill_wheelhouse(sources: Sequence[LockSource], wheelhouse: Path, supply: Supply) -> tuple[Housed, ...]:
    """Put every wheel that the locks name into the folder, and return them in the order of their names.

    Other files there are left alone; one that has a wanted name and other bytes is replaced. Raise
    `NoSuchWheelError`, `FilenameConflictError`, and what `run` raises.
    """
    wanted = list(locate(sources, wheelhouse, supply.index))
    steps = plan(wanted, read_present(wheelhouse, (wheel.filename for wheel in wanted)))
    return run(steps, wheelhouse, supply)
