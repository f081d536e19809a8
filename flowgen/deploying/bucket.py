"""The bucket for code and templates: a given one as it is, or flowgen's own, made where it is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from flowgen.deploying.cloud import Cloud
from flowgen.deploying.refusals import Refused, code_of
from flowgen.diagnostics import Diagnostic

ABANDONED: Final = 7
"""Days after which the parts of an upload that never ended are removed."""

_MISSING: Final = frozenset({"404", "NoSuchBucket", "NotFound"})
_DENIED: Final = frozenset({"403", "AccessDenied", "Forbidden"})


def own_name(cloud: Cloud) -> str:
    """The name of flowgen's own bucket."""
    return f"flowgen-{cloud.account}-{cloud.region}"


def is_there(cloud: Cloud, name: str) -> bool:
    """Whether there is such a bucket, of this account and in this region. Raises `Refused` (FG545).

    Who owns it is asked for every time: somebody else could have made one of a name that can be guessed.
    """
    from botocore.exceptions import ClientError

    try:
        found = cloud.s3.head_bucket(Bucket=name, ExpectedBucketOwner=cloud.account)
    except ClientError as error:
        if code_of(error) in _MISSING:
            return False
        if code_of(error) in _DENIED:
            message = f"the bucket `{name}` is not of the account {cloud.account}, or may not be used"
            raise Refused(Diagnostic("FG545", message, None, help="--bucket NAME takes another one")) from None
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
        f"the bucket `{name}` is in {region}, and the stack in {cloud.region}",
        None,
        help="Lambda takes code from buckets of its own region; leave the bucket out, and flowgen makes one there",
    )


def missing(name: str) -> Diagnostic:
    """FG545 for a given bucket that is not there: it may be a slip, and its settings are its owner's."""
    help_ = f"`aws s3 mb s3://{name}` makes it; without --bucket, flowgen makes one of its own"
    return Diagnostic("FG545", f"there is no bucket `{name}`", None, help=help_)


def is_complete(cloud: Cloud, name: str) -> bool:
    """Whether flowgen's own bucket has its settings: the rule of its lifecycle is put last."""
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
    """Makes flowgen's own bucket, or completes one that an interrupted run left without its settings.

    Private, encrypted, by TLS alone, without access lists. No versions: a key names its content, and none is ever
    written over.
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
