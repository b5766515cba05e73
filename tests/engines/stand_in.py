"""A program that takes docker's words and plays containers in a folder of this machine."""

import sys
from pathlib import Path

_PROGRAM = """\
#!{python}
import json, os, pathlib, shutil, subprocess, sys, tarfile, tempfile

home = pathlib.Path(sys.argv[0]).parent
images = json.loads((home / "images.json").read_text())
verb, *words = sys.argv[1:]
with (home / "calls").open("a") as log:
    log.write(json.dumps([verb, *words]) + "\\n")

def option(name):
    return words[words.index(name) + 1] if name in words else None

def container(name):
    folder = home / "containers" / name
    if not folder.is_dir():
        sys.exit("Error response from daemon: No such container: " + name)
    return folder

kind = "run-probe" if verb == "run" and words[0] == "--rm" else verb
answer = home / ("answer-" + kind)
if answer.exists():
    reply = json.loads(answer.read_text())
    sys.stdout.write(reply.get("stdout", ""))
    sys.stderr.write(reply.get("stderr", ""))
    sys.exit(reply["exit_code"])
match [verb, *words]:
    case ["info", *_]:
        print((home / "machine").read_text())
    case ["image", "inspect", name]:
        if name not in images:
            sys.exit("Error response from daemon: no such image: " + name)
        print(json.dumps([images[name]]))
    case ["image", "rm", _, name]:
        if images.pop(name, None) is None:
            sys.exit("Error response from daemon: No such image: " + name)
        (home / "images.json").write_text(json.dumps(images))
    case ["run", "--detach", *_]:
        folder = home / "containers" / option("--name")
        folder.mkdir(parents=True)
        print("WARNING: pulling nothing", file=sys.stderr)
        print("4f5e6d")
    case ["container", "inspect", *_, name]:
        print("true" if container(name) else "")
    case ["cp", "-", place]:
        name, _, path = place.partition(":")
        # As some releases of podman do.
        pathlib.Path(tempfile.gettempdir(), "1653690971").touch()
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
            archive.extractall(container(name), filter="tar")
    case ["cp", place, "-"]:
        name, _, path = place.partition(":")
        found = container(name) / path.strip("/")
        if not found.exists():
            sys.exit("Error response from daemon: Could not find the file " + path + " in container " + name)
        with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
            archive.add(found, found.name)
    case ["exec", *_]:
        name = next(word for word in words if word.startswith("wheelpin-"))
        program, *arguments = words[words.index(name) + 1:]
        folder = container(name)
        local = [str(folder / word[1:]) if word.startswith("/") else word for word in arguments]
        given = dict(words[at + 1].partition("=")[::2] for at, word in enumerate(words) if word == "--env")
        program = sys.executable if "py" in program else program
        sys.exit(subprocess.run([program, *local], env={{**os.environ, **given}}).returncode)
    case ["commit", *_, name]:
        images["sha256:c0"] = {{"Id": "sha256:c0", "Architecture": "amd64"}}
        (home / "images.json").write_text(json.dumps(images))
        print("sha256:c0")
    case ["rm", *_, name]:
        shutil.rmtree(container(name))
    case ["pull", *_, name]:
        print("Pulling " + name)
        images[name] = {{"Id": "sha256:00", "Architecture": "amd64"}}
        (home / "images.json").write_text(json.dumps(images))
    case _:
        sys.exit("unknown words: " + " ".join(words))
"""
IMAGE = "example/image:1"
INSPECTED = (
    '{"Id": "sha256:00", "Architecture": "amd64", "Config": {"Env": ["PATH=/bin", "A=b=c"]}, '
    '"RepoDigests": ["other/name@sha256:02", "docker.io/example/image@sha256:01"]}'
)


def make_engine(folder: Path, *, name: str = "docker", machine: str = "x86_64 elsewhere") -> Path:
    """Write the program into *folder*; it has one image, and the kernel of a machine that is not this one."""
    folder.mkdir(parents=True)
    (folder / "images.json").write_text(f'{{"{IMAGE}": {INSPECTED}}}', encoding="utf-8")
    (folder / "machine").write_text(machine, encoding="utf-8")
    program = folder / name
    program.write_text(_PROGRAM.format(python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    return program
