"""Container images of Lambda functions (Lambda developer guide, "Create a Lambda function using a container image")."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from flowgen.model.accepts import TEXT, Schema, array, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.leaves import TextField, read_text
from flowgen.model.stack_values import STACK_VALUE, StackValue, read_stack_value
from flowgen.source import Mapping, Node, Sequence

IMAGE_URI = re.compile(
    r"[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)"
    r"/[a-z0-9][a-z0-9._/-]*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""An image in Amazon ECR, the only registry that Lambda accepts."""


def _read_uri(node: Node, reading: Reading) -> StackValue:
    uri = read_stack_value(node, reading)
    if isinstance(uri, str) and not IMAGE_URI.fullmatch(uri):
        raise reading.refuse(
            "FG102",
            f"`{uri}` is not the URI of an image in Amazon ECR",
            node,
            help="push the image to ECR and write its URI, or a tag such as `!Ref RatesImage`",
        )
    if isinstance(uri, str) and ":" not in uri.rpartition("/")[2]:
        raise reading.refuse(
            "FG102", f"the image `{uri}` has no tag", node, help=f"write a tag or a digest: `{uri}:1.0.0`"
        )
    return uri


def _read_arguments(node: Node, reading: Reading) -> tuple[str, ...]:
    return tuple(read_text(item, reading) for item in (node.items if isinstance(node, Sequence) else (node,)))


_ARGUMENTS = {"anyOf": [TEXT, array(TEXT)]}


class Image(Element):
    """The container image of a function."""

    what: ClassVar[str] = "`image`"

    uri: Annotated[StackValue, Read(_read_uri, accepts=STACK_VALUE)] = Field(
        description="The image in Amazon ECR, with a tag or a digest, or a CloudFormation tag."
    )
    command: Annotated[tuple[str, ...], Read(_read_arguments, accepts=_ARGUMENTS)] = Field(
        (), description="Replaces the image's `CMD`. By default, it is the generated entry point."
    )
    entry_point: Annotated[tuple[str, ...], Read(_read_arguments, accepts=_ARGUMENTS)] = Field(
        (), description="Replaces the image's `ENTRYPOINT`."
    )
    directory: TextField | None = Field(None, description="Replaces the image's working directory.")


def _read_image(node: Node, reading: Reading) -> Image:
    if isinstance(node, Mapping):
        image = Image.read(node, reading)
        if image is None:
            raise Unread
        return image
    return Image.made(Mapping(node.origin, node.start, node.end, ()), uri=_read_uri(node, reading))


_NO_TAG: Schema = {"propertyNames": {"not": {"pattern": "^(Ref$|Fn::)"}}}
"""What holds for a mapping that is not the long form of a tag."""

ImageField = Annotated[
    Image,
    Read(
        _read_image,
        accepts={
            # An editor sees the content of a tag.
            "type": ["string", "object", "array"],
            "if": {"type": "object", **_NO_TAG},
            "then": ref(Image),
        },
    ),
]
