"""What the user asks for: requirement lines, constraints, project files, each with its origin."""

from wheelpin.requirements.addresses import is_address
from wheelpin.requirements.extra_lines import extra_behind
from wheelpin.requirements.inputs import Sources, read_inputs
from wheelpin.requirements.lenient import parse_metadata_requirement, parse_requires_python
from wheelpin.requirements.model import FormatControl, IndexOptions, Inputs, PythonDemand, Requirement
from wheelpin.requirements.parse import parse_requirement
from wheelpin.requirements.reader import Document, Reader, UnreadableInputError
from wheelpin.requirements.syntax import RequirementSyntaxError, UnsupportedRequirementError

__all__ = [
    "Document",
    "FormatControl",
    "IndexOptions",
    "Inputs",
    "PythonDemand",
    "Reader",
    "Requirement",
    "RequirementSyntaxError",
    "Sources",
    "UnreadableInputError",
    "UnsupportedRequirementError",
    "extra_behind",
    "is_address",
    "parse_metadata_requirement",
    "parse_requirement",
    "parse_requires_python",
    "read_inputs",
]
