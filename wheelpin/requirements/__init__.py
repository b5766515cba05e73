"""What the user asks for: requirement lines, constraints, project files, each with its origin."""

from wheelpin.requirements.lenient import parse_metadata_requirement, parse_requires_python
from wheelpin.requirements.model import FormatControl, IndexOptions, Inputs, PythonDemand, Requirement
from wheelpin.requirements.parse import parse_requirement
from wheelpin.requirements.syntax import RequirementSyntaxError, UnsupportedRequirementError

__all__ = [
    "FormatControl",
    "IndexOptions",
    "Inputs",
    "PythonDemand",
    "Requirement",
    "RequirementSyntaxError",
    "UnsupportedRequirementError",
    "parse_metadata_requirement",
    "parse_requirement",
    "parse_requires_python",
]
