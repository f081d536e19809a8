"""Texts from YAML end in string constants, whatever they look like."""

from __future__ import annotations

import ast
import importlib
import io
import keyword
import re
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowgen.backends import python, writing
from flowgen.backends.artifacts import Artifact
from flowgen.backends.python.text import docstring, literal, prose
from tests.unit.backends.python.conftest import SOURCE, nothing, runtime_of, workflow_of

FRAGMENTS = (
    *('"""', "'''", '"', "'", "\\", "\n", "\r", "\r\n", "\t", "\0", "\x1b", "\x85", "\u2028", "\u202e", "\u200b"),
    *("{{ 7 * 7 }}", "{% raw %}", "{x}", "%s", "#", ")", "]", "}", ":", ",", " = ", "import os", "\n    import os\n"),
    *("__import__('os').system('true')", "lambda: 1", "é", "\u2603", "\U0001f600", "a", "Z", "0", "_", " ", "-", "."),
    *("class", "None", "self", "$defs", "#/$defs/Other"),
)
NASTY = st.lists(st.sampled_from(FRAGMENTS) | st.characters(exclude_categories=["Cs"]), max_size=6).map("".join)


def in_yaml(value: Any) -> str:
    """A JSON value in YAML's flow style, all that is not plain ASCII escaped."""
    match value:
        case dict():
            return "{" + ", ".join(f"{in_yaml(key)}: {in_yaml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(in_yaml, value)) + "]"
        case str():
            plain = (c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08x}" for c in value)
            return f'"{"".join(plain)}"'
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case _:
            return repr(value)


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """A workflow with such texts in every place where a string may be."""

    def text() -> str:
        return draw(NASTY)

    def fields() -> dict[str, Any]:
        shapes: list[Any] = [
            "string",
            {"type": "string", "description": text(), "default": text(), "title": text(), "examples": [text()]},
            {
                "title": text(),
                "examples": [text(), {text(): [text(), None]}],
                "deprecated": True,
                "description": text(),
            },
            {
                "type": "string",
                "format": "date",
                "default": "2026-01-01",
                "title": text(),
                "examples": [text()],
                "description": text() * 40,
            },
            {"enum": sorted({text(), text(), "a"}), "description": text()},
            {"const": text()},
            {"type": "string", "pattern": re.escape(text()), "x-python-type": text()},
            {"type": "string", "format": text(), "$comment": text(), "contentEncoding": text()},
            {"type": "object", "additionalProperties": {"const": (same := text())}, "default": {text(): same}},
            {
                "type": "object",
                "patternProperties": {re.escape(text()): {"type": "string"}},
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {text(): {"type": "integer", "description": text()}},
                "description": text(),
            },
            {"type": "array", "items": {"type": "string", "minLength": 1}, "default": [text() or "a"]},
            {"type": "array", "prefixItems": [{"const": text()}], "x-python-import": {"module": "os", "name": text()}},
        ]
        names = draw(st.lists(NASTY.map(lambda name: name.rstrip("?")), min_size=1, max_size=4, unique=True))
        return {name: draw(st.sampled_from(shapes)) for name in names if name}

    tag = draw(NASTY.filter(lambda name: bool(name) and not name.endswith("?")))
    kinds = draw(st.lists(NASTY.filter(bool), min_size=2, max_size=2, unique=True))
    return {
        "flowgen": 1,
        "name": "hostile",
        "description": text(),
        "types": {
            "Thing": {"description": text(), "fields": fields()},
            "Plain": {
                "type": "string",
                "description": text(),
                "enum": sorted({text(), text()}),
                "title": text(),
                "examples": [text()],
                "deprecated": True,
            },
            "Titled": {"type": "object", "title": text(), "deprecated": True, "properties": {"a": {"title": text()}}},
            "Left": {"fields": {tag: [kinds[0]]}},
            "Right": {"fields": {tag: [kinds[1]]}},
            "Either": {"one_of": {kinds[0]: "Left", kinds[1]: "Right"}, "tag": tag, "description": text()},
        },
        "functions": {
            "work": {
                "description": text(),
                "input": "Thing",
                "output": {"fields": fields(), "description": text()},
                "errors": {"Broken": {"fields": fields()}, "Lost": {"const": text()}},
            }
        },
        "steps": [{"id": "pause", "wait": "1s"}],
    }


def in_memory(source: dict[str, Any], source_file: str) -> list[Artifact]:
    artifacts, problems = python.generate(
        workflow_of(in_yaml(source)), "hostile", source=SOURCE, source_file=source_file, read_existing=nothing
    )
    assert problems == []
    return artifacts


NAMES = frozenset(
    {
        "final",
        "Annotated",
        "Any",
        "Awaitable",
        "AwareDatetime",
        "ConfigDict",
        "Constraints",
        "ContractModel",
        "ContractViolation",
        "DeclaredError",
        "DetailedError",
        "EXACTLY",
        "EmailText",
        "EntryPoint",
        "Field",
        "HostnameText",
        "IPv4Address",
        "IPv6Address",
        "JsonDate",
        "Literal",
        "NotImplementedError",
        "Optional",
        "Protocol",
        "SparseModel",
        "StepContext",
        "StringConstraints",
        "TypeAdapter",
        "TypeAlias",
        "TypeAliasType",
        "TypeVar",
        "UUID",
        "Union",
        "UriReferenceText",
        "UriText",
        "WorkHandler",
        "_Work",
        "_Contract",
        "_entry_point",
        "bool",
        "code",
        "compile",
        "constrained",
        "context",
        "contract",
        "contracts",
        "date",
        "default",
        "dict",
        "event",
        "float",
        "handler",
        "int",
        "list",
        "str",
        "time",
        "timedelta",
        "tuple",
    }
)
"""Every name that generated code may use, besides those of the workflow's types."""
TYPES = re.compile(
    r"(Thing|Plain|Titled|Left|Right|Either|WorkOutput|Broken|Lost)[A-Za-z0-9]*|date_aliased|time_aliased"
)
ATTRIBUTES = {"handle", "model_rebuild", "work"}


def strange(module: ast.Module) -> Iterator[str]:
    """What a generated module contains that no template of flowgen does."""
    for node in ast.walk(module):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name not in NAMES and not TYPES.fullmatch(name):
                yield f"the name {name}"
            case ast.Attribute(attr=name) if name not in ATTRIBUTES:
                yield f"the attribute {name}"
            case (
                ast.Import()
                | ast.Global()
                | ast.Delete()
                | ast.Starred()
                | ast.NamedExpr()
                | ast.Await()
                | ast.JoinedStr()
            ):
                yield ast.dump(node)
            case ast.FunctionDef(name=name) if name not in {"work", "handler", "__call__"}:
                yield f"the function {name}"
            case ast.ClassDef(name=name) if name != "WorkHandler" and not TYPES.fullmatch(name):
                yield f"the class {name}"
            case ast.ImportFrom(module=imported) if imported == "os":
                yield "an import of os"
            case _:
                pass


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(source=workflows(), source_file=NASTY)
def test_generated_modules_hold_texts_as_constants_only(source: dict[str, Any], source_file: str) -> None:
    """Each module parses, and has no name, call or comment but those that are ours."""
    for artifact in in_memory(source, source_file):
        assert list(strange(ast.parse(artifact.text))) == [], artifact.path
        tokens = tokenize.generate_tokens(io.StringIO(artifact.text, newline="").readline)
        comments = [token for token in tokens if token.type == tokenize.COMMENT]
        assert all(
            comment.start[0] <= 2 or comment.string == "# pyright: ignore[reportIncompatibleVariableOverride]"
            for comment in comments
        )
        compile(artifact.text, str(artifact.path), "exec")


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(source=workflows())
def test_generated_packages_can_be_imported(source: dict[str, Any]) -> None:
    """Models and entry points load, and descriptions are where `help()` finds them."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = Path(folder)
        (root / "src").mkdir()
        patch.syspath_prepend(root / "src")
        artifacts = in_memory(source, "w.yaml")
        writing.write(writing.plan([*artifacts, *runtime_of(artifacts, "hostile")], root), root)
        importlib.invalidate_caches()
        _forget()
        try:
            models = importlib.import_module("hostile.generated.models")
            importlib.import_module("hostile.generated.entry_points.work")
        finally:
            _forget()
    assert (models.Thing.__doc__ or "").split() == prose(source["types"]["Thing"]["description"]).split()


def _forget() -> None:
    """Removes the packages of this test, and packages of the same names that other tests have imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] in {"hostile", "shared"}]:
        del sys.modules[name]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text() | NASTY)
def test_a_docstring_is_one_constant(text: str) -> None:
    """The whole description is in the docstring, but for characters that can't be seen."""
    written = docstring(text)
    if not prose(text):
        assert written == ""
        return
    [statement] = ast.parse(written).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    assert str(statement.value.value).strip() == prose(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NASTY, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(JSON)
def test_a_literal_is_the_value(value: Any) -> None:
    """What is written as a literal is read as the same value."""
    assert ast.literal_eval(literal(value)) == value


@pytest.mark.parametrize(
    "name", ["class", "def", "None", "self", "a.b", "1", "é", "_x", "__init__", "model_dump", "a\nb"]
)
def test_field_names_become_identifiers(name: str) -> None:
    """A name that Python can't have, or that means something there, gets an alias."""
    source = {"flowgen": 1, "name": "hostile", "types": {"Thing": {"fields": {name: "string"}}}, "steps": []}
    source["steps"] = [{"id": "pause", "wait": "1s"}]
    [models] = [artifact.text for artifact in in_memory(source, "w.yaml") if artifact.path.name == "models.py"]
    [field] = [node.target for node in ast.walk(ast.parse(models)) if isinstance(node, ast.AnnAssign)]
    assert isinstance(field, ast.Name)
    assert field.id.isidentifier()
    assert not keyword.iskeyword(field.id)
