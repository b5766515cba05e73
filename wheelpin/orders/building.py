"""Builders for the locks of a run: made when an order may build, loaded and opened when something has to be built."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.files import CoreMetadata, IndexFile
from wheelpin.orders.model import STANDARD_OUTPUT, LockOrder
from wheelpin.ports import Reporter
from wheelpin.session import Session
from wheelpin.target import Target

if TYPE_CHECKING:
    from wheelpin.builder import BuiltWheel, Workshop
    from wheelpin.builder.for_locks import LockBuilder
    from wheelpin.builder.recipes import Recipes
    from wheelpin.wheelhouse import Supply

_WHEELHOUSE = "wheelhouse"


class Builders(Struct):
    """A context: what its builders need meanwhile is gone at the end."""

    reporter: Reporter
    say: Callable[[str], object]
    """Takes what people should know before it happens."""
    live: Callable[[str], object] | None = None
    """Takes the logs of builds line by line, where somebody watches."""
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of(self, order: LockOrder, targets: Sequence[Target], session: Session) -> "OrderBuilder":
        """Return the builder for an order and its targets."""
        wheelhouse = wheelhouse_of(order, targets)
        return OrderBuilder(wheelhouse, lambda: self._stack.enter_context(self._opened(order, wheelhouse, session)))

    def _opened(self, order: LockOrder, wheelhouse: Path, session: Session) -> "LockBuilder":
        from wheelpin.builder.for_locks import BuildPlaces, LockBuilder  # noqa: PLC0415 - most locks build nothing
        from wheelpin.wheelhouse import Supply, WheelStore  # noqa: PLC0415

        settings = session.settings
        store = WheelStore(settings.cache_dir if settings.use_cache else None)
        supply = Supply(transport=session.transport, store=store, index=session.index, reporter=self.reporter)
        places = BuildPlaces(
            wheelhouse=wheelhouse,
            recipes=_recipes_of(order),
            registry=settings.image_registry,
            may_reuse=not order.upgrade,
        )
        return LockBuilder(places, supply, lambda: self._workshop(order, session, supply))

    def _workshop(self, order: LockOrder, session: Session, supply: "Supply") -> "Workshop":
        from wheelpin.builder import BuildOptions, make_workshop  # noqa: PLC0415 - as above
        from wheelpin.builder.workshop import DEFAULT_TIME_LIMIT_S  # noqa: PLC0415
        from wheelpin.candidates.rules import Rules  # noqa: PLC0415
        from wheelpin.engines import EngineName  # noqa: PLC0415

        options = BuildOptions(
            engine=EngineName(order.building.engine) if order.building.engine is not None else None,
            registry=session.settings.image_registry,
            time_limit_s=order.building.time_limit_s or DEFAULT_TIME_LIMIT_S,
            rules=Rules(exclude_newer=session.settings.exclude_newer),
            recipes=_recipes_of(order),
            say=self.say,
            live=self.live,
        )
        return make_workshop(options, session.settings, supply, os.environ)


class OrderBuilder:
    """Implements `wheelpin.workflows.WheelBuilder`; what really builds is loaded at the first question."""

    def __init__(self, wheelhouse: Path, open_builder: "Callable[[], LockBuilder]") -> None:
        self.wheelhouse = wheelhouse
        self._open = open_builder
        self._builder: LockBuilder | None = None
        self._lock = Lock()

    def refusal(self, file: IndexFile, project: NormalizedName, target: Target) -> str | None:
        """See `wheelpin.ports.Builder.refusal`."""
        return self._opened().refusal(file, project, target)

    def folder(self, url: str, project: NormalizedName, target: Target) -> IndexFile:
        """See `wheelpin.ports.Builder.folder`."""
        return self._opened().folder(url, project, target)

    def metadata(self, file: IndexFile, project: NormalizedName, target: Target) -> CoreMetadata:
        """See `wheelpin.ports.Builder.metadata`."""
        return self._opened().metadata(file, project, target)

    def wheel(self, file: IndexFile, project: NormalizedName, target: Target) -> "BuiltWheel":
        """See `wheelpin.workflows.WheelBuilder.wheel`."""
        return self._opened().wheel(file, project, target)

    def _opened(self) -> "LockBuilder":
        with self._lock:
            if self._builder is None:
                self._builder = self._open()
            return self._builder


def _recipes_of(order: LockOrder) -> "Recipes":
    from wheelpin.builder.recipes import Recipes  # noqa: PLC0415 - most locks build nothing

    return Recipes(by_project=order.building.recipes, folder=order.building.recipe_folder or Path())


def wheelhouse_of(order: LockOrder, targets: Sequence[Target]) -> Path:
    """Return the folder of an order's built wheels: the one that is named, or one beside the locks."""
    if order.building.wheelhouse is not None:
        return order.building.wheelhouse
    outputs = [output.path for target in targets for output in order.outputs.of(target)]
    beside = next((path.parent for path in outputs if path != STANDARD_OUTPUT), Path())
    return beside / _WHEELHOUSE
