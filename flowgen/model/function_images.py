"""Container images of Lambda functions (Lambda developer guide, "Create a Lambda function using a container image")."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping as Mapped
from typing import Annotated, ClassVar

from flowgen.model.accepts import TEXT, Schema, array, mapping, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.leaves import TextField, read_text
from flowgen.model.stack_values import STACK_VALUE, StackValue, read_stack_value
from flowgen.source import Mapping, Node, Sequence, kind_of

IMAGE_URI = re.compile(
    r"[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)"
    r"/[a-z0-9][a-z0-9._/-]*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""An image in Amazon ECR, the only registry that Lambda accepts."""
DOCKERFILE = "Dockerfile"


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


def _read_args(node: Node, reading: Reading) -> dict[str, str]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`args` must be a mapping of strings, not {kind_of(node)}", node)
    return {entry.key.text: read_text(entry.value, reading) for entry in node.entries}


_REPOSITORY = re.compile(r"(?=.{2,256}$)[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
"""ECR API reference, `CreateRepository`, `repositoryName`."""


def _read_repository(node: Node, reading: Reading) -> str:
    name = read_text(node, reading)
    if not _REPOSITORY.fullmatch(name):
        raise reading.refuse(
            "FG102",
            f"`{name}` is not the name of a repository in Amazon ECR",
            node,
            help="use lower-case letters, digits, `-`, `_`, `.` and `/`: `shop/rates`",
        )
    return name


class Image(Element):
    """The container image of a function: one that exists, or one that `flowgen package` builds."""

    what: ClassVar[str] = "`image`"
    constraints: ClassVar[Schema] = {"oneOf": [{"required": ["uri"]}, {"required": ["build"]}]}

    uri: Annotated[StackValue | None, Read(_read_uri, accepts=STACK_VALUE)] = Field(
        None, description="The image in Amazon ECR, with a tag or a digest, or a CloudFormation tag."
    )
    build: TextField | None = Field(
        None, description="Builds the image from this folder, relative to the file.", examples=["./rates"]
    )
    dockerfile: TextField | None = Field(
        None, description="The Dockerfile, relative to the folder of `build`. Default: `Dockerfile`."
    )
    target: TextField | None = Field(None, description="The stage of the Dockerfile to build.")
    args: Annotated[Mapped[str, str], Read(_read_args, accepts=mapping(TEXT))] = Field(
        default_factory=dict, description="Build arguments: a mapping of strings."
    )
    repository: Annotated[str | None, Read(_read_repository, accepts=TEXT)] = Field(
        None, description="Your own repository in Amazon ECR. By default, flowgen creates one for the project."
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
        _check(image, reading)
        return image if image.build is None else image.replace(build=_folder(image.build, reading))
    return Image.made(Mapping(node.origin, node.start, node.end, ()), uri=_read_uri(node, reading))


def _folder(build: str, reading: Reading) -> str:
    """The folder of `build`, relative to the workflow's folder."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(reading.source), build))


def _check(image: Image, reading: Reading) -> None:
    """FG102 and FG103 for keys that conflict, FG567 without a Dockerfile."""
    if image.build is None:
        if image.uri is None:
            help_ = "write `image: {build: FOLDER}`, or the `uri` of an image"
            raise reading.refuse("FG103", "`image` needs the key `uri` or `build`", image.node, help=help_)
        for key in ("dockerfile", "target", "args", "repository"):
            if image.node.get(key) is not None:
                message = f"`{key}` has no effect without `build`"
                raise reading.refuse("FG102", message, image.span_of(key), help=f"remove `{key}`")
        return
    if image.uri is not None:
        message = "`build` conflicts with `uri`"
        raise reading.refuse("FG102", message, image.span_of("build"), help="remove one of the two")
    file = posixpath.join(image.build, image.dockerfile or DOCKERFILE)
    if reading.read_file(file) is None:
        raise reading.refuse(
            "FG567",
            f"cannot read the Dockerfile `{posixpath.normpath(file)}`",
            image.span_of("build" if image.dockerfile is None else "dockerfile"),
            help="write the path of a folder in the project, relative to this file, that contains a Dockerfile",
        )


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
