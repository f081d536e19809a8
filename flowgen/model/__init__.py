"""The workflow as people think of it: frozen pydantic models, one class a step kind, each with its node.

In: the nodes of a YAML document. Out: a `Workflow`, or diagnostics (FG1xx).
Never: a word of AWS's states, whether names refer to something that exists (that is `check`), writing files.
"""

from flowgen.model.element import Element
from flowgen.model.functions import DeclaredError, Defaults, Function, Sizing
from flowgen.model.reading import read_workflow
from flowgen.model.steps import (
    Branch,
    Call,
    Catcher,
    Fail,
    Group,
    Raised,
    Retrier,
    Return,
    Set,
    Step,
    Switch,
    Until,
    Wait,
    bodies_of,
    walk,
)
from flowgen.model.types import TypeDeclaration, TypeUse
from flowgen.model.values import (
    Expression,
    Interpolation,
    ListValue,
    Literal,
    Member,
    ObjectValue,
    Value,
    expressions_in,
)
from flowgen.model.workflow import Workflow

__all__ = [
    "Branch",
    "Call",
    "Catcher",
    "DeclaredError",
    "Defaults",
    "Element",
    "Expression",
    "Fail",
    "Function",
    "Group",
    "Interpolation",
    "ListValue",
    "Literal",
    "Member",
    "ObjectValue",
    "Raised",
    "Retrier",
    "Return",
    "Set",
    "Sizing",
    "Step",
    "Switch",
    "TypeDeclaration",
    "TypeUse",
    "Until",
    "Value",
    "Wait",
    "Workflow",
    "bodies_of",
    "expressions_in",
    "read_workflow",
    "walk",
]
