"""The Python functions that a deployment's description names: SAM and CloudFormation templates, serverless.yml."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from wheelpin.target import presets

_SAM_FUNCTION = "AWS::Serverless::Function"
_FUNCTION_TYPES = frozenset({_SAM_FUNCTION, "AWS::Lambda::Function"})
_USUAL_ARCHITECTURE = "x86_64"

_PRESETS = {
    "aws": "aws-lambda-{runtime}-{architecture}",
    "google": "gcf-{runtime}",
    "azure": "azure-functions-{runtime}",
}
"""By serverless' name of the provider."""

_Table = Mapping[object, object]


class Function(Struct, frozen=True, kw_only=True):
    """A function and where it will run."""

    name: str
    preset: str
    """The target's name."""
    folder: str = "."
    """Where its code lies, from the description's folder on."""
    requirements: str = "requirements.txt"
    """The file of requirements that is looked for there."""


class PassedOver(Struct, frozen=True, kw_only=True):
    """A function for which no target can be told, and why."""

    name: str
    reason: str


class _Said(Struct, frozen=True, kw_only=True):
    """What a description says of one function, values as they stand there."""

    name: str
    provider: str = "aws"
    runtime: object
    architecture: object
    folder: object = None
    requirements: object = None


def functions_of_template(tree: object) -> Iterator[Function | PassedOver]:
    """Yield the functions of a SAM or CloudFormation template; none where *tree* is something else."""
    top = _table(tree)
    defaults = _table(_table(top.get("Globals")).get("Function"))
    parameters = _table(top.get("Parameters"))
    for name, about in _table(top.get("Resources")).items():
        resource = _table(about)
        if resource.get("Type") not in _FUNCTION_TYPES:
            continue
        around = defaults if resource["Type"] == _SAM_FUNCTION else {}
        properties = {**around, **_table(resource.get("Properties"))}
        if properties.get("PackageType") == "Image":
            yield PassedOver(name=str(name), reason="it is a container image")
            continue
        architectures = _settled(properties.get("Architectures"), parameters)
        yield from _judge(
            _Said(
                name=str(name),
                runtime=_settled(properties.get("Runtime"), parameters),
                architecture=architectures[0] if isinstance(architectures, list) and architectures else architectures,
                folder=properties.get("CodeUri", properties.get("Code")),
            )
        )


def functions_of_serverless(tree: object) -> Iterator[Function | PassedOver]:
    """Yield the functions of a serverless.yml; none where *tree* is something else."""
    top = _table(tree)
    said, functions = top.get("provider"), top.get("functions")
    provider: _Table = {"name": said} if isinstance(said, str) else _table(said)
    plugin = _table(_table(top.get("custom")).get("pythonRequirements"))
    if isinstance(functions, str):
        yield PassedOver(name="functions", reason=f"they are {functions}, which only serverless can read")
    for part in functions if isinstance(functions, list) else [functions]:
        for name, about in _table(part).items():
            function = _table(about)
            if "image" in function:
                yield PassedOver(name=str(name), reason="it is a container image")
                continue
            yield from _judge(
                _Said(
                    name=str(name),
                    provider=str(provider.get("name", "aws")),
                    runtime=function.get("runtime", provider.get("runtime")),
                    architecture=function.get("architecture", provider.get("architecture")),
                    folder=function.get("module"),
                    requirements=plugin.get("fileName"),
                )
            )


def _judge(said: _Said) -> Iterator[Function | PassedOver]:
    """Yield the function, or why there is no target for it; nothing for one that is not Python's."""
    architecture = _USUAL_ARCHITECTURE if said.architecture is None else said.architecture
    for value in (said.runtime, architecture):
        if not isinstance(value, str) or "${" in value:
            reason = "it names no runtime" if value is None else f"only its deployment knows what {_shown(value)} is"
            yield PassedOver(name=said.name, reason=reason)
            return
    runtime = str(said.runtime)
    if not runtime.startswith("python"):
        return
    preset = _PRESETS.get(said.provider, "").format(runtime=_with_dot(runtime), architecture=architecture)
    if preset not in presets():
        yield PassedOver(
            name=said.name, reason=f"wheelpin has no preset for {runtime} on {said.provider}, {architecture}"
        )
        return
    folder = said.folder
    yield Function(
        name=said.name,
        preset=preset,
        folder=folder if isinstance(folder, str) and "://" not in folder and "${" not in folder else ".",
        requirements=said.requirements if isinstance(said.requirements, str) else "requirements.txt",
    )


def _with_dot(runtime: str) -> str:
    """Spell ``python312`` as ``python3.12``."""
    return runtime if "." in runtime else f"{runtime[:7]}.{runtime[7:]}"


def _settled(value: object, parameters: _Table) -> object:
    """Return the default of the parameter that a reference names, within a list, too; else *value* itself."""
    match value:
        case {"Ref": str(name)}:
            return _table(parameters.get(name)).get("Default", value)
        case list():
            return [_settled(entry, parameters) for entry in value]
        case _:
            return value


def _table(value: object) -> _Table:
    return value if isinstance(value, dict) else {}


def _shown(value: object) -> str:
    match value:
        case {**one} if len(one) == 1:
            ((name, inside),) = one.items()
            return f"{name} {inside}"
        case _:
            return str(value)
