"""Errors of AWS as diagnostics that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from flowgen.diagnostics import Diagnostic


class Refused(Exception):  # noqa: N818 - reported to the user as diagnostics
    """The deployment ends here; `diagnostics` say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics


_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN: Final = frozenset({
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
})  # fmt: skip
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"})
_THROTTLED: Final = frozenset({
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
})  # fmt: skip


def code_of(error: Any) -> str:
    """The code of a `ClientError`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: Any) -> str:
    """AWS's message in a `ClientError`."""
    return str(error.response.get("Error", {}).get("Message", "")) or code_of(error)


PERMISSIONS: Final = "docs/how-to/deploy.md lists the permissions that a deployment needs"


def refusal(error: Any, profile: str | None = None, permissions: str = PERMISSIONS) -> Diagnostic:
    """FG544 for an error of boto3 or botocore. `permissions` says where to read which ones are needed."""
    from botocore import exceptions as known
    from botocore.parsers import ResponseParserError

    finding: Callable[..., Diagnostic] = partial(Diagnostic, "FG544")
    log_in = f"aws sso login{f' --profile {profile}' if profile else ''}"
    match error:
        case known.ClientError():
            return _answered(error, profile, permissions)
        case known.ProfileNotFound():
            message = f"the AWS CLI has no profile `{profile}`"
            return finding(message, None, help="list the profiles with `aws configure list-profiles`")
        case known.NoCredentialsError() | known.PartialCredentialsError() | known.CredentialRetrievalError():
            help_ = (
                "run `aws configure` or `aws sso login`, set AWS_ACCESS_KEY_ID, or use --profile NAME; "
                "in GitHub Actions, use aws-actions/configure-aws-credentials"
            )
            return finding("no AWS credentials found", None, notes=(str(error),), help=help_)
        case known.SSOError() | known.TokenRetrievalError():
            return finding("the AWS login has expired", None, notes=(str(error),), help=f"log in again: `{log_in}`")
        case known.NoRegionError():
            return no_region()
        case known.EndpointConnectionError():
            help_ = "check the region in the address and the network, then run the same command again"
            return finding("cannot connect to AWS", None, notes=(str(error),), help=help_)
        case known.ConnectionError() | known.HTTPClientError():
            return finding("cannot connect to AWS", None, notes=(str(error),), help="run the same command again")
        case known.BotoCoreError():
            return finding("the request to AWS failed", None, notes=(str(error),))
        case ResponseParserError():
            return unreadable(error)
        case _:
            # A failed upload has AWS's answer as its cause.
            inner = error.__cause__ or error.__context__
            if isinstance(inner, known.BotoCoreError | known.ClientError):
                return refusal(inner, profile, permissions)
            return finding("cannot upload a file", None, notes=(str(error),))


def unreadable(error: Exception) -> Diagnostic:
    """FG544 for an answer that is not from AWS, or that AWS did not complete."""
    help_ = "check the network, a proxy and AWS_ENDPOINT_URL, then run the same command again"
    return Diagnostic(
        "FG544", "cannot read the response of AWS", None, notes=(f"{type(error).__name__}: {error}",), help=help_
    )


def no_region() -> Diagnostic:
    """FG544 for a missing region."""
    help_ = "use --region eu-west-1, `region` of an environment in pyproject.toml, or AWS_REGION"
    return Diagnostic("FG544", "no AWS region given", None, help=help_)


def _answered(error: Any, profile: str | None, permissions: str) -> Diagnostic:
    code, text, operation = code_of(error), message_of(error), getattr(error, "operation_name", "")
    help_: str | None = None
    if code in _EXPIRED:
        message = "the AWS credentials have expired"
        help_ = f"log in again (`aws sso login{f' --profile {profile}' if profile else ''}`), then run the same command"
    elif code in _UNKNOWN:
        message = "the AWS credentials are not valid"
        help_ = "check them with `aws sts get-caller-identity`"
    elif code in _DENIED:
        message = f"access denied: AWS does not allow {operation}"
        help_ = permissions
    elif code in _THROTTLED:
        message = f"AWS still throttles {operation} after several attempts"
        help_ = "run the same command again"
    else:
        message = f"AWS rejected {operation}: {code}"
    return Diagnostic("FG544", message, None, notes=(text,) if text and text != code else (), help=help_)
