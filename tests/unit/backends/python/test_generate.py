"""Which files are generated where, and when the model generator is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

import flowgen
from flowgen.backends import python, writing
from flowgen.backends.artifacts import entry_point_module, header_of
from flowgen.backends.python import models
from flowgen.backends.python.models import GeneratorError
from flowgen.model import Workflow
from flowgen.pipeline import check_paths, plan_python
from tests.unit.backends.python.conftest import (
    PACKAGE,
    SOURCE,
    Project,
    generated,
    runtime_of,
    shared_package,
    workflow_of,
)

TWO = """flowgen: 1
name: place_order
description: Orders.
types: {Order: {fields: {id: string}}}
functions:
  charge: {input: Order, output: Order}
  mail: {input: Order, output: Order, python: "shop.mail:send"}
  audit: {input: Order, output: Order, arn: "arn:aws:lambda:eu-west-1:111111111111:function:audit"}
"""


def test_where_files_go() -> None:
    """Generated code lies apart; stubs and packages are the user's; deployed functions get nothing."""
    artifacts, problems = generated(workflow_of(TWO))
    assert problems == []
    places = {artifact.path.relative_to("src/shop").as_posix(): artifact.generated for artifact in artifacts}
    assert places == {
        "__init__.py": False,
        "place_order/__init__.py": False,
        "place_order/charge.py": False,
        "place_order/generated/__init__.py": True,
        "place_order/generated/contracts.py": True,
        "place_order/generated/entry_points/__init__.py": True,
        "place_order/generated/entry_points/charge.py": True,
        "place_order/generated/entry_points/mail.py": True,
        "place_order/generated/models.py": True,
    }


FUNCTION = {"base", "direct", "json_values", "runtime"}


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("", set()),
        ("types: {Name: string}", set()),
        ("types: {Order: {fields: {id: string}}}", {"base"}),
        ("functions: {f: {input: any, output: any}}", FUNCTION),
        ("functions: {f: {input: email, output: any, arn: 'arn:aws:lambda:eu-west-1:111111111111:function:f'}}", set()),
        ("functions: {f: {activity: true, input: any, output: any}}", {*FUNCTION, "task_tokens"}),
        (
            "steps: [{id: ask, aws: 'sqs:sendMessage', with: {QueueUrl: u, MessageBody: b}, callback: any}]",
            {*FUNCTION, "task_tokens"},
        ),
    ],
)
def test_the_runtime_has_only_the_modules_that_are_imported(text: str, needed: set[str]) -> None:
    """A project without functions has no entry points, contracts or step contexts."""
    artifacts, problems = generated(workflow_of(f"flowgen: 1\nname: w\n{text}"))
    assert problems == []
    runtime = [artifact.path for artifact in runtime_of(artifacts, PACKAGE)]
    assert {path.stem for path in runtime if path.parent.name == "generated"} - {"__init__"} == needed
    assert bool(runtime) is bool(needed)


def test_a_description_imports_nothing() -> None:
    """An import statement in a description adds no module to the runtime."""
    described = "description: |\n  x\n  from shop.shared.generated.task_tokens import Callback"
    types = "types: {Order: {fields: {a: string}}}"
    artifacts, _ = generated(workflow_of(f"flowgen: 1\nname: w\n{described}\n{types}"))
    assert "task_tokens.py" not in {artifact.path.name for artifact in runtime_of(artifacts, PACKAGE)}


def test_names_of_places() -> None:
    """The folder of a package, and the module that Lambda calls."""
    assert python.package_folder("shop.place_order", SOURCE) == PurePosixPath("src/shop/place_order")
    assert entry_point_module("shop.place_order", "charge") == "shop.place_order.generated.entry_points.charge"


def test_generated_files_say_what_made_them() -> None:
    """Each has a header with its source, and holds it in order."""
    for artifact in generated(workflow_of(TWO))[0]:
        header = header_of(artifact.text)
        assert (header is not None) is artifact.generated
        if header is not None:
            assert (header.source, header.intact) == ("workflows/place_order.yaml", True)


def test_output_does_not_depend_on_the_hash_seed() -> None:
    """The same workflow gives the same bytes, whatever order sets have."""
    program = (
        "from tests.unit.backends.python.conftest import generated, workflow_of\n"
        "from tests.unit.backends.python.test_golden import GOLDEN\n"
        "text = (GOLDEN / 'place_order' / 'workflow.yaml').read_text()\n"
        "print([artifact for artifact in generated(workflow_of(text))[0]])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def regenerated(project: Project, text: str) -> Any:
    workflow = workflow_of(text)
    return python.generate(
        workflow,
        "shop.place_order",
        source=SOURCE,
        source_file="workflows/place_order.yaml",
        read_existing=writing.reader(project.root),
        shared=shared_package("shop.place_order"),
    )[0]


@pytest.fixture
def generator_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each time that models are written again."""
    calls: list[str] = []
    source = models.source

    def counted(*arguments: Any) -> str:
        calls.append("call")
        return source(*arguments)

    monkeypatch.setattr(models, "source", counted)
    return calls


def test_unchanged_types_take_no_generator(project: Project, generator_calls: list[str]) -> None:
    """Models on disk that were made of the same types are taken as they are."""
    project.add(TWO)
    generator_calls.clear()
    assert writing.plan(regenerated(project, TWO), project.root).changes == ()
    regenerated(project, TWO.replace("description: Orders.", "description: More of them."))
    assert generator_calls == []
    regenerated(project, TWO.replace("id: string", "id: integer"))
    assert generator_calls == ["call"]


def test_spoilt_models_are_written_again(project: Project, generator_calls: list[str]) -> None:
    """A digest in a header says nothing of a body that was edited."""
    project.add(TWO)
    place = project.root / "src/shop/place_order/generated/models.py"
    before = place.read_text(encoding="utf-8")
    place.write_text(before.replace("id: str", "id: int"), encoding="utf-8")
    generator_calls.clear()
    [change] = writing.plan(regenerated(project, TWO), project.root).changes
    assert change.text == before
    assert change.edited
    assert generator_calls == ["call"]


def test_the_generator_is_loaded_late() -> None:
    """Importing the backend costs no load of the model generator."""
    program = "import sys, flowgen.backends.python\nprint('datamodel_code_generator' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_pattern_that_nothing_reads_is_reported() -> None:
    """A pattern that neither engine takes would break the models when they are loaded."""
    text = (
        "flowgen: 1\nname: w\ntypes:\n  Code: {type: string, pattern: '(['}\n  Fine: {type: string, pattern: '(?!a)'}"
    )
    _, [problem] = generated(workflow_of(text))
    assert (problem.code, problem.message) == (
        "FG109",
        "the pattern `([` is not a regular expression that Python can read",
    )
    assert problem.span is not None
    assert (problem.span.start.line, problem.span.start.column) == (4, 3)


def test_what_the_generator_rejects_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema that the model generator can't read is a finding, and its reason is in it."""

    def refuse(*_: Any) -> str:
        raise GeneratorError("no such thing")

    monkeypatch.setattr(models, "source", refuse)
    _, [problem] = generated(workflow_of(TWO))
    assert (problem.code, problem.message) == ("FG109", "these types can't be written in Python: no such thing")


def source_of(workflow: Workflow, name: str = "models.py") -> str:
    [text] = [artifact.text for artifact in generated(workflow)[0] if artifact.path.name == name]
    return text


def test_inner_types_are_named_after_their_owners() -> None:
    """The name of an inner type does not depend on what other types hold."""
    one = "flowgen: 1\nname: w\ntypes:\n  B: {fields: {at: {fields: {x: string}}}}"
    two = one.replace("types:", "types:\n  A: {fields: {at: {fields: {y: integer}}}}")
    assert "class BAt(ContractModel):\n    x: str\n" in source_of(workflow_of(one))
    assert "class BAt(ContractModel):\n    x: str\n" in source_of(workflow_of(two))


def test_names_of_inner_types_make_way() -> None:
    """A name that the user chose is never given to something else."""
    text = "flowgen: 1\nname: w\ntypes:\n  B: {fields: {at: {fields: {x: string}}}}\n  BAt: {fields: {y: string}}"
    made = source_of(workflow_of(text))
    assert "class BAt2(ContractModel):\n    x: str\n" in made
    assert "class BAt(ContractModel):\n    y: str\n" in made


def test_equal_types_stay_apart() -> None:
    """Two types of the same shape are two classes: they may part tomorrow."""
    made = source_of(workflow_of("flowgen: 1\nname: w\ntypes:\n  A: {fields: {x: string}}\n  B: {fields: {x: string}}"))
    assert "class A(ContractModel):\n    x: str\n" in made
    assert "class B(ContractModel):\n    x: str\n" in made


def test_the_source_folder_may_be_the_root(tmp_path: Path) -> None:
    """A project without a source folder has its packages at its root."""
    artifacts, _ = python.generate(
        workflow_of(TWO), "orders", source=PurePosixPath(), source_file="w.yaml", read_existing=writing.reader(tmp_path)
    )
    stubs = [artifact.path.as_posix() for artifact in artifacts if not artifact.generated]
    assert stubs == ["orders/__init__.py", "orders/charge.py"]


def test_records_that_are_made_of_each_other_twice() -> None:
    """Each type is looked at once, though there are 2 to the power of 40 ways to the first one."""
    types: dict[str, Any] = {"T0": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}}
    for number in range(1, 41):
        base = {"$ref": f"#/$defs/T{number - 1}"}
        types[f"T{number}"] = {"allOf": [base, base, {"properties": {f"c{number}": {"type": "integer"}}}]}
    types["Whole"] = {"allOf": [{"$ref": "#/$defs/T40"}, {"required": ["a"]}]}
    artifacts, problems = generated(workflow_of(f"flowgen: 1\nname: w\ntypes: {json.dumps(types)}"))
    assert problems == []
    [models] = [artifact.text for artifact in artifacts if artifact.path.name == "models.py"]
    assert "class T40(T39):\n    c40: int | None = None\n" in models
    whole = models[models.index("class Whole(SparseModel):") :]
    assert whole.count("    a: str\n") == whole.count("    b: str | None = None\n") == 1
    assert all(whole.count(f"    c{number}: int | None = None\n") == 1 for number in range(1, 41))


def test_a_field_that_another_part_requires_is_reported_once() -> None:
    """Wherever the requirement is; and what all parts leave open stays open."""
    text = """flowgen: 1
name: w
types:
  Open: {type: object, properties: {a: {type: string}}}
  Both: {allOf: [{$ref: "#/$defs/Open"}, {type: object, properties: {a: {type: string}}, required: [a]}]}
  Twice: {allOf: [{$ref: "#/$defs/Both"}, {$ref: "#/$defs/Open"}]}
"""
    artifacts, problems = generated(workflow_of(text))
    assert problems == []
    [models] = [artifact.text for artifact in artifacts if artifact.path.name == "models.py"]
    both = 'class Both(ContractModel):\n    model_config = ConfigDict(\n        extra="allow",\n    )\n    a: str\n'
    assert both in models
    assert models.endswith("class Twice(Both):\n    a: str\n")


@pytest.mark.parametrize(
    "types",
    [
        {"U": {"anyOf": [{"type": "array", "items": {"const": f"x{number}"}} for number in range(3000)]}},
        {
            "T0": {"type": "object", "properties": {}},
            **{
                f"T{number}": {"allOf": [{"$ref": f"#/$defs/T{number - 1}"}, {"properties": {"a": True}}]}
                for number in range(1, 400)
            },
        },
    ],
    ids=["a union", "a chain"],
)
def test_what_is_too_long_for_python_is_reported(types: dict[str, Any]) -> None:
    """Python's own parser gives up there, too."""
    _, problems = generated(workflow_of(f"flowgen: 1\nname: w\ntypes: {json.dumps(types)}"))
    assert [problem.code for problem in problems] == ["FG109"]
    assert problems[0].message.endswith("a union has too many members, or types are nested too deeply")


def test_bases_have_one_order(project: Project) -> None:
    """Python needs it: whichever comes first in the file, two bases are nowhere the other way round."""
    project.add("""flowgen: 1
name: place_order
types:
  Animal: {type: object, properties: {name: {type: string}}, required: [name]}
  Thing: {type: object, properties: {price: {type: number}}, required: [price]}
  Creature: {allOf: [{$ref: "#/$defs/Animal"}]}
  Pet: {allOf: [{$ref: "#/$defs/Animal"}, {$ref: "#/$defs/Thing"}]}
  Ware: {allOf: [{$ref: "#/$defs/Thing"}, {$ref: "#/$defs/Creature"}]}
  Sold: {allOf: [{$ref: "#/$defs/Ware"}, {$ref: "#/$defs/Pet"}]}
""")
    models = project.module("models")
    sold = models.Sold(name="Rex", price=2.5)
    assert isinstance(sold, models.Pet)
    assert isinstance(sold, models.Ware)
    assert models.Ware.model_fields.keys() == {"name", "price"}


def test_an_entry_point_loads_few_modules() -> None:
    """The runtime without task tokens, and the modules of the function: each takes time at a cold start."""
    name = "take_payment.generated.entry_points.charge_card"
    program = (
        f"import sys, {name}\nprint(*(m for m in sys.modules if m.partition('.')[0] in ('shared', 'take_payment')))"
    )
    source = Path(__file__).parents[4] / "examples" / "take_payment" / "src"
    done = subprocess.run([sys.executable, "-B", "-c", program], cwd=source, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split()) == [
        *("shared", "shared.generated", "shared.generated.base", "shared.generated.direct"),
        *("shared.generated.json_values", "shared.generated.runtime", "take_payment", "take_payment.charge_card"),
        *("take_payment.digits", "take_payment.generated", "take_payment.generated.contracts"),
        *("take_payment.generated.entry_points", name, "take_payment.generated.models"),
    ]


BASES = """flowgen: 1
name: place_order
types:
  Named: {fields: {name: string, note?: string}}
  Priced: {fields: {cents: integer}}
  Order: {extends: [Named, Priced], fields: {lines: "Line[]"}}
  Line: {extends: Priced}
  Rush: {extends: [Named, Order], fields: {by: string = today}}
functions: {take: {input: Rush, output: Order}}
"""


def test_records_that_extend_others_inherit(project: Project) -> None:
    """Each class inherits from those of its bases, and accepts exactly the fields of all."""
    project.add(BASES)
    models: Any = project.module("models")
    assert models.Order.__bases__ == (models.Named, models.Priced)
    assert models.Line.__bases__ == (models.Priced,)
    # Python cannot order `Named` before its own subclass.
    assert models.Rush.__bases__ == (models.Order, models.Named)
    value = {"name": "n", "cents": 1, "lines": [{"cents": 2}]}
    project.code("take", "def take(event, context):\n    return event.model_dump(exclude={'by'})\n")
    assert project.call("take", value) == value
    with pytest.raises(project.module("runtime").ContractViolation, match=r"\$\.lines\[0\]\.sku"):
        project.call("take", value | {"lines": [{"cents": 2, "sku": "a"}]})


STUBS = """flowgen: 1
name: place_order
types: {Tree: {fields: {kids: "Tree[]", any?: any}}}
functions:
  nothing_declared: {}
  any_or_null: {input: "any?", output: "any | null"}
  inside: {input: "any[]", output: "map<any>", errors: {Failed: any}}
  record: {input: {fields: {x: any}}, output: Tree?}
  formats: {input: date-time, output: "string[1..3]"}
  described: {description: "LONG"}
  described_in_lines: {description: "One.\\n\\n  - LONG\\n\\nhttps://example.com/URL"}
  with_quotes: {description: 'Says "LONG".', input: [a, b], output: "null"}
"""


def test_stubs_pass_the_linters_of_a_new_project(project: Project) -> None:
    """Every rule of a new project's ruff holds for the files that flowgen creates for the user, and its format."""
    long = " ".join(["a long description"] * 12)
    project.add(STUBS.replace("LONG", long).replace("URL", "x" * 150))
    template = Path(flowgen.__file__).parent.parent / "cookiecutter/{{cookiecutter.project_slug}}/pyproject.toml"
    settings = template.read_text("utf-8")
    (project.root / "ruff.toml").write_text(
        settings.partition("[tool.ruff]\n")[2].partition("[tool.mypy]")[0].replace("tool.ruff.", "")
    )
    for command in (["check"], ["format", "--check"]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=project.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout


def test_models_export_what_a_value_contains(project: Project) -> None:
    """Types of imported files are in `models` if a value of the contracts can contain them, and only those."""
    (project.root / "base.yaml").write_text(
        "flowgen: 1\ntypes:\n  Order: {fields: {lines: 'Line[]'}}\n  Line: {fields: {size?: Size}}\n"
        "  Size: {fields: {cm: integer}}\n  Other: {fields: {}}\n"
    )
    (project.root / "take.yaml").write_text(
        "flowgen: 1\nname: take\nimport: base.yaml\ninput: Order\noutput: any\n"
        "functions: {keep: {input: Order, output: any}}\nsteps: [{id: kept, call: keep}]\n"
    )
    report = check_paths(("take.yaml",), project.root)
    [(_, plan)] = plan_python(report.loaded)
    texts = {change.path.as_posix(): change.text for change in plan.changes}
    assert '__all__ = ["Line", "Order", "Size"]' in str(texts["src/take/generated/models.py"])
