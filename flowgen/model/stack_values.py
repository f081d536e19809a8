"""Values in the stack rather than in the workflow: strings, and values that CloudFormation inserts at deployment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from flowgen.model.accepts import Named, Schema, array, mapping, ref
from flowgen.model.element import Read, Reading
from flowgen.model.leaves import read_text
from flowgen.source import Mapping, Node, Sequence, Tagged, kind_of, plain

StackValue: TypeAlias = str | dict[str, Any]
"""A string, or a CloudFormation intrinsic function in long form: `{"Ref": "Topic"}`."""

_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{0,12}:.+")

# AWS General Reference, "Tag naming limits and requirements".
MOST_TAGS = 50
TAG_KEY = 128
TAG_VALUE = 256
_TAG = re.compile(r"[\w\s.:/=+\-@]*")


def read_stack_value(node: Node, reading: Reading) -> StackValue:
    """A string or a CloudFormation tag (FG102)."""
    if isinstance(node, Tagged):
        content = plain(node)
        if not isinstance(content, dict):
            raise TypeError(content)
        return content
    text = read_text(node, reading)
    if "${" in text:
        raise reading.refuse(
            "FG102",
            "expressions are not allowed here: the stack needs this value at deployment",
            node,
            help="write a CloudFormation tag: `!Ref Topic`, `!GetAtt Table.Arn`, `!Sub '${AWS::StackName}-a'`",
        )
    return text


def read_arn(node: Node, reading: Reading) -> StackValue:
    """An ARN, or a CloudFormation tag that returns one (FG102)."""
    value = read_stack_value(node, reading)
    if isinstance(value, str) and not _ARN.fullmatch(value):
        raise reading.refuse(
            "FG102", f"`{value}` is not an ARN", node, help="write the ARN, or a tag that returns it: `!GetAtt Key.Arn`"
        )
    return value


@dataclass(frozen=True, slots=True)
class Several:
    """Reads one value or a list of values; a tag may return the whole list: `!Ref SubnetIds`."""

    arns: bool
    most: int

    @property
    def accepts(self) -> Schema:
        return {"anyOf": [STACK_VALUE, array(STACK_VALUE, maxItems=self.most)]}

    def __call__(self, node: Node, reading: Reading) -> tuple[StackValue, ...]:
        read = read_arn if self.arns else read_stack_value
        items = node.items if isinstance(node, Sequence) else (node,)
        if len(items) > self.most:
            raise reading.refuse("FG402", f"this list has {len(items)} items; the limit is {self.most}", node)
        return tuple(read(item, reading) for item in items)


def read_tags(node: Node, reading: Reading) -> dict[str, StackValue]:
    """Tags that AWS accepts (FG102, FG107, FG112, FG402)."""
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`tags` must be a mapping of strings, not {kind_of(node)}", node)
    if len(node.entries) > MOST_TAGS:
        raise reading.refuse("FG402", f"{len(node.entries)} tags are over AWS's limit of {MOST_TAGS}", node)
    tags: dict[str, StackValue] = {}
    for entry in node.entries:
        key, value = entry.key.text, read_stack_value(entry.value, reading)
        if not key or len(key) > TAG_KEY or not _TAG.fullmatch(key):
            raise reading.refuse(
                "FG107", f"`{key}` is not a valid tag: use letters, digits, spaces and `_.:/=+-@`", entry.key
            )
        if key.lower().startswith("aws:"):
            raise reading.refuse("FG107", f"`{key}` is not a valid tag: AWS reserves the prefix `aws:`", entry.key)
        if isinstance(value, str) and (len(value) > TAG_VALUE or not _TAG.fullmatch(value)):
            raise reading.refuse(
                "FG112",
                f"invalid tag value: use at most {TAG_VALUE} letters, digits, spaces and `_.:/=+-@`",
                entry.value,
            )
        tags[key] = value
    return tags


def read_environment(node: Node, reading: Reading) -> dict[str, StackValue]:
    """Environment variables, with Lambda's rule for their names (API reference, `Environment`)."""
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`environment` must be a mapping of strings, not {kind_of(node)}", node)
    for entry in node.entries:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", entry.key.text):
            raise reading.refuse(
                "FG107", f"Lambda does not allow the environment variable `{entry.key.text}`", entry.key
            )
    return {
        entry.key.text: read_stack_value(entry.value, reading)
        if isinstance(entry.value, Tagged)
        else read_text(entry.value, reading)
        for entry in node.entries
    }


STACK_VALUE = ref(
    Named(
        "stack_value",
        {
            "description": "A string, or a CloudFormation tag: `!Ref Topic`.",
            # An editor sees the content of a tag; readers that resolve tags see its meaning.
            "type": ["string", "object", "array"],
        },
    )
)
StackValueField = Annotated[StackValue, Read(read_stack_value, accepts=STACK_VALUE)]
ArnField = Annotated[StackValue, Read(read_arn, accepts=STACK_VALUE)]
TagsField = Annotated[
    dict[str, StackValue],
    Read(
        read_tags,
        accepts=mapping(STACK_VALUE, {"maxLength": TAG_KEY, "pattern": "^(?![aA][wW][sS]:)."}, maxProperties=MOST_TAGS),
    ),
]
EnvironmentField = Annotated[
    dict[str, StackValue], Read(read_environment, accepts=mapping(STACK_VALUE, {"pattern": "^[A-Za-z][A-Za-z0-9_]+$"}))
]
