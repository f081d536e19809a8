"""Errors of the API: AWS's codes and texts."""

from __future__ import annotations


class ApiError(Exception):
    """A response with an error. `code` is a shape of the service's model or an error that all AWS services share."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status


def no_machine(arn: str) -> ApiError:
    return ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def no_execution(arn: str) -> ApiError:
    return ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def no_activity(arn: str) -> ApiError:
    return ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")


def invalid_name(name: str) -> ApiError:
    return ApiError("InvalidName", f"Invalid Name: '{name}'")


def invalid_arn(problem: str) -> ApiError:
    return ApiError("InvalidArn", f"Invalid Arn: '{problem}'")


def not_supported(what: str) -> ApiError:
    return ApiError("ValidationException", f"{what} is not supported by flowgen serve")
