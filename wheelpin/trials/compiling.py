"""Bytecode for a folder, by an interpreter of the target's version; no code of the folder runs."""

from pathlib import Path

from wheelpin.bundle import Tree
from wheelpin.ports import Reporter
from wheelpin.target import Target
from wheelpin.trials.places import Place, packaged_script, require_python


def compile_folder(tree: Tree, folder: Path, place: Place, target: Target, reporter: Reporter) -> int:
    """Compile the modules of *tree*, which lies in *folder*, where that is not done; return how many there are.

    Modules that are not of this Python's language are passed over, as pip does. Raise `WrongPythonError` and
    `PythonFailedError`.
    """
    files = [file.path for file in tree.files if file.path.endswith(".py") and not file.path.startswith("bin/")]
    question = {"python": str(target.interpreter), "files": files}
    ran = place.run(packaged_script("compile_script.py.txt"), folder, question)
    require_python(ran, place, target)
    skipped = [str(answer["skipped"]) for answer in ran.answers if "skipped" in answer]
    for path in skipped:
        reporter.detail(f"{path} is not compiled: it is no module of {target.interpreter}")
    return len(files) - len(skipped)
