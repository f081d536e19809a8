"""Images that a deployment pushes: once, by digest, with one password from Amazon ECR."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from flowgen.deploying import Cloud, Outcome, Status, Wanted, deploy
from flowgen.deploying.images import pushed
from flowgen.deploying.package import Image
from flowgen.environments import Given
from flowgen.packaging.container_engine import Engine
from tests.unit.deploying.aws import SPAN, CloudFormation, Moment, Somebody, cloud, error, own, package, refusal_of
from tests.unit.packaging.engine import calls, install

REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = Image("find_rate", "FindRateFunctionImage", f"sha256:{'a' * 64}", "flowgen/shop", SPAN)
TAG = "a" * 32
DIGEST = f"sha256:{'d' * 64}"
URI = f"{REGISTRY}/flowgen/shop@{DIGEST}"


@dataclass
class Ecr:
    """Repositories, each with the tags that are pushed; what the fake engine pushes is in its folder."""

    folder: Path
    repositories: dict[str, set[str]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fails: dict[str, BaseException] = field(default_factory=dict)

    def _called(self, name: str, asked: dict[str, Any]) -> None:
        self.calls.append((name, asked))
        if name in self.fails:
            raise self.fails[name]

    def _repository(self, name: str, operation: str) -> set[str]:
        if name not in self.repositories:
            raise error("RepositoryNotFoundException", "it does not exist", operation)
        return self.repositories[name]

    def describe_repositories(self, **asked: Any) -> Any:
        self._called("describe_repositories", asked)
        [name] = asked["repositoryNames"]
        self._repository(name, "DescribeRepositories")
        return {"repositories": [{"repositoryUri": f"{REGISTRY}/{name}"}]}

    def create_repository(self, **asked: Any) -> Any:
        self._called("create_repository", asked)
        self.repositories[asked["repositoryName"]] = set()
        return {"repository": {"repositoryUri": f"{REGISTRY}/{asked['repositoryName']}"}}

    def set_repository_policy(self, **asked: Any) -> None:
        self._called("set_repository_policy", asked)

    def describe_images(self, **asked: Any) -> Any:
        self._called("describe_images", asked)
        tags = self._repository(asked["repositoryName"], "DescribeImages")
        file = self.folder / "pushed"
        pushed_now = file.read_text("utf-8").split() if file.exists() else []
        tags |= {name.rpartition(":")[2] for name in pushed_now}
        if asked["imageIds"][0]["imageTag"] not in tags:
            raise error("ImageNotFoundException", "no such image", "DescribeImages")
        return {"imageDetails": [{"imageDigest": DIGEST}]}

    def get_authorization_token(self) -> Any:
        self._called("get_authorization_token", {})
        return {"authorizationData": [{"authorizationToken": base64.b64encode(b"AWS:secret").decode()}]}

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls if not name.startswith("describe")]


@pytest.fixture
def ecr(tmp_path: Path) -> Ecr:
    return Ecr(tmp_path / "bin")


def aws(ecr: Ecr, stack: CloudFormation | None = None) -> Cloud:
    client: Callable[..., Any] = {"ecr": ecr}.__getitem__
    return replace(cloud(stack), client=client)


def push(ecr: Ecr, image: Image = IMAGE, *, engine: bool = True, fails: dict[str, str] | None = None) -> str:
    program = install(ecr.folder, fails=fails)
    return pushed(aws(ecr), "shop", image, Engine(str(program)) if engine else None, lambda _: None)


def test_a_first_push_creates_the_repository(ecr: Ecr) -> None:
    """With immutable tags, a scan, and a policy that lets only Lambda functions of this account read it."""
    assert push(ecr) == URI
    assert ecr.names == ["create_repository", "set_repository_policy", "get_authorization_token"]
    [made] = [asked for name, asked in ecr.calls if name == "create_repository"]
    assert (made["imageTagMutability"], made["imageScanningConfiguration"]) == ("IMMUTABLE", {"scanOnPush": True})
    name = f"{REGISTRY}/flowgen/shop:{TAG}"
    assert [(arguments, given) for arguments, _, given, _ in calls(ecr.folder)] == [
        (["login", "--username", "AWS", "--password-stdin", REGISTRY], "secret"),
        (["tag", IMAGE.id, name], ""),
        (["push", name], ""),
    ]


def test_an_image_that_is_there_is_not_pushed_again(ecr: Ecr) -> None:
    ecr.repositories["flowgen/shop"] = {TAG}
    assert push(ecr, engine=False) == URI
    assert (ecr.names, calls(ecr.folder)) == ([], [])


@pytest.mark.parametrize(
    ("fails", "why", "help_"),
    [
        ({"login": "Error: Cannot connect to the Docker daemon"}, "`docker login` failed", "check the engine"),
        ({"push": "denied: User is not authorized to perform: ecr:InitiateLayerUpload"}, "`docker push` failed", "ecr"),
        ({"push": "received unexpected HTTP status: 403 Forbidden"}, "`docker push` failed", "`ecr` actions"),
        ({"tag": "No such image"}, "`docker tag` failed", "check the engine"),
    ],
)
def test_a_push_that_fails(ecr: Ecr, fails: dict[str, str], why: str, help_: str) -> None:
    found = refusal_of(lambda: push(ecr, fails=fails))
    assert (found.code, found.message) == ("FG569", f"cannot push the image of `find_rate`: {why}")
    assert found.notes == ("first line", *fails.values())
    assert found.span == SPAN
    assert help_ in (found.help or "")
    assert "secret" not in str(found)


def test_an_engine_that_is_gone(ecr: Ecr) -> None:
    ecr.repositories["flowgen/shop"] = set()
    assert refusal_of(lambda: push(ecr, engine=False)).message.endswith(
        "the container engine that built it is not on PATH"
    )
    missing = refusal_of(lambda: pushed(aws(ecr), "shop", IMAGE, Engine("/nowhere/docker"), print))
    assert missing.message.endswith("cannot run docker")


def test_a_repository_of_the_users_must_exist(ecr: Ecr) -> None:
    found = refusal_of(lambda: push(ecr, replace(IMAGE, repository="shop/rates")))
    assert found.message == "Amazon ECR has no repository `shop/rates` in this account and region"
    assert "aws ecr create-repository --repository-name shop/rates --region eu-west-1" in (found.help or "")
    ecr.repositories["shop/rates"] = set()
    assert push(ecr, replace(IMAGE, repository="shop/rates")) == f"{REGISTRY}/shop/rates@{DIGEST}"


CREATED = [
    Moment("CREATE_IN_PROGRESS", [own(0, "CREATE_IN_PROGRESS")]),
    Moment("CREATE_COMPLETE", [own(1, "CREATE_COMPLETE")]),
]
PARAMETER = {"FindRateFunctionImage": {"Type": "String"}}


def deployed(ecr: Ecr, stack: CloudFormation, monkeypatch: pytest.MonkeyPatch, **wanted: Any) -> Outcome:
    monkeypatch.setenv("PATH", str(install(ecr.folder).parent))
    made = replace(package(Parameters=PARAMETER), images=() if "parameters" in wanted else (IMAGE,))
    return deploy(made, Wanted("shop", **wanted), aws(ecr, stack), Somebody())


def _asked(stack: CloudFormation) -> list[dict[str, str]]:
    [asked] = [asked for name, asked in stack.calls if name == "create_change_set"]
    parameters: list[dict[str, str]] = asked["Parameters"]
    return parameters


def test_a_deployment_sets_the_parameter_to_the_digest(ecr: Ecr, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = CloudFormation(life=[*CREATED])
    assert deployed(ecr, stack, monkeypatch).status is Status.DEPLOYED
    assert _asked(stack) == [{"ParameterKey": "FindRateFunctionImage", "ParameterValue": URI}]


def test_a_preview_pushes_nothing(ecr: Ecr, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = CloudFormation()
    assert deployed(ecr, stack, monkeypatch, dry_run=True).status is Status.SHOWN
    assert _asked(stack)[0]["ParameterValue"] == f"{REGISTRY}/flowgen/shop:{TAG}"
    assert (ecr.names, calls(ecr.folder)) == ([], [])


def test_a_given_uri_needs_no_image(ecr: Ecr, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = CloudFormation(life=[*CREATED])
    given = {"FindRateFunctionImage": Given("111122223333.dkr.ecr.eu-west-1.amazonaws.com/rates:1")}
    assert deployed(ecr, stack, monkeypatch, parameters=given).status is Status.DEPLOYED
    assert (_asked(stack)[0]["ParameterValue"], ecr.calls) == (given["FindRateFunctionImage"].value, [])


def test_a_denied_request_ends_the_deployment(ecr: Ecr, monkeypatch: pytest.MonkeyPatch) -> None:
    ecr.fails["create_repository"] = error("AccessDeniedException", "not authorized", "CreateRepository")
    stack = CloudFormation()
    outcome = deployed(ecr, stack, monkeypatch)
    assert outcome.status is Status.REFUSED
    assert [found.message for found in outcome.diagnostics] == ["access denied: AWS does not allow CreateRepository"]
    assert "create_change_set" not in stack.names
