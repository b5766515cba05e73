from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier

import pytest

from wheelpin.index.once import Once, deliver, finished, settle, when_all


def test_work_is_started_once_however_many_ask_at_once() -> None:
    started: list[str] = []
    gate = Barrier(8)

    def start(key: str) -> Future[str]:
        started.append(key)
        return finished(key.upper())

    once = Once(start)

    def ask(_: int) -> Future[str]:
        gate.wait(60)
        return once.future("a")

    with ThreadPoolExecutor(8) as threads:
        futures = list(threads.map(ask, range(8)))
    assert started == ["a"]
    assert all(future is futures[0] for future in futures)
    assert futures[0].result() == "A"


def test_error_of_the_start_is_everybody_s_answer() -> None:
    def start(key: str) -> Future[str]:
        raise LookupError(key)

    once = Once(start)
    for _ in range(2):
        with pytest.raises(LookupError):
            once.future("a").result()


def test_error_of_a_step_ends_the_future_that_it_is_for() -> None:
    source: Future[int] = Future()
    target: Future[int] = Future()
    settle(source, target, lambda value: 1 // value)
    source.set_result(0)
    with pytest.raises(ZeroDivisionError):
        target.result()


def test_all_are_waited_for_however_they_end() -> None:
    first: Future[int] = Future()
    second: Future[str] = Future()
    everything = when_all([first, second])
    first.set_exception(LookupError())
    assert not everything.done()
    second.set_result("")
    assert everything.done()


def test_nothing_is_waited_for_at_once() -> None:
    assert when_all([]).done()


def test_deliveries_inside_deliveries_come_after_them_in_order() -> None:
    heard: list[str] = []

    def outer(_: int) -> None:
        for name in ("b", "c"):
            deliver(finished(name), inner)
        heard.append("a")

    def inner(name: str) -> None:
        deliver(finished(name + name), heard.append)
        heard.append(name)

    deliver(finished(0), outer)
    assert heard == ["a", "b", "c", "bb", "cc"]


def test_delivery_that_fails_does_not_silence_the_next() -> None:
    heard: list[int] = []

    def fail(_: int) -> None:
        deliver(finished(1), heard.append)
        raise LookupError

    broken: Future[int] = Future()
    deliver(broken, fail)
    broken.set_result(0)
    deliver(finished(2), heard.append)
    assert heard == [2]


def test_errors_are_not_delivered() -> None:
    heard: list[int] = []
    failed: Future[int] = Future()
    failed.set_exception(LookupError())
    deliver(failed, heard.append)
    assert heard == []
