"""ARNs of the API's resources, and names that the API accepts."""

from __future__ import annotations

from flowgen.asl.execution_names import LONGEST_NAME, REFUSED
from flowgen.serving.api_errors import ApiError, invalid_arn, invalid_name

_PARTS = 7


def check_name(name: str) -> str:
    """The name of a state machine, an execution or an activity. Raises `ApiError` (InvalidName)."""
    if not 0 < len(name) <= LONGEST_NAME or REFUSED.search(name):
        raise invalid_name(name)
    return name


def check_arn(arn: str, *kinds: str) -> None:
    """Check that an ARN names a resource of one of these kinds, such as `stateMachine`. Raises `ApiError`."""
    parts = arn.split(":", _PARTS - 1)
    if parts[0] != "arn":
        raise invalid_arn(f"Invalid ARN prefix: {arn}")
    if len(parts) < _PARTS or parts[2] != "states" or not parts[6]:
        raise invalid_arn(arn)
    if parts[5] not in kinds:
        raise invalid_arn(f"Resource type not valid in this context: {parts[5]}")


def check_role(arn: str) -> None:
    """Check the ARN of a role. Raises `ApiError`."""
    if not arn.startswith("arn:") or ":role/" not in arn:
        raise ApiError("InvalidArn", f"Invalid Role Arn: '{arn}'")
