"""Functions that are called from outside, and settings that apply to published versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.pipeline import check_paths, check_text

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/rates"
ASK = "steps: [{id: review, call: ask, callback: boolean, timeout: 1 day}]\n"


def _found(functions: str, steps: str = ASK, top: str = "") -> list[tuple[str, str]]:
    text = f"flowgen: 1\nname: w\nfunctions: {{ask: {{}}, {functions}}}\n{top}{steps}"
    return [(one.code, one.message) for one in check_text(text, "workflow.yaml")]


@pytest.mark.parametrize(
    "function",
    ["{url: {auth: iam}}", "{answers: review}", "{standalone: true}", "{url: {auth: iam}, answers: [review]}"],
)
def test_a_function_for_other_callers_is_not_unused(function: str) -> None:
    assert _found(f"page: {function}") == []


def test_any_other_function_is_unused() -> None:
    """As before, with the keys that say otherwise."""
    assert _found("page: {standalone: false}") == [("FG209", "no step calls the function `page`")]


@pytest.mark.parametrize(
    ("function", "code", "message"),
    [
        ("{answers: [revue]}", "FG561", "unknown step `revue`"),
        ("{answers: [done]}", "FG561", "the step `done` does not wait for an answer"),
        ("{url: {auth: none}}", "FG562", "anyone can call the URL of `page`"),
        (
            "{url: {auth: iam, invoke_mode: response_stream}}",
            "FG563",
            "Lambda's Python runtime cannot stream responses",
        ),
        ("{url: {}}", "FG103", "`url` needs the key `auth`"),
        ("{url: iam}", "FG102", "`url` must be a mapping, not a string"),
        ("{url: {auth: none, callers: '111122223333'}}", "FG102", "`callers` has no effect: anyone can call this URL"),
        ("{url: {auth: iam, callers: me}}", "FG102", "`me` cannot call a function URL"),
        ("{url: {auth: iam, cors: {origins: example.com}}}", "FG102", "`example.com` is not an origin"),
        ("{url: {auth: iam, cors: {methods: FETCH}}}", "FG102", "`FETCH` is not a method that CORS settings accept"),
        (
            "{url: {auth: iam, cors: {methods: OPTIONS}}}",
            "FG102",
            "`OPTIONS` is not a method that CORS settings accept",
        ),
        (
            "{url: {auth: iam, cors: {origins: '*', credentials: true}}}",
            "FG102",
            "browsers send no credentials to a URL that allows every origin",
        ),
        ("{url: {auth: iam, cors: {max_age: 2 days}}}", "FG112", "`max_age` must be at most 24 hours"),
        ("{url: {auth: iam}, arn: prices}", "FG102", "`url` requires a function that flowgen deploys"),
        ("{answers: review, activity: true}", "FG102", "`answers` requires a function that flowgen deploys"),
        ("{standalone: true, retry: 2}", "FG102", "`retry` conflicts with `standalone`"),
        ("{standalone: true, envelope: true}", "FG102", "`envelope` conflicts with `standalone`"),
        ("{standalone: true, image: ./page}", "FG102", "`./page` is not the URI of an image in Amazon ECR"),
        (
            "{standalone: true, image: 'docker.io/a:1'}",
            "FG102",
            "`docker.io/a:1` is not the URI of an image in Amazon ECR",
        ),
        (f"{{standalone: true, image: {ECR}}}", "FG102", f"the image `{ECR}` has no tag"),
        (f"{{standalone: true, image: '{ECR}:1', layers: !Ref A}}", "FG102", "`layers` conflicts with `image`"),
        (f"{{standalone: true, image: '{ECR}:1', runtime: python3.13}}", "FG102", "`runtime` conflicts with `image`"),
        (
            f"{{standalone: true, image: '{ECR}:1', snap_start: true}}",
            "FG564",
            "SnapStart of `page` conflicts with a container image",
        ),
        ("{url: {auth: iam}, retired: true}", "FG102", "`retired` conflicts with `url`"),
    ],
)
def test_mistakes(function: str, code: str, message: str) -> None:
    steps = f"{ASK.rstrip().removesuffix(']')}, {{id: done, set: 1}}]\n"
    assert _found(f"page: {function}", steps) == [(code, message)]


def test_a_misspelled_step_gets_a_suggestion() -> None:
    text = f"flowgen: 1\nname: w\nfunctions: {{ask: {{}}, page: {{answers: [reviw]}}}}\n{ASK}"
    [found] = check_text(text, "workflow.yaml")
    assert found.help == "did you mean `review`?"


def test_a_step_cannot_call_a_function_from_outside() -> None:
    """In compensations too."""
    steps = (
        "steps:\n- {id: a, call: page}\n- {id: b, call: ask, compensate: {call: page}}\n- {id: c, fail: {error: No}}\n"
    )
    assert [code for code, _ in _found("page: {url: {auth: iam}}", steps)] == ["FG560", "FG560"]


@pytest.mark.parametrize(
    ("function", "code", "message"),
    [
        ("snap_start: true", "", ""),
        ("snap_start: true, runtime: python3.12, storage: 512", "", ""),
        ("snap_start: true, runtime: python3.11", "FG564", "SnapStart of `f` requires Python 3.12 or later"),
        ("snap_start: true, storage: 513", "FG564", "SnapStart of `f` allows at most 512 MiB of storage"),
        ("snap_start: true, provisioned: 1", "FG564", "SnapStart of `f` conflicts with provisioned concurrency"),
        ("provisioned: 3, concurrency: 2", "FG565", "`provisioned` of `f` exceeds its `concurrency` of 2"),
        ("provisioned: 2, concurrency: 2", "", ""),
    ],
)
@pytest.mark.parametrize("at", ["function", "defaults"])
def test_settings_of_versions(function: str, code: str, message: str, at: str) -> None:
    own, shared = (function, "") if at == "function" else ("", function)
    steps = "steps: [{id: a, call: f}, {id: review, call: ask, callback: boolean, timeout: 1 day}]\n"
    top = "" if not shared else f"defaults: {{function: {{{shared}}}}}\n"
    found = [one for one in _found(f"f: {{{own}}}", steps, top) if "`f`" in one[1]]
    assert found == ([(code, message)] if code else [])


@pytest.mark.parametrize(
    ("function", "deployment", "code"),
    [
        ("snap_start: true", "{versions: false}", "FG564"),
        ("provisioned: 1", "{versions: false}", "FG565"),
        ("provisioned: 1", "{type: linear, percent: 10, interval: 1 minute}", "FG566"),
        ("provisioned: 1", "{versions: true}", None),
        ("snap_start: true", "{type: linear, percent: 10, interval: 1 minute}", None),
    ],
)
def test_settings_of_versions_and_the_deployment(function: str, deployment: str, code: str | None) -> None:
    steps = "steps: [{id: a, call: f}, {id: review, call: ask, callback: boolean, timeout: 1 day}]\n"
    found = _found(f"f: {{{function}}}", steps, f"deployment: {deployment}\n")
    assert [one for one, _ in found] == ([] if code is None else [code])


@pytest.mark.parametrize(("key", "found"), [("url: {auth: iam}", ["FG561"]), ("standalone: true", [])])
def test_an_imported_function_has_no_url(tmp_path: Path, key: str, found: list[str]) -> None:
    """It belongs to all workflows that import it."""
    (tmp_path / "shared.yaml").write_text(f"flowgen: 1\nfunctions: {{page: {{{key}}}}}\n", "utf-8")
    workflow = tmp_path / "w.yaml"
    workflow.write_text(f"flowgen: 1\nname: w\nimport: shared.yaml\nfunctions: {{ask: {{}}}}\n{ASK}", "utf-8")

    assert [one.code for one in check_paths((str(workflow),), tmp_path).diagnostics] == found
