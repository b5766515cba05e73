"""Ask the user's keyring, in either of the two ways that pip knows."""

from wheelpin.ports import Reporter
from wheelpin.settings import Credentials, KeyringProvider


class Keyring:
    """The user's keyring; one that fails is reported and not asked again."""

    def __init__(self, provider: KeyringProvider, reporter: Reporter) -> None:
        self._provider = provider
        self._reporter = reporter

    def credentials(self, services: tuple[str, ...], username: str | None) -> Credentials | None:
        """Return what the keyring holds for the first of *services* that it knows."""
        for service in services:
            try:
                found = self._ask(service, username)
            except Exception as error:
                self._give_up(error)
                return None
            if found is not None:
                return found
        return None

    def _ask(self, service: str, username: str | None) -> Credentials | None:
        match self._provider:
            case KeyringProvider.DISABLED:
                return None
            case KeyringProvider.IMPORT:
                return _ask_module(service, username)
            case KeyringProvider.SUBPROCESS:
                return _ask_program(service, username)
            case KeyringProvider.AUTO:
                try:
                    return _ask_module(service, username)
                except ImportError:
                    import shutil  # noqa: PLC0415 - brings every form of archive along

                    return _ask_program(service, username) if shutil.which("keyring") else None

    def _give_up(self, error: Exception) -> None:
        # Nobody asked for a keyring by `auto`, so that one without a backend is worth no warning.
        report = self._reporter.detail if self._provider is KeyringProvider.AUTO else self._reporter.warning
        report(f"the keyring failed and is not asked again: {type(error).__name__}: {error}")
        self._provider = KeyringProvider.DISABLED


def _ask_module(service: str, username: str | None) -> Credentials | None:
    import keyring  # noqa: PLC0415 - optional, and slow to load

    found = keyring.get_credential(service, username)
    return None if found is None else Credentials(username=found.username, password=found.password)


def _ask_program(service: str, username: str | None) -> Credentials | None:
    import json  # noqa: PLC0415 - 5 ms together with the next, and hardly ever needed
    import subprocess  # noqa: PLC0415

    command = ["keyring", "--mode=creds", "--output=json", "get", service, *([username] if username else [])]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if answer.returncode:
        return None
    found = json.loads(answer.stdout)
    return Credentials(username=found["username"], password=found["password"])
