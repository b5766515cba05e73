"""All that the user of ``wheelpin lock`` said."""

from pathlib import Path

from msgspec import Struct, field

from wheelpin.cli.input_options import InputWords
from wheelpin.cli.lock_build_options import MissingWords
from wheelpin.cli.lock_options import ChoiceWords, OutputWords
from wheelpin.cli.params import TargetWords
from wheelpin.settings import ExplicitOptions


class LockWords(Struct, frozen=True, kw_only=True):
    """The words, by what they are about."""

    inputs: InputWords
    targets: TargetWords
    output: OutputWords
    choice: ChoiceWords
    index_options: ExplicitOptions
    missing: MissingWords = field(default_factory=MissingWords)
    root: Path | None = None
    """``--recursive``: every project file below it."""
