"""A test host that matches no target and has no network beyond itself."""

import socket
from collections.abc import Callable
from ipaddress import ip_address

import pytest
from hypothesis import HealthCheck, settings
from packaging import markers, tags

# A slow machine is no failure, and no change is to fail by a chance that it has nothing to do with: the same tests try
# the same examples. `pytest --hypothesis-profile search` looks for others, and for many more.
settings.register_profile("gate", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("gate"), derandomize=False, max_examples=2000)
settings.load_profile("gate")

_Address = tuple[object, ...] | str | bytes
_Connect = Callable[[socket.socket, _Address], int | None]


@pytest.fixture(autouse=True)
def foreign_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the host match no target, so that a host default cannot pass unseen."""
    alien = dict.fromkeys(markers.default_environment(), "alien")
    alien |= {"python_version": "0.0", "python_full_version": "0.0.1", "implementation_version": "0.0.1"}
    monkeypatch.setattr(markers, "default_environment", lambda: dict(alien))
    monkeypatch.setattr(tags, "platform_tags", lambda: iter(["alien"]))
    monkeypatch.setattr(tags, "sys_tags", lambda *, warn=False: iter([tags.Tag("alien", "none", "alien")]))


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests talk to this machine only, unless they are marked ``live``."""
    if request.node.get_closest_marker("live"):
        return

    def guarded(connect: _Connect) -> _Connect:
        def connect_to_loopback(self: socket.socket, address: _Address) -> int | None:
            # Unix sockets have a path for an address.
            if isinstance(address, tuple) and not _is_loopback(str(address[0])):
                self.close()  # whoever opened it expects other errors
                raise AssertionError(f"a test without the mark `live` connects to {address[0]}")
            return connect(self, address)

        return connect_to_loopback

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
