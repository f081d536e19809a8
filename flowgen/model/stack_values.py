"""Values that stand in the stack and not in the workflow: texts, and what CloudFormation puts in at deployment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from flowgen.model.element import Read, Reading
from flowgen.model.leaves import read_text
from flowgen.source import Mapping, Node, Sequence, Tagged, kind_of, plain

StackValue: TypeAlias = str | dict[str, Any]
"""A text, or an intrinsic function of CloudFormation in long form: `{"Ref": "Topic"}`."""

_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{0,12}:.+")

# AWS General Reference, "Tag naming limits and requirements".
MOST_TAGS = 50
TAG_KEY = 128
TAG_VALUE = 256
_TAG = re.compile(r"[\w\s.:/=+\-@]*")


def read_stack_value(node: Node, reading: Reading) -> StackValue:
    """A text or one of CloudFormation's tags (FG102)."""
    if isinstance(node, Tagged):
        content = plain(node)
        if not isinstance(content, dict):
            raise TypeError(content)
        return content
    text = read_text(node, reading)
    if "${" in text:
        raise reading.refuse(
            "FG102",
            "an expression is no help here: this is settled when the stack is deployed",
            node,
            help="write a tag of CloudFormation: `!Ref Topic`, `!GetAtt Table.Arn`, `!Sub '${AWS::StackName}-a'`",
        )
    return text


def read_arn(node: Node, reading: Reading) -> StackValue:
    """An ARN, or a tag of CloudFormation that gives one (FG102)."""
    value = read_stack_value(node, reading)
    if isinstance(value, str) and not _ARN.fullmatch(value):
        raise reading.refuse(
            "FG102", f"`{value}` is no ARN", node, help="write the ARN, or a tag that gives it: `!GetAtt Key.Arn`"
        )
    return value


@dataclass(frozen=True, slots=True)
class Several:
    """Reads one value or a list of values, of which a tag may stand for all: `!Ref SubnetIds`."""

    arns: bool
    most: int

    def __call__(self, node: Node, reading: Reading) -> tuple[StackValue, ...]:
        read = read_arn if self.arns else read_stack_value
        items = node.items if isinstance(node, Sequence) else (node,)
        if len(items) > self.most:
            raise reading.refuse("FG402", f"there may be {self.most} of these, and here are {len(items)}", node)
        return tuple(read(item, reading) for item in items)


def read_tags(node: Node, reading: Reading) -> dict[str, StackValue]:
    """Tags as AWS takes them (FG102, FG107, FG112, FG402)."""
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`tags` is a mapping of texts, not {kind_of(node)}", node)
    if len(node.entries) > MOST_TAGS:
        raise reading.refuse("FG402", f"AWS allows {MOST_TAGS} tags, and here are {len(node.entries)}", node)
    tags: dict[str, StackValue] = {}
    for entry in node.entries:
        key, value = entry.key.text, read_stack_value(entry.value, reading)
        if not key or len(key) > TAG_KEY or not _TAG.fullmatch(key):
            raise reading.refuse(
                "FG107", f"AWS takes no tag `{key}`: letters, digits, spaces and `_.:/=+-@`", entry.key
            )
        if key.lower().startswith("aws:"):
            raise reading.refuse("FG107", f"no tag can be called `{key}`: AWS keeps `aws:` for itself", entry.key)
        if isinstance(value, str) and (len(value) > TAG_VALUE or not _TAG.fullmatch(value)):
            raise reading.refuse(
                "FG112", f"a tag's value has {TAG_VALUE} letters, digits, spaces and `_.:/=+-@` at most", entry.value
            )
        tags[key] = value
    return tags


def read_environment(node: Node, reading: Reading) -> dict[str, StackValue]:
    """Environment variables: Lambda's rule for their names (API reference, `Environment`)."""
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"the environment is a mapping of texts, not {kind_of(node)}", node)
    for entry in node.entries:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", entry.key.text):
            raise reading.refuse("FG107", f"Lambda allows no environment variable `{entry.key.text}`", entry.key)
    return {
        entry.key.text: read_stack_value(entry.value, reading)
        if isinstance(entry.value, Tagged)
        else read_text(entry.value, reading)
        for entry in node.entries
    }


StackValueField = Annotated[StackValue, Read(read_stack_value)]
ArnField = Annotated[StackValue, Read(read_arn)]
TagsField = Annotated[dict[str, StackValue], Read(read_tags)]
EnvironmentField = Annotated[dict[str, StackValue], Read(read_environment)]
