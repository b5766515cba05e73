"""From locks to a wheelhouse in one call."""

from collections.abc import Generator, Sequence
from pathlib import Path

from wheelpin.wheelhouse.digests import read_present
from wheelpin.wheelhouse.download import Housed, How, Supply, iter_run, run
from wheelpin.wheelhouse.locate import LockSource, locate
from wheelpin.wheelhouse.plan import WantedWheel, plan


def fill_wheelhouse(sources: Sequence[LockSource], wheelhouse: Path, supply: Supply) -> tuple[Housed, ...]:
    """Put every wheel that the locks name into the folder, and return them in the order of their names.

    Other files there are left alone; one that has a wanted name and other bytes is replaced. Raise
    `NoSuchWheelError`, `FilenameConflictError`, and what `run` raises.
    """
    wanted = list(locate(sources, wheelhouse, supply.index))
    steps = plan(wanted, read_present(wheelhouse, (wheel.filename for wheel in wanted)))
    return run(steps, wheelhouse, supply)


def gather_wheels(sources: Sequence[LockSource], scratch: Path, supply: Supply) -> Generator[Housed, None, None]:
    """Yield every wheel that the locks name as soon as it is there, the larger ones first among those that are.

    Those that were found on this machine are not copied: they lie where they are, and `Housed.state` tells whether
    they are still what was found. All others come into *scratch*, or where `Supply.open_spare`
    says once that takes no more; who closes this ends it. Raise as `fill_wheelhouse` does.
    """
    wanted: list[WantedWheel] = []
    seen: set[str] = set()
    for wheel in locate(sources, scratch, supply.index):
        wanted.append(wheel)
        if (found := wheel.found) is not None and wheel.filename not in seen:
            seen.add(wheel.filename)
            _, size_bytes, _, _ = found.state
            yield Housed(wheel=wheel, path=found.path, size_bytes=size_bytes, how=How.FOUND, state=found.state)
    steps = plan(wanted, {})
    missing = [step for step in steps if step.wheel.found is None]
    yield from iter_run(missing, scratch, supply, open_spare=supply.open_spare)
