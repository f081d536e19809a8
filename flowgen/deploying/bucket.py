"""The bucket for code and templates: the user's, or flowgen's own, which it creates if it is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from flowgen.deploying.aws_errors import Refused, code_of
from flowgen.deploying.cloud import Cloud
from flowgen.diagnostics import Diagnostic

ABANDONED: Final = 7
"""Days after which S3 removes the parts of an unfinished upload."""

_MISSING: Final = frozenset({"404", "NoSuchBucket", "NotFound"})
_DENIED: Final = frozenset({"403", "AccessDenied", "Forbidden"})


def own_name(cloud: Cloud) -> str:
    """The name of flowgen's own bucket."""
    return f"flowgen-{cloud.account}-{cloud.region}"


def is_there(cloud: Cloud, name: str) -> bool:
    """Whether the bucket exists in this account and region. Raises `Refused` (FG545).

    Every request names the expected owner: anybody can create a bucket with a name that is easy to guess.
    """
    from botocore.exceptions import ClientError

    try:
        found = cloud.s3.head_bucket(Bucket=name, ExpectedBucketOwner=cloud.account)
    except ClientError as error:
        if code_of(error) in _MISSING:
            return False
        if code_of(error) in _DENIED:
            message = f"bucket `{name}` does not belong to account {cloud.account}, or you have no access to it"
            raise Refused(Diagnostic("FG545", message, None, help="use another bucket with --bucket NAME")) from None
        if code_of(error) in ("301", "PermanentRedirect", "400"):
            raise Refused(_elsewhere(cloud, name, "another region")) from None
        raise
    region = found.get("BucketRegion", cloud.region)
    if region != cloud.region:
        raise Refused(_elsewhere(cloud, name, region))
    return True


def _elsewhere(cloud: Cloud, name: str, region: str) -> Diagnostic:
    return Diagnostic(
        "FG545",
        f"bucket `{name}` is in {region}, but the stack is in {cloud.region}",
        None,
        help="Lambda reads code only from its own region; leave out --bucket, and flowgen creates a bucket there",
    )


def missing(name: str) -> Diagnostic:
    """FG545 if the user's bucket does not exist: the name may be a typo, and its settings are the user's choice."""
    help_ = f"create it with `aws s3 mb s3://{name}`, or leave out --bucket to let flowgen create one"
    return Diagnostic("FG545", f"bucket `{name}` does not exist", None, help=help_)


def is_complete(cloud: Cloud, name: str) -> bool:
    """Whether flowgen's own bucket has all its settings; the lifecycle rule is the last one to be set."""
    from botocore.exceptions import ClientError

    try:
        cloud.s3.get_bucket_lifecycle_configuration(Bucket=name, ExpectedBucketOwner=cloud.account)
    except ClientError as error:
        if code_of(error) == "NoSuchLifecycleConfiguration":
            return False
        if code_of(error) in _DENIED:
            return True
        raise
    return True


def make(cloud: Cloud, name: str) -> None:
    """Creates flowgen's own bucket, or completes one that an interrupted run left without its settings.

    Private, encrypted, TLS only, without access control lists. No versioning: a key identifies its content and is never
    overwritten.
    """
    where: dict[str, Any] = {}
    if cloud.region != "us-east-1":
        where = {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}}
    if not is_there(cloud, name):
        cloud.s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced", **where)
    for setting in (_private, _encrypted, _tls, _lifecycle):
        setting(cloud, name)


def _private(cloud: Cloud, name: str) -> None:
    every = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    _put(cloud.s3.put_public_access_block, cloud, name, PublicAccessBlockConfiguration=dict.fromkeys(every, True))


def _encrypted(cloud: Cloud, name: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    _put(cloud.s3.put_bucket_encryption, cloud, name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _tls(cloud: Cloud, name: str) -> None:
    arn = f"arn:{cloud.partition}:s3:::{name}"
    statement = {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    _put(cloud.s3.put_bucket_policy, cloud, name, Policy=policy)


def _lifecycle(cloud: Cloud, name: str) -> None:
    rule = {
        "ID": "abandoned-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABANDONED},
    }
    _put(cloud.s3.put_bucket_lifecycle_configuration, cloud, name, LifecycleConfiguration={"Rules": [rule]})


def _put(call: Callable[..., Any], cloud: Cloud, name: str, **setting: Any) -> None:
    call(Bucket=name, ExpectedBucketOwner=cloud.account, **setting)
