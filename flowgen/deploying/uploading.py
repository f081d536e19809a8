"""Uploads the files that the bucket does not have yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from flowgen.deploying.aws_errors import code_of
from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import Asset

INLINE: Final = 51_200
"""Maximum bytes of a template that is not in a bucket (CloudFormation user guide, "CloudFormation quotas")."""

_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_DENIED: Final = frozenset({"403", "AccessDenied", "Forbidden"})


def lacking(cloud: Cloud, bucket: str, assets: Iterable[Asset]) -> tuple[Asset, ...]:
    """The files that the bucket does not have. A key identifies its content, so an existing object is the same file."""
    return tuple(asset for asset in assets if not _has(cloud, bucket, asset.key, asset.size))


def upload(cloud: Cloud, bucket: str, asset: Asset, moved: Callable[[int], None]) -> None:
    """Uploads a file, in parts if it is large, and calls `moved` with the number of bytes sent since the last call.

    The object appears only when it is complete.
    """
    owner = {"ExpectedBucketOwner": cloud.account}
    cloud.s3.upload_file(str(asset.path), bucket, asset.key, ExtraArgs=owner, Callback=moved)


def template_key(template: str) -> str:
    """The key of a template that is too large for a request."""
    return f"flowgen/template-{hashlib.sha256(template.encode()).hexdigest()[:16]}.template.json"


def put_template(cloud: Cloud, bucket: str, template: str) -> bool:
    """Uploads a template as its `template_key`; False if it was already there."""
    content = template.encode()
    if _has(cloud, bucket, template_key(template), len(content)):
        return False
    owner = cloud.account
    cloud.s3.put_object(Bucket=bucket, Key=template_key(template), Body=content, ExpectedBucketOwner=owner)
    return True


def template_url(cloud: Cloud, bucket: str, template: str) -> str:
    """The URL from which CloudFormation reads the template."""
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
        # Without permission to list the bucket, S3 reports missing objects as access denied.
        if code_of(error) in _MISSING | _DENIED:
            return False
        raise
    return bool(found["ContentLength"] == size)
