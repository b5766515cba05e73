"""What ships: wheels, looked through first, laid out as an importable folder or a reproducible archive."""

from wheelpin.bundle.archive import (
    ArchiveDiffersError,
    OtherArchiveError,
    Written,
    check_archive,
    require_zip_name,
    unfinished_path,
    write_archive,
)
from wheelpin.bundle.archive_layouts import ARCHIVE_LAYOUTS, ArchiveLayout, arrange
from wheelpin.bundle.folder_check import Differences
from wheelpin.bundle.folder_writer import FileSystemTakesForOneError
from wheelpin.bundle.hands import Hands, open_hands
from wheelpin.bundle.layout import SLIM_PATTERNS, Collision, CollisionError, Layout, Part, lay_out
from wheelpin.bundle.refusal import Refusal, WheelRefusedError
from wheelpin.bundle.report import report_json, report_page
from wheelpin.bundle.selection import Begin, WheelChangedError, WheelMisfitError, tree_of_wheels
from wheelpin.bundle.sizes import BudgetExceededError, OwnerSize, measure, require_budget
from wheelpin.bundle.sources import SourceRefusedError, collect_sources
from wheelpin.bundle.tree import SourceChangedError, Tree, TreeFile
from wheelpin.bundle.vendor import (
    EditedFilesError,
    FolderDiffersError,
    ForeignFilesError,
    LaidTree,
    NotOurFolderError,
    OpenFolder,
    Outcome,
    check_folder,
    open_folder,
    vendor,
)
from wheelpin.bundle.wheel import (
    Limits,
    RecordRule,
    Strictness,
    Wheel,
    WheelUnreadableError,
    open_wheel,
    verify_contents,
)
from wheelpin.folders.workspace import FolderBusyError

__all__ = [
    "ARCHIVE_LAYOUTS",
    "SLIM_PATTERNS",
    "ArchiveDiffersError",
    "ArchiveLayout",
    "Begin",
    "BudgetExceededError",
    "Collision",
    "CollisionError",
    "Differences",
    "EditedFilesError",
    "FileSystemTakesForOneError",
    "FolderBusyError",
    "FolderDiffersError",
    "ForeignFilesError",
    "Hands",
    "LaidTree",
    "Layout",
    "Limits",
    "NotOurFolderError",
    "OpenFolder",
    "OtherArchiveError",
    "Outcome",
    "OwnerSize",
    "Part",
    "RecordRule",
    "Refusal",
    "SourceChangedError",
    "SourceRefusedError",
    "Strictness",
    "Tree",
    "TreeFile",
    "Wheel",
    "WheelChangedError",
    "WheelMisfitError",
    "WheelRefusedError",
    "WheelUnreadableError",
    "Written",
    "arrange",
    "check_archive",
    "check_folder",
    "collect_sources",
    "lay_out",
    "measure",
    "open_folder",
    "open_hands",
    "open_wheel",
    "report_json",
    "report_page",
    "require_budget",
    "require_zip_name",
    "tree_of_wheels",
    "unfinished_path",
    "vendor",
    "verify_contents",
    "write_archive",
]
