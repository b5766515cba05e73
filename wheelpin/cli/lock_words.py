"""All that the user of ``wheelpin lock`` said."""

from dataclasses import dataclass, field
from pathlib import Path

from wheelpin.cli.input_options import InputWords
from wheelpin.cli.lock_build_options import MissingWords
from wheelpin.cli.lock_options import ChoiceWords, OutputWords
from wheelpin.cli.params import TargetWords
from wheelpin.settings import ExplicitOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWords:
    """The words, by what they are about."""

    inputs: InputWords
    targets: TargetWords
    output: OutputWords
    choice: ChoiceWords
    index_options: ExplicitOptions
    missing: MissingWords = field(default_factory=MissingWords)
    root: Path | None = None
    """``--recursive``: every project file below it."""
