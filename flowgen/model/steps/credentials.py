"""The role that a task assumes, so that it can use resources of another account."""

from __future__ import annotations

from typing import Annotated, ClassVar

from flowgen.model.element import Element, Field, Read, Reading
from flowgen.model.stack_values import STACK_VALUE
from flowgen.model.values import Expression, Interpolation, Intrinsic, Literal, read_value
from flowgen.source import Node, kind_of


def _read_role(node: Node, reading: Reading) -> Literal | Expression | Interpolation | Intrinsic:
    value = read_value(node, reading)
    if isinstance(value, Expression | Interpolation | Intrinsic):
        return value
    if isinstance(value, Literal) and isinstance(value.value, str):
        return value
    raise reading.refuse(
        "FG102",
        f"expected the ARN of a role, found {kind_of(node)}",
        node,
        help="write the ARN, a tag such as `!GetAtt Role.Arn`, or an expression in `${ }`",
    )


class Credentials(Element):
    """The role that Step Functions assumes for a task (developer guide, "Accessing resources in other accounts")."""

    what: ClassVar[str] = "`credentials`"

    role: Annotated[Literal | Expression | Interpolation | Intrinsic, Read(_read_role, accepts=STACK_VALUE)] = Field(
        description="The ARN of the role: a string, a CloudFormation tag, or an expression.",
        examples=["arn:aws:iam::123456789012:role/partner"],
    )
