"""Why a wheel is not unpacked."""

from enum import Enum

from wheelpin.errors import IntegrityError


class Refusal(Enum):
    """What makes a wheel unfit, each in words that follow its name."""

    NOT_AN_ARCHIVE = "is no ZIP archive that can be read"
    STRAY_BYTES = "has bytes that belong to none of its members"
    HEADERS_DIFFER = "says two things about one member"
    TWICE = "has one name for two members"
    ENCRYPTED = "has an encrypted member"
    COMPRESSION = "is packed in a way that wheels are not"
    SPECIAL_FILE = "has a member that is no plain file"
    UNSAFE_NAME = "has a member whose name would lead out of its folder or hide what it is"
    BROKEN_CONTENT = "has a member that is not what its headers say"
    TOO_MANY_MEMBERS = "has more members than are allowed"
    TOO_LARGE = "unpacks to more bytes than are allowed"
    BOMB = "unpacks to far more bytes than it has"
    DIST_INFO = "does not have one dist-info folder of its own"
    METADATA = "has metadata that cannot be used"
    WHEEL_VERSION = "follows a version of the wheel format that is not known"
    RECORD_MISSING = "has no RECORD that can be read"
    NOT_RECORDED = "has a member that its RECORD does not list"
    NOT_HASHED = "has a member without a sha256 in its RECORD"
    RECORD_ONLY = "records a file that it does not have"
    RECORD_DIFFERS = "has a member that is not the one in its RECORD"
    DATA_FOLDER = "has a data folder that cannot be laid out"
    SCRIPT_NAME = "has a script whose name is not safe"
    ENTRY_POINT = "has an entry point that cannot be made a script safely"


class WheelRefusedError(IntegrityError):
    """A wheel is hostile or broken: nothing of it is used."""

    def __init__(self, wheel: str, refusal: Refusal, *, member: str | None = None, detail: str = "") -> None:
        super().__init__(wheel, refusal, member, detail)
        self.wheel, self.refusal, self.member, self.detail = wheel, refusal, member, detail

    def __str__(self) -> str:
        # Names in a hostile archive may hold anything, so they are shown as literals.
        member = "" if self.member is None else f": {_shown(self.member)}"
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.wheel} {self.refusal.value}{member}{detail}"


def _shown(name: str) -> str:
    shortened = name if len(name) <= 200 else f"{name[:200]}…"
    return shortened if shortened.isprintable() else ascii(shortened)
