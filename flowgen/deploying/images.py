"""Pushes container images to Amazon ECR, and returns their URIs by digest."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from flowgen.deploying.aws_errors import Refused, code_of
from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import Image
from flowgen.diagnostics import Diagnostic
from flowgen.packaging.container_engine import Engine, last_lines
from flowgen.packaging.images import repository_of

_TAG: Final = 32
"""Hexadecimal digits of an image's ID in its tag."""


def pushed(cloud: Cloud, project: str, image: Image, engine: Engine | None, say: Callable[[str], None]) -> str:
    """The URI of an image, which is pushed unless the repository has it. Raises Refused (FG569), and botocore's errors.

    The tag is the image's ID, so an unchanged image keeps its URI, and a deployment changes nothing.
    """
    ecr = cloud.client("ecr")
    repository = _repository(cloud, ecr, project, image)
    digest = _digest(ecr, image)
    if digest is None:
        if engine is None:
            raise Refused(_failed(image, "the container engine that built it is not on PATH", ""))
        say(f"pushing the image of {image.function} to {repository}")
        _push(ecr, image, repository, engine)
        digest = _digest(ecr, image)
    if digest is None:
        raise Refused(_failed(image, "the repository does not have it after the push", ""))
    return f"{repository}@{digest}"


def expected(cloud: Cloud, image: Image) -> str:
    """The URI of an image for a preview: by its digest if the repository has it, otherwise by its tag."""
    from botocore.exceptions import ClientError

    ecr = cloud.client("ecr")
    suffix = "amazonaws.com.cn" if cloud.partition == "aws-cn" else "amazonaws.com"
    repository = f"{cloud.account}.dkr.ecr.{cloud.region}.{suffix}/{image.repository}"
    try:
        digest = _digest(ecr, image)
    except ClientError as error:
        if code_of(error) != "RepositoryNotFoundException":
            raise
        digest = None
    return f"{repository}:{_tag(image)}" if digest is None else f"{repository}@{digest}"


def _tag(image: Image) -> str:
    return image.id.rpartition(":")[2][:_TAG]


def _repository(cloud: Cloud, ecr: Any, project: str, image: Image) -> str:
    """The URI of the repository; flowgen creates its own one if it is missing."""
    from botocore.exceptions import ClientError

    try:
        found = ecr.describe_repositories(repositoryNames=[image.repository])
        return str(found["repositories"][0]["repositoryUri"])
    except ClientError as error:
        if code_of(error) != "RepositoryNotFoundException":
            raise
    if image.repository != repository_of(project):
        message = f"Amazon ECR has no repository `{image.repository}` in this account and region"
        command = cloud.command(f"ecr create-repository --repository-name {image.repository}")
        raise Refused(
            Diagnostic("FG569", message, image.span, help=f"create it with `{command}`, or remove `repository`")
        )
    made = ecr.create_repository(
        repositoryName=image.repository,
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
    )
    ecr.set_repository_policy(repositoryName=image.repository, policyText=json.dumps(_policy(cloud)))
    return str(made["repository"]["repositoryUri"])


def _policy(cloud: Cloud) -> Mapping[str, Any]:
    """Lets Lambda read images for functions of this account (Lambda developer guide, "Amazon ECR permissions")."""
    functions = f"arn:{cloud.partition}:lambda:{cloud.region}:{cloud.account}:function:*"
    statement = {
        "Sid": "LambdaReadsImages",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Condition": {"ArnLike": {"aws:SourceArn": functions}, "StringEquals": {"aws:SourceAccount": cloud.account}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _digest(ecr: Any, image: Image) -> str | None:
    from botocore.exceptions import ClientError

    try:
        found = ecr.describe_images(repositoryName=image.repository, imageIds=[{"imageTag": _tag(image)}])
    except ClientError as error:
        if code_of(error) == "ImageNotFoundException":
            return None
        raise
    return str(found["imageDetails"][0]["imageDigest"])


def _push(ecr: Any, image: Image, repository: str, engine: Engine) -> None:
    """Logs in, tags and pushes (ECR user guide, "Pushing a Docker image"). The password is the input of the engine."""
    granted = ecr.get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    registry, name = repository.partition("/")[0], f"{repository}:{_tag(image)}"
    for arguments, given in (
        (("login", "--username", user, "--password-stdin", registry), password),
        (("tag", image.id, name), ""),
        (("push", name), ""),
    ):
        try:
            status, printed = engine.run(arguments, given=given)
        except OSError as error:
            raise Refused(_failed(image, f"cannot run {engine.name}", str(error))) from None
        if status != 0:
            raise Refused(_failed(image, f"`{engine.name} {arguments[0]}` failed", printed))


def _failed(image: Image, why: str, printed: str) -> Diagnostic:
    denied = any(sign in printed.lower() for sign in ("denied", "403", "unauthorized", "not authorized"))
    help_ = (
        "to push, your role needs the `ecr` actions in docs/how-to/deploy.md"
        if denied
        else "check the engine and the network, then run the same command again"
    )
    return Diagnostic(
        "FG569",
        f"cannot push the image of `{image.function}`: {why}",
        image.span,
        notes=last_lines(printed),
        help=help_,
    )
