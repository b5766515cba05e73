from concurrent.futures import Future
from threading import Event

from wheelpin.transport.workers import Workers


def test_who_has_little_to_do_goes_first_and_equals_as_they_came() -> None:
    workers, go, begun, done = Workers(1), Event(), Event(), list[str]()

    def hold() -> None:
        begun.set()
        go.wait(60)

    workers.submit(hold)
    assert begun.wait(60)
    futures = {name: Future[None]() for name in ("long", "short", "none", "as short")}
    for (name, future), effort in zip(futures.items(), (9, 1, 0, 1), strict=True):
        workers.run(lambda name=name: done.append(name), future, effort=effort)  # type: ignore[misc]
    go.set()
    for future in futures.values():
        future.result(60)
    workers.close()
    assert done == ["none", "short", "as short", "long"]


def test_what_has_not_begun_is_cancelled_at_the_end() -> None:
    workers, go, begun = Workers(1), Event(), Event()

    def hold() -> str:
        begun.set()
        go.wait(60)
        return "held"

    held = workers.submit(hold)
    assert begun.wait(60)
    waiting = workers.submit(lambda: "never")
    workers.close()
    assert waiting.cancelled()
    go.set()
    assert held.result(60) == "held"
    assert workers.submit(lambda: "late").cancelled()
