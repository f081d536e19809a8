"""What AWS answers in place of what was asked for, as findings that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from flowgen.diagnostics import Diagnostic


class Refused(Exception):  # noqa: N818 - the user's concern, told as findings
    """The way ends here; `diagnostics` say why."""

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
    """What AWS says of a `ClientError`."""
    return str(error.response.get("Error", {}).get("Message", "")) or code_of(error)


def refusal(error: Any, profile: str | None = None) -> Diagnostic:
    """FG544 for an error of boto3's or botocore's."""
    from botocore import exceptions as known
    from botocore.parsers import ResponseParserError

    finding: Callable[..., Diagnostic] = partial(Diagnostic, "FG544")
    log_in = f"aws sso login{f' --profile {profile}' if profile else ''}"
    match error:
        case known.ClientError():
            return _answered(error, profile)
        case known.ProfileNotFound():
            message = f"there is no profile `{profile}` in the configuration of the AWS command line"
            return finding(message, None, help="`aws configure list-profiles` lists those that there are")
        case known.NoCredentialsError() | known.PartialCredentialsError() | known.CredentialRetrievalError():
            help_ = (
                "`aws configure`, `aws sso login`, the environment (AWS_ACCESS_KEY_ID), or --profile NAME give some; "
                "in GitHub Actions, aws-actions/configure-aws-credentials does"
            )
            return finding("there are no credentials for AWS", None, notes=(str(error),), help=help_)
        case known.SSOError() | known.TokenRetrievalError():
            return finding("the log-in to AWS has ended", None, notes=(str(error),), help=f"log in again: `{log_in}`")
        case known.NoRegionError():
            return no_region()
        case known.EndpointConnectionError():
            help_ = "if the region in it is right, look at the network, and run the same command again"
            return finding("AWS can't be reached", None, notes=(str(error),), help=help_)
        case known.ConnectionError() | known.HTTPClientError():
            return finding("AWS can't be reached", None, notes=(str(error),), help="run the same command again")
        case known.BotoCoreError():
            return finding("AWS can't be asked", None, notes=(str(error),))
        case ResponseParserError():
            return unreadable(error)
        case _:
            # An upload that failed has what AWS answered behind it.
            inner = error.__cause__ or error.__context__
            if isinstance(inner, known.BotoCoreError | known.ClientError):
                return refusal(inner, profile)
            return finding("a file can't be uploaded", None, notes=(str(error),))


def unreadable(error: Exception) -> Diagnostic:
    """FG544: what answered is not AWS, or AWS in trouble."""
    help_ = "check the network, a proxy and AWS_ENDPOINT_URL, then run the same command again"
    return Diagnostic(
        "FG544", "cannot read the answer of AWS", None, notes=(f"{type(error).__name__}: {error}",), help=help_
    )


def no_region() -> Diagnostic:
    """FG544: nobody says where."""
    help_ = "--region eu-west-1, `region` of an environment in pyproject.toml, or AWS_REGION says which"
    return Diagnostic("FG544", "it is not known in which region of AWS to deploy", None, help=help_)


def _answered(error: Any, profile: str | None) -> Diagnostic:
    code, said, operation = code_of(error), message_of(error), getattr(error, "operation_name", "")
    help_: str | None = None
    if code in _EXPIRED:
        message = "the credentials for AWS have expired"
        help_ = f"log in again, as with `aws sso login{f' --profile {profile}' if profile else ''}`, and run the same"
        help_ += " command"
    elif code in _UNKNOWN:
        message = "AWS does not know these credentials"
        help_ = "look at them with `aws sts get-caller-identity`"
    elif code in _DENIED:
        message = f"AWS does not allow {operation}"
        help_ = "docs/how-to/deploy.md lists the permissions that a deployment needs"
    elif code in _THROTTLED:
        message = f"AWS is asked too much at once ({operation}), also after trying again for a while"
        help_ = "run the same command again"
    else:
        message = f"AWS refuses {operation}: {code}"
    return Diagnostic("FG544", message, None, notes=(said,) if said and said != code else (), help=help_)
