"""What AWS answers in place of what was asked for: each with what to do."""

from __future__ import annotations

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from flowgen.deploying.refusals import refusal
from tests.unit.deploying.aws import error


@pytest.mark.parametrize(
    ("problem", "message", "help_"),
    [
        (error("ExpiredToken"), "the credentials for AWS have expired", "aws sso login --profile shop"),
        (error("InvalidClientTokenId"), "AWS does not know these credentials", "get-caller-identity"),
        (error("AccessDenied", "no", "PutObject"), "AWS does not allow PutObject", "docs/how-to/deploy.md"),
        (error("Throttling", "", "CreateStack"), "AWS is asked too much at once (CreateStack)", "again"),
        (error("Odd", "", "CreateStack"), "AWS refuses CreateStack: Odd", None),
        (exceptions.NoCredentialsError(), "there are no credentials for AWS", "aws configure"),
        (exceptions.NoRegionError(), "it is not known in which region", "--region"),
        (exceptions.ProfileNotFound(profile="shop"), "there is no profile `shop`", "list-profiles"),
        (exceptions.UnauthorizedSSOTokenError(), "the log-in to AWS has ended", "aws sso login --profile shop"),
        (exceptions.EndpointConnectionError(endpoint_url="x"), "AWS can't be reached", "if the region in it is right"),
        (exceptions.ReadTimeoutError(endpoint_url="x"), "AWS can't be reached", "again"),
        (exceptions.DataNotFoundError(data_path="x"), "AWS can't be asked", None),
        (ResponseParserError("x"), "cannot read the answer of AWS", "again"),
        (ValueError("x"), "a file can't be uploaded", None),
    ],
)
def test_refusals(problem: Exception, message: str, help_: str | None) -> None:
    """FG544, with AWS's own words as a note where it has any."""
    found = refusal(problem, "shop")
    assert found.code == "FG544"
    assert found.message.startswith(message)
    assert (found.help is None) if help_ is None else (help_ in str(found.help))
