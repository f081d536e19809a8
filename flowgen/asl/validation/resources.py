"""Checks the resources of Task states: the format of their ARNs, and the service integrations that exist.

Source: "Integrating services" in the developer guide. `aws-sdk` integrations support every API, so only their format is
checked.
"""

from __future__ import annotations

import re
from typing import Any

from flowgen.asl.integrations import OPTIMIZED
from flowgen.asl.validation.report import Place, Report, filled_in, is_placeholder

EXPRESS = "EXPRESS"

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_FUNCTION = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:[\w-]+(:(\$LATEST|[\w-]+))?", re.ASCII)
_ACTIVITY = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity:\S+")
_INTEGRATION = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:(?P<service>[^:\s]*):?(?P<rest>\S*)")
_FILLED_IN = "…"
_CALL = re.compile(r"(?P<api>[\w:-]+?)(?:\.(?P<pattern>\w+(?::\d)?))?")

_LETTERS = {"sync": "s", "sync:2": "2", "waitForTaskToken": "t"}


def check_resource(report: Report, place: Place, value: Any) -> None:
    """Resource of a Task state: a URI. A function, activity or integration must exist."""
    if not report.is_text(place, value) or is_placeholder(value):
        return
    text = filled_in(value)
    if _URI.fullmatch(text) is None:
        report.error(place, "Value is not a valid resource ARN")
    elif ":function:" in text and text.startswith("arn:"):
        if _FUNCTION.fullmatch(text) is None:
            report.error(place, "Value is not a valid resource ARN: this is not the ARN of a Lambda function")
    elif _ACTIVITY.fullmatch(text):
        if report.machine_type == EXPRESS:
            report.error(place, "Express state machine does not support Activity ARN")
    elif (match := _INTEGRATION.fullmatch(filled_in(value, _FILLED_IN))) is not None:
        # Which integration a placeholder stands for is known only once it is filled in.
        if _FILLED_IN not in match["service"] + match["rest"]:
            _check_integration(report, place, value, match["service"], match["rest"])
    else:
        report.warn(place, "Step Functions has no such resource; only a local run may support it", "INVALID_RESOURCE")


def _check_integration(report: Report, place: Place, value: str, service: str, rest: str) -> None:
    call = _CALL.fullmatch(rest)
    pattern = call["pattern"] if call else None
    known: str | None
    if service == "aws-sdk":
        known = "t" if call and _is_action(report, call["api"]) else None
    else:
        known = OPTIMIZED.get(service, {}).get(call["api"]) if call else None
    if known is None or (pattern is not None and _LETTERS.get(pattern, "?") not in known):
        report.error(
            place,
            f"The resource provided {value} is not recognized. The value is not a valid resource ARN, or the resource "
            "is not available in this region.",
        )
    elif pattern is not None and report.machine_type == EXPRESS:
        shown = "sync" if pattern.startswith("sync") else pattern
        report.error(place, f"Express state machine does not support '.{shown}' service integration")


def _is_action(report: Report, api: str) -> bool:
    service, colon, action = api.partition(":")
    return bool(colon) and (report.known_action is None or report.known_action(service, action))


def check_credentials(report: Report, place: Place, value: Any, resource: Any) -> None:
    """Credentials of a Task state: an object with the role to assume. Activities do not support it."""
    if not report.is_object(place, value):
        return
    if "RoleArn" not in value and "RoleArn.$" not in value:
        report.error(place, "The field 'RoleArn' is required but was missing")
    if isinstance(resource, str) and _ACTIVITY.fullmatch(resource):
        report.error(place, "The field 'Credentials' is not supported for activities")
