"""YAML as plain values; CloudFormation's short tags become their long forms."""

import yaml

from wheelpin.errors import InputError
from wheelpin.values import Origin


class YamlError(InputError):
    """A file is no YAML."""

    def __init__(self, origin: Origin, problem: str) -> None:
        super().__init__(origin, problem)
        self.origin, self.problem = origin, problem

    def __str__(self) -> str:
        return f"{self.origin}: no valid YAML: {self.problem}"


class _Loader(yaml.SafeLoader):
    """Builds plain values only; what has a tag of its own becomes a mapping with that one key."""

    def tagged(self, name: str, node: yaml.Node) -> object:
        """Return ``{"Ref": …}`` for ``!Ref …``, and ``{"Fn::Sub": …}`` for ``!Sub …``."""
        key = name if name in ("Ref", "Condition") else f"Fn::{name}"
        match node:
            case yaml.MappingNode():
                return {key: self.construct_mapping(node, deep=True)}
            case yaml.SequenceNode():
                return {key: self.construct_sequence(node, deep=True)}
            case _:
                return {key: node.value}


_Loader.add_multi_constructor("!", _Loader.tagged)


def parse_yaml(text: str, name: str) -> object:
    """Read one document; raise `YamlError` with the line."""
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else None
        raise YamlError(Origin(name, line), error.problem or "it cannot be read") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlError(Origin(name), " ".join(str(error).split())) from error
