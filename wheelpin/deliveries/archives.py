"""Archives for platforms from locks and the user's own files."""

from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from wheelpin.bundle import (
    ARCHIVE_LAYOUTS,
    SLIM_PATTERNS,
    ArchiveLayout,
    Tree,
    arrange,
    check_archive,
    collect_sources,
    report_json,
    report_page,
    require_budget,
    require_zip_name,
    unfinished_path,
    write_archive,
)
from wheelpin.deliveries.contents import Contents, lay_out_lock
from wheelpin.safe_write import write_text_atomically
from wheelpin.target import Target, presets
from wheelpin.values import Sha256
from wheelpin.wheelhouse import LockSource, Supply

PLAIN_LAYOUT = "plain"


class BundleJob(Struct, frozen=True, kw_only=True):
    """What goes into an archive, and where it goes."""

    path: Path
    layout: str | None = None
    """A name of `ARCHIVE_LAYOUTS`; None for the one of the target's platform."""
    contents: Contents = field(default_factory=Contents)
    is_slim: bool = False
    """Leave out what running code does not read."""
    sources: tuple[Path, ...] = ()
    """The user's own files and folders."""
    report: Path | None = None
    """Where to tell what takes room; an HTML page if it is named so, else JSON."""
    epoch_s: int | None = None
    """The date of all members, in seconds since 1970; None for 1980."""


class Bundled(Struct, frozen=True, kw_only=True):
    """An archive that was written, or found to be as it would be written."""

    path: Path
    target: Target
    layout: ArchiveLayout
    tree: Tree
    size_bytes: int
    sha256: Sha256 | None
    """None if nothing was written."""
    most_bytes: int | None
    """What the platform takes unpacked."""


def bundle(source: LockSource, job: BundleJob, supply: Supply, *, scratch: Path) -> Bundled:
    """Write the archive in one step, and the report if one is wanted.

    Raise `OtherArchiveError`, `BudgetExceededError` before anything is written but the report, and what
    `lay_out_lock`, `arrange`, `collect_sources` and `write_archive` raise.
    """
    found = _collect(source, job, supply, scratch=scratch)
    # The report is wanted most by those whose bundle is too large.
    if job.report is not None:
        _write_report(found, job.report)
    written = write_archive(found.tree, job.path, most_bytes=found.most_bytes, epoch_s=job.epoch_s)
    preset = presets().get(found.target.preset or "")
    most_zip_bytes = None if preset is None else preset.zip_limit_bytes
    if most_zip_bytes is not None and written.size_bytes > most_zip_bytes:
        supply.reporter.warning(
            f"{job.path.as_posix()} has {written.size_bytes:,} bytes; {found.target.name} takes {most_zip_bytes:,} by "
            "direct upload, and more by way of storage"
        )
    return replace(found, size_bytes=written.size_bytes, sha256=written.sha256)


def check_bundle(source: LockSource, job: BundleJob, supply: Supply, *, scratch: Path) -> Bundled:
    """Raise `ArchiveDiffersError` unless the archive is, byte for byte, what `bundle` would write."""
    found = _collect(source, job, supply, scratch=scratch)
    require_budget(found.tree, found.most_bytes)
    check_archive(found.tree, job.path, epoch_s=job.epoch_s)
    return replace(found, size_bytes=job.path.stat().st_size)


def _collect(source: LockSource, job: BundleJob, supply: Supply, *, scratch: Path) -> Bundled:
    require_zip_name(job.path)
    slim = SLIM_PATTERNS if job.is_slim else ()
    contents = replace(job.contents, exclude=(*slim, *job.contents.exclude))
    tree, target = lay_out_lock(source, contents, supply, scratch=scratch)
    preset = presets().get(target.preset or "")
    layout = ARCHIVE_LAYOUTS[job.layout or (preset.layout if preset is not None else PLAIN_LAYOUT)]
    if misplaced := layout.misplaced(tree, target):
        more = f" and {len(misplaced) - 1} more of its wheels are" if len(misplaced) > 1 else " is"
        supply.reporter.warning(
            f"{layout.name} runs Linux with glibc, and {source.name} is for {target.name}: "
            f"{misplaced[0].filename}{more} of no use there"
        )
    written = (job.path, unfinished_path(job.path), *([job.report] if job.report is not None else []))
    own = collect_sources(job.sources, leave_out=written)
    most_bytes = layout.most_bytes
    if preset is not None and preset.unzipped_limit_bytes is not None:
        most_bytes = preset.unzipped_limit_bytes
    return Bundled(
        path=job.path,
        target=target,
        layout=layout,
        tree=arrange(tree, own, layout, target),
        size_bytes=0,
        sha256=None,
        most_bytes=most_bytes,
    )


def _write_report(found: Bundled, path: Path) -> None:
    if path.suffix == ".html":
        text = report_page(found.tree, title=found.path.name, most_bytes=found.most_bytes)
    else:
        text = report_json(found.tree, most_bytes=found.most_bytes)
    write_text_atomically(path, text)
