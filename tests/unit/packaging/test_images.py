"""Container images that flowgen builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.diagnostics import Position, Sink, Span
from flowgen.packaging.container_engine import Engine, find_engine
from flowgen.packaging.images import BuiltImage, ImageBuild, build_images, repository_of
from tests.unit.packaging.engine import calls, install

SPAN = Span("workflows/shop.yaml", Position(5, 20), Position(5, 27))
ID = f"sha256:{'a' * 64}"


def wanted(folder: Path, **more: object) -> ImageBuild:
    context = folder / "rates"
    context.mkdir(exist_ok=True)
    given = {"dockerfile": "Dockerfile", "architecture": "x86_64", **more}
    return ImageBuild("find_rate", "ShopFindRateFunctionImage", context, span=SPAN, **given)  # type: ignore[arg-type] # the fields are given by name


@pytest.mark.parametrize(
    ("more", "options"),
    [
        ({}, ["--platform=linux/amd64", "--file=Dockerfile"]),
        ({"architecture": "arm64"}, ["--platform=linux/arm64", "--file=Dockerfile"]),
        (
            {"dockerfile": "docker/Rates", "target": "slim", "args": {"VERSION": "1 2", "EMPTY": ""}},
            [
                *("--platform=linux/amd64", "--file=docker/Rates", "--target=slim"),
                *("--build-arg=VERSION=1 2", "--build-arg=EMPTY="),
            ],
        ),
    ],
)
def test_the_command_that_builds(tmp_path: Path, more: dict[str, object], options: list[str]) -> None:
    """In the folder of the image, for the platform of the function, and without attestations."""
    engine, sink, said = Engine(str(install(tmp_path / "bin"))), Sink(), list[str]()
    made = build_images([wanted(tmp_path, **more)], "Web_Shop", engine, said.append, sink)

    assert list(sink) == []
    assert made == (BuiltImage("find_rate", "ShopFindRateFunctionImage", ID, "flowgen/web-shop"),)
    assert said == ["building the image of find_rate with docker"]
    [(arguments, folder, given, attestations)] = calls(tmp_path / "bin")
    assert (folder, given, attestations) == (str(tmp_path / "rates"), "", "1")
    assert (arguments[0], arguments[-1]) == ("build", ".")
    own = [part for part in arguments[1:-1] if not part.startswith(("--tag", "--iidfile"))]
    assert own == options
    assert "--tag=flowgen/web-shop/find-rate:latest" in arguments


def test_a_repository_of_the_users(tmp_path: Path) -> None:
    engine = Engine(str(install(tmp_path / "bin")))
    [made] = build_images([wanted(tmp_path, repository="shop/rates")], "shop", engine, print, Sink())
    assert made.repository == "shop/rates"


def test_a_build_that_fails_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    fails = {"build": "\n".join(f"line {number}" for number in range(20)) + "\nERROR: no such file: requirements.txt"}
    engine, sink = Engine(str(install(tmp_path / "bin", "podman", fails=fails))), Sink()
    assert build_images([wanted(tmp_path)], "shop", engine, lambda _: None, sink) == ()
    [found] = sink
    assert (found.code, found.message, found.span) == ("FG568", "podman cannot build the image of `find_rate`", SPAN)
    assert (len(found.notes), found.notes[-1]) == (6, "ERROR: no such file: requirements.txt")


def test_a_machine_without_an_engine(tmp_path: Path) -> None:
    sink = Sink()
    assert build_images([wanted(tmp_path)], "shop", None, lambda _: None, sink) == ()
    [found] = sink
    assert found.message == "cannot build the image of `find_rate`: none of docker, podman, finch is on PATH"
    assert "-p ShopFindRateFunctionImage=URI" in (found.help or "")


def test_a_project_without_images_needs_no_engine() -> None:
    sink = Sink()
    assert build_images([], "shop", None, lambda _: None, sink) == ()
    assert list(sink) == []


@pytest.mark.parametrize(("there", "first"), [(("finch", "podman"), "podman"), (("finch",), "finch"), ((), None)])
def test_the_first_engine_on_path(there: tuple[str, ...], first: str | None) -> None:
    found = find_engine(lambda name: f"/bin/{name}" if name in there else None)
    assert (None if found is None else found.name) == first


@pytest.mark.parametrize("project", ["shop", "Web_Shop", "a.b", "ä", "9", "-"])
def test_the_name_of_a_repository_is_valid(project: str) -> None:
    from flowgen.model.function_images import _REPOSITORY

    assert _REPOSITORY.fullmatch(repository_of(project))
