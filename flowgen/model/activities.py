"""Activities: a new one for the stack, or a reference to an existing one."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from flowgen.model.element import Read, Reading
from flowgen.model.leaves import read_flag
from flowgen.model.stack_values import StackValue, read_stack_value
from flowgen.source import Node, Scalar

Activity: TypeAlias = bool | StackValue
"""True for a new activity, False for none, else the name or ARN of an existing one, or a tag that returns its ARN."""

ACTIVITY_ARN = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:activity:[^\s:]{1,80}")
_NAME = re.compile(r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}""")
"""Step Functions API reference, `CreateActivity`."""


def read_activity(node: Node, reading: Reading) -> Activity:
    """`true`, the name or ARN of an activity, or a CloudFormation tag (FG102)."""
    if isinstance(node, Scalar) and not isinstance(node.value, str):
        return read_flag(node, reading)
    value = read_stack_value(node, reading)
    if isinstance(value, str) and not ACTIVITY_ARN.fullmatch(value) and not _NAME.fullmatch(value):
        raise reading.refuse(
            "FG102",
            f"`{value}` is not the name or ARN of an activity",
            node,
            help="write `true` for a new activity, a name, an ARN, or a tag such as `!Ref InspectActivityArn`",
        )
    return value


ActivityField = Annotated[
    Activity,
    Read(
        read_activity,
        accepts={
            # An editor sees the content of a tag.
            "type": ["boolean", "string", "object", "array"],
            "errorMessage": "expected `true`, the name or ARN of an activity, or a CloudFormation tag",
        },
    ),
]
