"""What AWS answers instead of what was asked for: each with what to do."""

from __future__ import annotations

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from flowgen.deploying.aws_errors import refusal
from tests.unit.deploying.aws import error


@pytest.mark.parametrize(
    ("problem", "message", "help_"),
    [
        (error("ExpiredToken"), "the AWS credentials have expired", "aws sso login --profile shop"),
        (error("InvalidClientTokenId"), "the AWS credentials are not valid", "get-caller-identity"),
        (
            error("AccessDenied", "no", "PutObject"),
            "access denied: AWS does not allow PutObject",
            "docs/how-to/deploy.md",
        ),
        (error("Throttling", "", "CreateStack"), "AWS still throttles CreateStack", "again"),
        (error("Odd", "", "CreateStack"), "AWS rejected CreateStack: Odd", None),
        (exceptions.NoCredentialsError(), "no AWS credentials found", "aws configure"),
        (exceptions.NoRegionError(), "no AWS region given", "--region"),
        (exceptions.ProfileNotFound(profile="shop"), "the AWS CLI has no profile `shop`", "list-profiles"),
        (exceptions.UnauthorizedSSOTokenError(), "the AWS login has expired", "aws sso login --profile shop"),
        (exceptions.EndpointConnectionError(endpoint_url="x"), "cannot connect to AWS", "check the region"),
        (exceptions.ReadTimeoutError(endpoint_url="x"), "cannot connect to AWS", "again"),
        (exceptions.DataNotFoundError(data_path="x"), "the request to AWS failed", None),
        (ResponseParserError("x"), "cannot read the response of AWS", "again"),
        (ValueError("x"), "cannot upload a file", None),
    ],
)
def test_refusals(problem: Exception, message: str, help_: str | None) -> None:
    """FG544, with AWS's own words as a note where it has any."""
    found = refusal(problem, "shop")
    assert found.code == "FG544"
    assert found.message.startswith(message)
    assert (found.help is None) if help_ is None else (help_ in str(found.help))
