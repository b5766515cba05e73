"""Options on what of a lock's wheels ships."""

import click
from msgspec import Struct

from wheelpin.bundle import RecordRule
from wheelpin.cli.locks import selection_of
from wheelpin.cli.params import field_names, gathering
from wheelpin.deliveries import Contents
from wheelpin.locks.pylock_form import Selection


class ContentWords(Struct, frozen=True, kw_only=True):
    """The user's words on what ships."""

    extras: tuple[str, ...]
    groups: tuple[str, ...]
    exclude: tuple[str, ...]
    record: str
    audit: bool

    @property
    def selection(self) -> Selection:
        """What they want of a lock's optional packages."""
        return selection_of(self.extras, self.groups)

    @property
    def contents(self) -> Contents:
        """What they mean."""
        return Contents(exclude=self.exclude, record=RecordRule(self.record), is_audited=self.audit)


content_options = gathering(
    "content",
    ContentWords,
    click.option("--extra", "extras", metavar="NAME", multiple=True, help="An extra that the pylock.toml offers."),
    click.option(
        "--group", "groups", metavar="NAME", multiple=True, help="A group that it offers, beside its default ones."
    ),
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
