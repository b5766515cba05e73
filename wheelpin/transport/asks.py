"""What goes over the wire and comes back."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

from msgspec import Struct

from wheelpin.ports import Request, Response
from wheelpin.transport.addresses import Address


class Ask(Struct, kw_only=True, eq=False):
    """A request, and the future that waits for its answer."""

    request: Request
    address: Address
    fields: Sequence[tuple[bytes, bytes]]
    future: Future[Response]
    is_repeated: bool = False
    """It was under way before, on a connection that broke."""


class Answered(Struct, frozen=True, kw_only=True):
    """An answer, its body as the server encoded it; one that was declined has none."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


OnAnswer = Callable[[Ask, Answered], None]
OnDecline = Callable[[Ask, Answered | None], None]
"""Called with the answer that needs more care than others, None if there was none at all."""


class BrokenError(Exception):
    """A connection is of no more use: a signal to whoever holds it."""
