"""Classes of the user's that are types: what is kept of them, where they may come from, and what is wrong with them."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends import writing
from flowgen.backends.artifacts import header_of
from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_for_generation, check_paths, plan_python
from flowgen.project import Project
from flowgen.user_types import kept_at
from flowgen.user_types.describe import Described, Places, Refused, describe

MODELS = '''
from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr, computed_field
from typing_extensions import TypedDict

print("what a module prints is no answer")


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Point:
    x: int
    y: int = 0


class Options(TypedDict, total=False):
    loud: bool


class Pair(NamedTuple):
    left: int
    right: str


class Card(BaseModel):
    method: Literal["card"]
    number: str


class Cash(BaseModel):
    method: Literal["cash"] = "cash"


class Address(BaseModel):
    street: str = Field(description="Where.", json_schema_extra={"example": "Main Street", "if": 5})
    above: Address | None = None


class User(BaseModel):
    """Who buys."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    class_: str = Field("none", alias="class")
    size: Size = Size.SMALL
    price: Decimal = Decimal("1.5")
    home: Address
    pays: Annotated[Card | Cash, Field(discriminator="method")] = Cash()
    tags: list[str] = Field(default_factory=list)


Users = list[User]


class Computed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    n: int

    @computed_field
    def double(self) -> int:
        return 2 * self.n


class Renamed(BaseModel):
    n: int = Field(serialization_alias="m")


class Login(BaseModel):
    user: str
    secrets: list[SecretStr | None] = []


class Endless(BaseModel):
    limit: float = float("inf")


class Strange:
    pass


class Holder(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    strange: Strange


def function(n: int) -> int:
    return n


number = 5
'''
WORKFLOW = """flowgen: 1
name: greet
input: User
output: Parcel
types:
  User: {{python: "shop.models:{name}", description: Who is greeted.}}
  Parcel: {{fields: {{user: User, all: "User[]"}}}}
functions:
  hello: {{input: User, output: Parcel}}
steps:
  - id: hello
    if: $input.home.street != "x"
    call: hello
    skipped: {{user: "${{ $input }}", all: []}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src/shop").mkdir(parents=True)
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.flowgen]\npackage = "shop"\n')
    (tmp_path / "src/shop/__init__.py").write_text("")
    (tmp_path / "src/shop/models.py").write_text(MODELS)
    (tmp_path / "workflows/greet.yaml").write_text(WORKFLOW.format(name="User"))
    return tmp_path


@pytest.fixture
def described(root: Path) -> Callable[..., Any]:
    def one(target: str, *packages: str, seconds: float = 30) -> Described | Refused:
        return describe([target], Places(root / "src", packages), seconds)[target]

    return one


def loaded(root: Path) -> tuple[writing.Plan, list[Diagnostic]]:
    """What generating would do, and what is reported before."""
    report, classes = check_for_generation((), root)
    [(_, plan)] = plan_python(report.loaded, classes) or [(Project(root), writing.Plan((), ()))]
    return plan, [*report.diagnostics, *plan.diagnostics]


def generate(root: Path) -> list[str]:
    plan, told = loaded(root)
    assert told == []
    writing.write(plan, root)
    return [f"{change.action} {change.path}" for change in plan.changes]


def findings(root: Path) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in loaded(root)[1]]


@pytest.mark.parametrize("name", ["Size", "Point", "Options", "Pair", "Card", "Address", "User", "Users"])
def test_what_may_be_a_type(described: Callable[..., Any], modules: Callable[[str], Any], name: str) -> None:
    """Models, dataclasses, typed dictionaries, tuples, enums, and types made of these."""
    from pydantic import TypeAdapter

    found = described(f"shop.models:{name}")
    assert isinstance(found, Described)
    expected = TypeAdapter(getattr(modules("models"), name)).json_schema()
    assert found.schema.get("required") == expected.get("required")
    assert sorted(found.schema.get("properties", {})) == sorted(expected.get("properties", {}))


@pytest.mark.parametrize(
    ("target", "code", "message"),
    [
        ("shop.modells:User", "FG123", "there is no module `shop.modells` in `src`"),
        ("os:PathLike", "FG123", "there is no module `os` in `src`"),
        ("shop.models:Usr", "FG123", "`shop.models` has no class `Usr`"),
        ("shop.models:function", "FG124", "`function` in `shop.models` is a value, not a class: function"),
        ("shop.models:number", "FG124", "`number` in `shop.models` is a value, not a class: int"),
        (
            "shop.models:Computed",
            "FG124",
            "`shop.models:Computed` writes values that it does not accept: double differs",
        ),
        (
            "shop.models:Login",
            "FG124",
            "`shop.models:Login` writes values that it does not accept: `secrets` is a secret, written as asterisks",
        ),
        (
            "shop.models:Endless",
            "FG124",
            "`shop.models:Endless` has no JSON Schema: inf in `limit` is not a JSON number",
        ),
        ("shop.models:Renamed", "FG124", "`shop.models:Renamed` writes values that it does not accept: n differs"),
    ],
)
def test_what_may_not(described: Callable[..., Any], target: str, code: str, message: str) -> None:
    found = described(target)
    assert (found.code, found.message) == (code, message)


@pytest.mark.parametrize("name", ["Holder", "Strange"])
def test_what_has_no_schema(described: Callable[..., Any], name: str) -> None:
    """The reason is pydantic's, in one line."""
    found = described(f"shop.models:{name}")
    assert found.code == "FG124"
    assert found.message.startswith(f"`shop.models:{name}` has no JSON Schema: ")
    assert "\n" not in found.message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1 / 0", "`shop.bad` can't be imported: ZeroDivisionError: division by zero (shop/bad.py, line 1)"),
        ("import sys; sys.exit(3)", "`shop.bad` can't be imported: SystemExit: 3 (shop/bad.py, line 1)"),
        ("import shop.none", "`shop.bad` can't be imported: ModuleNotFoundError: No module named 'shop.none'"),
        ("import os; os._exit(0)", "the import of `shop.bad:A` did not finish"),
        ("import time; time.sleep(600)", "the import of `shop.bad:A` did not finish"),
        ("def broken(:", "`shop.bad` can't be imported: SyntaxError: invalid syntax (bad.py, line 1)"),
    ],
)
def test_modules_that_fail(root: Path, described: Callable[..., Any], code: str, message: str) -> None:
    """Whatever a module does when it is imported, it is reported."""
    (root / "src/shop/bad.py").write_text(code)
    found = described("shop.bad:A", seconds=2)
    assert found.code == "FG123"
    assert found.message.startswith(message)


def test_what_hangs_keeps_only_those_behind_it(root: Path) -> None:
    """Classes before one that hangs are described."""
    (root / "src/shop/bad.py").write_text("import time; time.sleep(600)")
    (root / "src/shop/amiable.py").write_text("class A: x: int\nB = list[int]")
    targets = ["shop.amiable:B", "shop.bad:A", "shop.models:User"]
    found = describe(targets, Places(root / "src"), 3)
    assert found["shop.amiable:B"] == Described({"type": "array", "items": {"type": "integer"}})
    assert found["shop.models:User"] == Refused(
        "FG123", "`shop.models:User` was not imported, because `shop.bad:A` did not finish"
    )


def test_installed_packages_must_be_named(described: Callable[..., Any]) -> None:
    """Code from outside of the project is imported if the settings list it."""
    assert isinstance(described("fractions:Fraction"), Refused)
    assert isinstance(described("fractions:Fraction", "fractions"), Described)


def test_links_out_of_the_source_folder(root: Path, described: Callable[..., Any], tmp_path_factory: Any) -> None:
    """A link does not bring code from elsewhere into the project."""
    outside = tmp_path_factory.mktemp("outside") / "evil.py"
    outside.write_text("class A: pass")
    (root / "src/evil.py").symlink_to(outside)
    assert described("evil:A").message == "there is no module `evil` in `src`"


# --- in a project ---


def test_checking_imports_nothing(root: Path) -> None:
    """Before anything is kept, a check reports it; it never runs the project's code."""
    (root / "src/shop/models.py").write_text(MODELS + "\nimport pathlib\n\npathlib.Path('ran').touch()\n")
    report = check_paths((), root)
    [finding] = report.diagnostics
    assert (finding.code, finding.message) == ("FG122", "the fields of `shop.models:User` are not known yet")
    assert finding.span is not None
    assert (finding.span.start.line, finding.span.start.column) == (6, 18)
    assert not (root / "src/ran").exists()
    generate(root)
    assert (root / "src/ran").exists()
    (root / "src/ran").unlink()
    assert check_paths((), root).diagnostics == ()
    assert not (root / "src/ran").exists()


def test_what_is_kept(root: Path) -> None:
    """The JSON Schema is next to that of the language, under a header, and goes when nothing needs it."""
    assert "create schemas/generated/shop.models.User.json" in generate(root)
    text = (root / kept_at("shop.models:User")).read_text()
    header = header_of(text)
    assert header is not None
    assert (header.source, header.intact) == ("shop.models:User", True)
    assert json.loads(text)["properties"]["name"] == {"minLength": 1, "type": "string"}
    assert generate(root) == []
    (root / "workflows/greet.yaml").write_text(
        WORKFLOW.format(name="User").replace('python: "shop.models:User"', "fields: {home: {fields: {street: string}}}")
    )
    assert "remove schemas/generated/shop.models.User.json" in generate(root)


def test_a_changed_class_is_reported(root: Path) -> None:
    """`generate --check` imports the class, finds what is kept of it stale, and what does not fit any more."""
    generate(root)
    (root / "src/shop/models.py").write_text(MODELS.replace("home: Address", "house: Address"))
    assert check_paths((), root).diagnostics == ()
    plan, told = loaded(root)
    assert [(one.code, one.message) for one in told] == [
        ("FG301", "`User` has no field `home`, so this is always undefined")
    ]
    (root / "src/shop/models.py").write_text(MODELS.replace("name: Annotated", "nickname: Annotated"))
    plan, told = loaded(root)
    assert told == []
    assert "`schemas/generated/shop.models.User.json` does not match the class `shop.models:User`" in [
        finding.message for finding in writing.check(plan)
    ]


def test_a_class_that_is_not_a_type_any_more_is_reported(root: Path) -> None:
    """What is kept of it is useless."""
    generate(root)
    text = WORKFLOW.format(name="User").replace(
        'python: "shop.models:User"', "fields: {home: {fields: {street: string}}}"
    )
    (root / "workflows/greet.yaml").write_text(text)
    message = "`schemas/generated/shop.models.User.json` was generated for a class that is no longer a type"
    assert message in [finding.message for finding in writing.check(loaded(root)[0])]


def test_an_edited_file_is_reported(root: Path) -> None:
    """What is kept is generated: an edit by hand is a finding."""
    generate(root)
    place = root / kept_at("shop.models:User")
    place.write_text(place.read_text().replace("minLength", "maxLength"))
    assert "`schemas/generated/shop.models.User.json` was edited by hand" in [
        finding.message for finding in writing.check(loaded(root)[0])
    ]
    place.write_text("[")
    [finding] = check_paths((), root).diagnostics
    assert finding.code == "FG122"


def test_what_is_wrong_is_reported_once(root: Path) -> None:
    """A module that can't be imported is reported where the first of its classes is named."""
    (root / "src/shop/models.py").write_text("1 / 0")
    more = "  Other: {python: shop.models:Other}\nfunctions:"
    (root / "workflows/greet.yaml").write_text(WORKFLOW.format(name="User").replace("functions:", more))
    report, _ = check_for_generation((), root)
    [finding] = report.diagnostics
    assert (finding.code, finding.span is not None and finding.span.start.line) == ("FG123", 6)


@pytest.mark.parametrize(
    ("declared", "code", "message"),
    [
        ('{python: "shop.models"}', "FG102", "`shop.models` is not a valid reference to a class"),
        ('{python: "shop.models:A.B"}', "FG102", "`shop.models:A.B` is not a valid reference to a class"),
        ('{python: "shop.models:class"}', "FG102", "`shop.models:class` is not a valid reference to a class"),
        ('{python: "../x:A"}', "FG102", "`../x:A` is not a valid reference to a class"),
        ('{python: "x:A;import os"}', "FG102", "`x:A;import os` is not a valid reference to a class"),
        ('{python: "x:Ä"}', "FG102", "`x:Ä` is not a valid reference to a class"),
        ("{python: [a]}", "FG102", "expected a string, found a list"),
        ('{python: "a:B", fields: {}}', "FG101", "a type with `python` has no key `fields`"),
    ],
)
def test_names_that_are_not_classes(root: Path, declared: str, code: str, message: str) -> None:
    text = WORKFLOW.format(name="User").replace('{python: "shop.models:User", description: Who is greeted.}', declared)
    (root / "workflows/greet.yaml").write_text(text)
    assert findings(root) == [(code, message)]


@pytest.fixture
def modules(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    monkeypatch.syspath_prepend(root / "src")
    before = set(sys.modules)

    def load(name: str) -> Any:
        importlib.invalidate_caches()
        return importlib.import_module(f"shop.{name}")

    yield load
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "shop":
            del sys.modules[name]


def test_the_class_is_used_everywhere(root: Path, modules: Callable[[str], Any]) -> None:
    """In models, contracts and entry points it is the user's class; a model that extends it repeats its fields."""
    text = WORKFLOW.format(name="User").replace(
        "  Parcel:",
        '  Person: {python: "shop.models:Point"}\n'
        "  More: {allOf: [{$ref: '#/$defs/Person'}, {properties: {z: {type: integer}}}]}\n"
        "  Card: {python: shop.models:Card}\n  Cash: {python: shop.models:Cash}\n"
        "  Pays: {anyOf: [{$ref: '#/$defs/Card'}, {$ref: '#/$defs/Cash'}]}\n"
        "  Odd: {fields: {more: More, pays: Pays, person: 'Person = {\"x\": 1}', "
        "home?: {$ref: '#/$defs/UserAddress'}}}\n"
        "  Parcel:",
    )
    (root / "workflows/greet.yaml").write_text(text)
    _, told = loaded(root)
    assert {finding.code for finding in told} <= {"FG209"}
    plan, _ = loaded(root)
    writing.write(plan, root)
    models, classes = modules("greet.generated.models"), modules("models")
    assert (models.User, models.Person, models.Card) == (classes.User, classes.Point, classes.Card)
    assert models.Odd(more={"x": 1, "z": 2}, pays={"method": "cash"}).person == classes.Point(1)
    contract = modules("greet.generated.entry_points.hello")._entry_point
    user = contract.input_type.validate_json('{"name": "a", "class": "b", "home": {"street": "s"}}')
    assert isinstance(user, classes.User)
    assert models.Parcel(user=user, all=[user]).user is user


def test_mypy_sees_the_class(root: Path) -> None:
    """A handler that takes something else than the class is found, at its decorator."""
    generate(root)
    handler = root / "src/shop/greet/hello.py"
    text = handler.read_text().replace("raise NotImplementedError", "return Parcel(user=event, all=[event])")
    command = [sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases", "-p", "shop.greet"]
    handler.write_text(text)
    done = subprocess.run(command, cwd=root / "src", capture_output=True, text=True, check=False)
    assert done.stdout == "Success: no issues found in 7 source files\n"
    handler.write_text(
        text.replace("event: User", "event: Parcel").replace("user=event, all=[event]", "user=event.user, all=[]")
    )
    done = subprocess.run(command, cwd=root / "src", capture_output=True, text=True, check=False)
    assert 'error: Value of type variable "_Hello" of "hello" cannot be' in done.stdout
