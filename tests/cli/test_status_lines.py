"""What a terminal shows of a build while it lasts."""

import io

from rich.console import Console

from wheelpin.cli.status_lines import StatusLines


def shown(lines: StatusLines) -> list[str]:
    paper = Console(file=io.StringIO(), width=30)
    with paper.capture() as seen:
        paper.print(lines.shown())
    return seen.get().splitlines()


def test_end_of_the_log_is_shown_below_what_is_done_until_something_else_is() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=30)
    with StatusLines("building [demo]", terminal) as lines:
        for number in range(9):
            lines.watch(f"cc -c {number}.c [/not markup] and much more than fits")
        first, *tail = shown(lines)
        assert first == "building [demo]"
        assert [line[:9] for line in tail] == [f"cc -c {number}.c" for number in range(3, 9)]
        assert all(line.endswith("\u2026") for line in tail)
        lines.say("repairing")
        assert shown(lines) == ["repairing"]
