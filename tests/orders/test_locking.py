"""Orders that are locked together share what they can, and nothing that is one order's own."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from tests.builders import make_wheel
from tests.cli.running import plain_environment
from tests.index_server import IndexServer, Shown
from tests.reporters import RecordingReporter
from wheelpin.orders.building import Builders, OrderBuilder
from wheelpin.orders.inputs import Host
from wheelpin.orders.locking import lock_together
from wheelpin.orders.model import LockOrder, Outputs
from wheelpin.orders.preparing import Sessions, prepare
from wheelpin.requirements import Sources
from wheelpin.session import Session
from wheelpin.settings import ExplicitOptions
from wheelpin.target import Target

CUT_OFFS = ("2024-06-01", "2025-06-01")
TARGET = Target.parse("cp312-manylinux_2_28_x86_64")


class Noting(Builders):
    """Builders that note what they are asked for."""

    cut_offs: list[str] = []  # noqa: RUF012 - a Struct copies it for every object

    def of(self, order: LockOrder, targets: Sequence[Target], session: Session) -> OrderBuilder:
        """See `Builders.of`."""
        self.cut_offs.append(str(session.settings.exclude_newer))
        return super().of(order, targets, session)


def test_orders_share_a_session_and_build_under_their_own_cut_offs(tmp_path: Path) -> None:
    reporter, environment = RecordingReporter(), plain_environment(tmp_path)
    host = Host(environ=environment, folder=tmp_path, standard_input=BytesIO(), reporter=reporter)
    with IndexServer.json_with_sidecars() as index, Sessions(reporter) as sessions:
        index.add(Shown(file=make_wheel("dated", "1.0"), uploaded_at="2024-05-01T00:00:00Z"))
        index.add(Shown(file=make_wheel("dated", "1.1"), uploaded_at="2025-05-01T00:00:00Z"))
        orders = [
            LockOrder(
                folder=tmp_path,
                sources=Sources(requirements=("dated",), environ=environment),
                targets=(TARGET,),
                options=ExplicitOptions(index_url=index.url, exclude_newer=cut_off, cache_dir=tmp_path / "cache"),
                outputs=Outputs(formats=(), folder=tmp_path),
                refresh=None,
            )
            for cut_off in CUT_OFFS
        ]
        builders = Noting(reporter, say=print)
        with builders:
            locked = lock_together([prepare(order, host) for order in orders], sessions, reporter, builders)
        assert len(sessions.opened) == 1
    assert [str(each.lock.pins[0].version) for (each,) in locked] == ["1.0", "1.1"]
    assert builders.cut_offs == [f"{cut_off}T00:00:00Z" for cut_off in CUT_OFFS]
