"""A reporter that remembers what it was told."""


class RecordingReporter:
    """Implement `wheelpin.ports.Reporter` for tests to look into."""

    wants_details = True

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.details: list[str] = []

    def warning(self, text: str) -> None:
        """Remember a warning."""
        self.warnings.append(text)

    def detail(self, text: str) -> None:
        """Remember a detail."""
        self.details.append(text)

    def progress(self, text: str) -> None:
        """Forget it: progress is for the eye."""
