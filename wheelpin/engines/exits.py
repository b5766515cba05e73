"""What the exit codes of programs in containers tell."""

from msgspec import Struct


class Meaning(Struct, frozen=True, kw_only=True):
    """An exit code in words."""

    text: str
    hint: str | None = None


_MEANINGS = {
    126: Meaning(text="a program of the image cannot be executed"),
    127: Meaning(text="a program is not in the image"),
    137: Meaning(
        text="it was killed, as happens when the memory runs out",
        hint="give the engine's machine more memory, or run fewer builds at once",
    ),
    139: Meaning(
        text="a program died of a segmentation fault",
        hint="images of CentOS 5 and 6 (manylinux1, manylinux2010) do that on kernels without vsyscall: boot the "
        "engine's machine with vsyscall=emulate, or name a newer image and let the audit decide",
    ),
}


def meaning_of(exit_code: int | None) -> Meaning:
    """Tell what an exit code of `Container.run` stands for; None is a container that did not end."""
    if exit_code is None:
        return Meaning(text="it did not come to an end")
    found = _MEANINGS.get(exit_code)
    if found is not None:
        return Meaning(text=f"{found.text} (exit code {exit_code})", hint=found.hint)
    if exit_code > 128:
        return Meaning(text=f"a program died of signal {exit_code - 128} (exit code {exit_code})")
    return Meaning(text=f"exit code {exit_code}")
