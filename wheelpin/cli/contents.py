"""Options on what of a lock's wheels ships."""

from dataclasses import dataclass

import click

from wheelpin.bundle import RecordRule
from wheelpin.cli.params import field_names, gathering
from wheelpin.deliveries import Contents


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentWords:
    """The user's words on what ships."""

    exclude: tuple[str, ...]
    record: str
    audit: bool

    @property
    def contents(self) -> Contents:
        """What they mean."""
        return Contents(exclude=self.exclude, record=RecordRule(self.record), is_audited=self.audit)


content_options = gathering(
    "content",
    ContentWords,
    click.option(
        "--exclude", metavar="PATTERN", multiple=True, help="Leave files out, in the words of an ignore file."
    ),
    click.option(
        "--record",
        type=click.Choice([rule.value for rule in RecordRule]),
        default=RecordRule.REFUSE.value,
        show_default=True,
        help="What becomes of a wheel whose RECORD is not true.",
    ),
    click.option("--audit", is_flag=True, help="Stop if a binary does not keep what its wheel's tags promise."),
    taking=field_names(ContentWords),
)
