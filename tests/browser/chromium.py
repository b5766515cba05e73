"""A headless Chromium, led over a pipe by its DevTools protocol, that tells what pages ask for and complain of."""

import json
import os
import select
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_LONGEST_ANSWER_S = 60
_SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-quic"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe"),
)
_OVER_PIPE = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null'
"""Chromium reads commands from descriptor 3 and answers on 4."""


class Tab:
    """A tab of a browser of its own; a context manager."""

    def __init__(self, program: str, profile: Path) -> None:
        self.requested: list[str] = []
        """The addresses that pages asked for."""
        self.complaints: list[str] = []
        """What pages threw, what they wrote to the console, and what the browser held against them."""
        self._loads = 0
        self._calls = 0
        self._session: str | None = None
        self._unread = b""
        argv = [program, *_SWITCHES, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _OVER_PIPE, "sh", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
                self.call(f"{domain}.enable")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._calls += 1
        number = self._calls
        message: dict[str, object] = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\0")
        self._process.stdin.flush()
        while (answer := self._read()).get("id") != number:
            self._note(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, page: Path) -> None:
        """Load a file and wait until it and what it asks for are there."""
        loads = self._loads
        self.call("Page.navigate", url=page.as_uri())
        while self._loads == loads:
            self._note(self._read())

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """Return the value of an expression of JavaScript, which need not be simple."""
        result = self.call("Runtime.evaluate", expression=f"JSON.stringify({expression})")
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return json.loads(result["result"].get("value", "null"))

    def press(self, key: str) -> None:
        """Press and release a key as somebody in front of the screen would."""
        code = {"Tab": 9, "Enter": 13}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind, more in (("keyDown", text), ("keyUp", {})):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)

    def resize(self, width: int, height: int) -> None:
        """Make the window's inside of that many pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def accessible(self, role: str) -> list[dict[str, Any]]:
        """Return what a screen reader meets with *role*, in order: name and properties."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            {
                "name": node.get("name", {}).get("value", ""),
                "value": node.get("value", {}).get("value"),
                **{each["name"]: each["value"].get("value") for each in node.get("properties", ())},
            }
            for node in nodes
            if not node["ignored"] and node["role"]["value"] == role
        ]

    def _note(self, event: dict[str, Any]) -> None:
        about: dict[str, Any] = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requested.append(about["request"]["url"])
            case "Runtime.consoleAPICalled":
                self.complaints.append(" ".join(str(each.get("value")) for each in about["args"]))
            case "Runtime.exceptionThrown":
                self.complaints.append(about["exceptionDetails"]["text"])
            case "Log.entryAdded":
                self.complaints.append(about["entry"]["text"])
            case "Page.loadEventFired":
                self._loads += 1
            case _:
                pass

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        end = time.monotonic() + _LONGEST_ANSWER_S
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))
            piece = os.read(self._process.stdout.fileno(), 1 << 20) if ready else b""
            assert piece, "Chromium ended" if ready else f"no answer from Chromium in {_LONGEST_ANSWER_S} s"
            self._unread += piece
        message, _, self._unread = self._unread.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _end(self) -> None:
        """Close the pipe, which ends Chromium and what it has started."""
        self._session = None
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
