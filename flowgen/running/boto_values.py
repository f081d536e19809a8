"""Converts values between Step Functions' spelling and botocore's, by the shapes of an API."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flowgen.aws.member_names import api_member, sdk_spellings
from flowgen.local.values import JSON, encode


def to_boto(value: JSON, shape: Any, service: str) -> Any:
    """Convert a value in Step Functions' spelling to botocore's, by the shape of the service's input."""
    if shape is None:
        return value
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            if getattr(shape, "is_document_type", False):
                return value
            spelled = {name: sdk_spellings(service, shape.name, name) for name in shape.members}
            known = {spelling.lower(): name for name, all_ in spelled.items() for spelling in all_}
            known |= {name.lower(): name for name in shape.members}
            return {
                known.get(key.lower(), key): to_boto(inner, shape.members.get(known.get(key.lower(), key)), service)
                for key, inner in value.items()
            }
        case "list" if isinstance(value, list):
            return [to_boto(inner, shape.member, service) for inner in value]
        case "map" if isinstance(value, Mapping):
            return {key: to_boto(inner, shape.value, service) for key, inner in value.items()}
        case "blob":
            return (value if isinstance(value, str) else encode(value)).encode()
        case "string" if not isinstance(value, str):
            # If an API expects a string, Step Functions accepts any JSON value and sends its text.
            return encode(value)
        case _:
            return value


def from_boto(value: Any, shape: Any, sdk_service: str | None = None) -> JSON:
    """Convert a response from botocore to JSON in Step Functions' spelling.

    `sdk_service` is the service of an SDK integration, and None for an optimized integration.
    """
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes | bytearray):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    kind = getattr(shape, "type_name", None)
    if isinstance(value, Mapping):
        if kind == "structure" and not getattr(shape, "is_document_type", False):
            return {
                api_member(key) if sdk_service is None else sdk_spellings(sdk_service, shape.name, key)[0]: from_boto(
                    inner, shape.members.get(key), sdk_service
                )
                for key, inner in value.items()
            }
        return {key: from_boto(inner, getattr(shape, "value", None), sdk_service) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [from_boto(inner, getattr(shape, "member", None), sdk_service) for inner in value]
    return value
