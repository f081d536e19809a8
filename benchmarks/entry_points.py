"""A generated entry point, AWS Lambda Powertools' `event_parser`, and pydantic alone with the same models.

`python -m benchmarks.entry_points`, from the project's folder; README.md says how to set it up. All of them run in the
environment of Powertools, so with one pydantic, and take the same order of 2 KB. Each time is of a call that reads the
order, does the same with it, and gives the receipt as JSON values. A cold start is a process
that imports and calls once.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.timing import Command, interleaved, table
from flowgen.backends import writing
from flowgen.pipeline import check_paths, plan_python

HERE = Path(__file__).parent
PYTHON = HERE / ".venv-powertools" / "bin" / "python"
WORKFLOW = HERE / "entry_points_project" / "fulfil.yaml"
ADDRESS = {
    "name": "Ada Lovelace",
    "street": "12 St James's Square",
    "city": "London",
    "zip": "SW1Y 4JH",
    "country": "GB",
}
ORDER = {
    "id": "123e4567-e89b-12d3-a456-426614174000",
    "placed_at": "2026-03-01T12:00:00.500Z",
    "customer": "ada@example.com",
    "billing": ADDRESS,
    "shipping": ADDRESS,
    "payment": {"method": "card", "token": "tok_visa", "holder": "ADA LOVELACE"},
    "lines": [
        {"sku": f"sku-{n}", "title": f"A thing for the kitchen, number {n}", "quantity": 2, "cents": 1250, "gift": True}
        for n in range(13)
    ],
    "tags": {"channel": "web", "campaign": "spring"},
    "coupon": "welcome10",
    "express": True,
}
CONTEXT = {
    "execution_id": "arn:aws:states:eu-west-1:111111111111:execution:fulfil:one",
    "execution_name": "one",
    "started_at": "2026-03-01T12:00:00.500Z",
    "workflow": "fulfil",
    "step": "charge",
    "attempt": 1,
}
RECEIPT = (
    "Receipt(order=order.id, cents=sum(line.cents * line.quantity for line in order.lines), lines=len(order.lines))"
)
CODE = f"""from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Order, Receipt


@contracts.charge
def charge(order: Order, context: StepContext) -> Receipt:
    return {RECEIPT}
"""
BARE = """from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class ContractModel(BaseModel):
    model_config = ConfigDict(extra="forbid")


SparseModel = ContractModel
EmailText = str
JsonDate = date
JsonDateTime = AwareDatetime
JsonUuid = UUID
"""
"""Equivalents of the generated models, written by hand."""

HANDLERS = {
    "plain": f"""from .models import Order, Receipt


def handler(event, context):
    order = Order.model_validate(event)
    return {RECEIPT}.model_dump(mode="json")
""",
    "powertools": f"""from aws_lambda_powertools.utilities.parser import event_parser

from .models import Order, Receipt


@event_parser(model=Order)
def handler(order: Order, context):
    return {RECEIPT}.model_dump(mode="json")
""",
    "both_ends": f"""from aws_lambda_powertools.utilities.parser import event_parser

from .models import Order, Receipt


@event_parser(model=Order)
def handler(order: Order, context):
    receipt = {RECEIPT}
    return Receipt.model_validate_json(receipt.model_dump_json()).model_dump(mode="json")
""",
}
MODULES = {
    "entry point": "fulfil.generated.entry_points.charge",
    "pydantic alone": "plain.handler",
    "event_parser": "powertools.handler",
    "event_parser, output checked too": "both_ends.handler",
}
CALLS = """import importlib, json, timeit
events = json.load(open("events.json"))
handlers = {name: importlib.import_module(module).handler for name, module in MODULES.items()}
best = dict.fromkeys(MODULES, float("inf"))
for _ in range(ROUNDS):
    for name, handler in handlers.items():
        event = events[name]
        best[name] = min(best[name], timeit.timeit(lambda: handler(event, None), number=200) / 200)
print(json.dumps(best))
"""


MOST_MORE = 0.010
"""The maximum number of seconds that a cold start may take in addition to that of pydantic alone."""


def main() -> int:
    """Prints both tables; returns 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    if not PYTHON.exists():
        sys.exit("benchmarks/README.md says how to set up the environment of Powertools")
    with tempfile.TemporaryDirectory() as name:
        folder = _project(Path(name))
        calls = f"MODULES = {MODULES!r}\nROUNDS = {arguments.rounds}\n{CALLS}"
        done = subprocess.run([PYTHON, "-c", calls], cwd=folder, capture_output=True, check=True, text=True)
        best: dict[str, float] = json.loads(done.stdout)
        print("| one call | µs | ratio to event_parser |\n| --- | ---: | ---: |")
        for label, seconds in best.items():
            print(f"| {label} | {1e6 * seconds:.1f} | {seconds / best['event_parser']:.2f} |")
        print()
        commands = {"python -c pass": Command([PYTHON, "-c", "pass"], folder)}
        for label, module in MODULES.items():
            first = f"import json, {module} as m; m.handler(json.load(open('events.json'))[{label!r}], None)"
            commands[label] = Command([PYTHON, "-c", first], folder)
        times = interleaved(commands, arguments.runs)
        print(table(times))
    starts = {label: one.median for label, one in times.items()}
    behind = any(found["entry point"] > found["event_parser"] for found in (best, starts))
    return 1 if behind or starts["entry point"] > starts["pydantic alone"] + MOST_MORE else 0


def _project(root: Path) -> Path:
    """The source folder, with the package of the workflow and the ones to compare."""
    (root / "pyproject.toml").write_text("[tool.flowgen]\n")
    (root / "workflows").mkdir()
    (root / "workflows" / WORKFLOW.name).write_text(WORKFLOW.read_text())
    for project, planned in plan_python(check_paths((), root).loaded):
        writing.write(planned, project.root)
    source = root / "src"
    (source / "fulfil" / "charge.py").write_text(CODE)
    models = (source / "fulfil" / "generated" / "models.py").read_text()
    models = re.sub(r"from shared\.generated\.\w+ import", "from .base import", models)
    for package, handler in HANDLERS.items():
        (source / package).mkdir()
        (source / package / "__init__.py").write_text("")
        (source / package / "base.py").write_text(BARE)
        (source / package / "models.py").write_text(re.sub(r", default\b", "", models))
        (source / package / "handler.py").write_text(handler)
    events: dict[str, Any] = dict.fromkeys(MODULES, ORDER)
    events["entry point"] = {"input": ORDER, "context": CONTEXT}
    (source / "events.json").write_text(json.dumps(events))
    return source


if __name__ == "__main__":
    sys.exit(main())
