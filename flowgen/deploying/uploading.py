"""Puts files into the bucket that are not there yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import Asset
from flowgen.deploying.refusals import code_of

INLINE: Final = 51_200
"""Bytes of a template that CloudFormation takes without a bucket (user guide, "CloudFormation quotas")."""

_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_DENIED: Final = frozenset({"403", "AccessDenied", "Forbidden"})


def lacking(cloud: Cloud, bucket: str, assets: Iterable[Asset]) -> tuple[Asset, ...]:
    """The files that the bucket does not have. A key names its content, so one that is there is the same."""
    return tuple(asset for asset in assets if not _has(cloud, bucket, asset.key, asset.size))


def upload(cloud: Cloud, bucket: str, asset: Asset, moved: Callable[[int], None]) -> None:
    """Uploads a file, in parts where it is large; `moved` is told of bytes as they go.

    An object is there whole or not at all: parts of an interrupted upload never show.
    """
    owner = {"ExpectedBucketOwner": cloud.account}
    cloud.s3.upload_file(str(asset.path), bucket, asset.key, ExtraArgs=owner, Callback=moved)


def template_key(template: str) -> str:
    """The key of a template that is too large to be sent as it is."""
    return f"flowgen/template-{hashlib.sha256(template.encode()).hexdigest()[:16]}.template.json"


def put_template(cloud: Cloud, bucket: str, template: str) -> bool:
    """Puts a template under its `template_key`; whether it was not there."""
    content = template.encode()
    if _has(cloud, bucket, template_key(template), len(content)):
        return False
    owner = cloud.account
    cloud.s3.put_object(Bucket=bucket, Key=template_key(template), Body=content, ExpectedBucketOwner=owner)
    return True


def template_url(cloud: Cloud, bucket: str, template: str) -> str:
    """Where CloudFormation reads it."""
    return f"{cloud.s3.meta.endpoint_url}/{bucket}/{template_key(template)}"


def remove(cloud: Cloud, bucket: str, keys: Iterable[str]) -> None:
    """Removes objects."""
    for key in keys:
        cloud.s3.delete_object(Bucket=bucket, Key=key, ExpectedBucketOwner=cloud.account)


def _has(cloud: Cloud, bucket: str, key: str, size: int) -> bool:
    from botocore.exceptions import ClientError

    try:
        found = cloud.s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=cloud.account)
    except ClientError as error:
        # Without the permission to list a bucket, what is missing there is answered as denied.
        if code_of(error) in _MISSING | _DENIED:
            return False
        raise
    return bool(found["ContentLength"] == size)
