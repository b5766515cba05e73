"""What can go wrong, by whose fault, and the exit code of each branch.

::

    WheelpinError
    ├── CheckFailedError        1   a check found a difference
    ├── InputError              2   what the user wrote, named or configured
    ├── ResolutionError         3   nothing fits, or demands exclude each other
    ├── IntegrityError          4   bytes are not what they were said to be
    ├── IndexUnavailableError   5   an index did not answer, or not sensibly
    └── BuildFailedError        6   a wheel could not be built

The concrete errors stand beside what raises them. An error stores facts, passes them all to
``super().__init__`` and says one line in ``__str__``; advice and layout are the command line's.
"""


class WheelpinError(Exception):
    """Anything that wheelpin reports to its user instead of raising through."""

    exit_code = 1


class CheckFailedError(WheelpinError):
    """A check ran and found a difference."""

    exit_code = 1


class InputError(WheelpinError):
    """A file, an option, a requirement, a target or a setting is wrong."""

    exit_code = 2


class ResolutionError(WheelpinError):
    """The requirements have no answer for the target."""

    exit_code = 3


class IntegrityError(WheelpinError):
    """Bytes are not what an index, a lock or a hash said they would be."""

    exit_code = 4


class IndexUnavailableError(WheelpinError):
    """An index cannot be reached, refuses, or answers with nonsense."""

    exit_code = 5


class BuildFailedError(WheelpinError):
    """A wheel that nobody published could not be built."""

    exit_code = 6
