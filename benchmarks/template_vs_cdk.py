"""`flowgen template` compared with the AWS CDK's `python app.py` for the same stack, each as a whole process.

`python -m benchmarks.template_vs_cdk`, from the project's folder. Exit 1 when flowgen takes more than a tenth.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.timing import Command, interleaved, run, table

HERE = Path(__file__).resolve().parent
CDK_PYTHON = HERE / ".venv-cdk" / "bin" / "python"
CDK_PROGRAM = HERE / "node_modules" / ".bin" / "cdk"
FLOWGEN = Path(sys.executable).with_name("flowgen")
GOAL = 10
COMPARED = ("AWS::StepFunctions::StateMachine", "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Logs::LogGroup")


def workflow(steps: int) -> str:
    """A workflow of `steps` steps: four of five call a function and one waits; two calls share a function."""
    functions = "".join(
        f"  function_{number}: {{description: Number {number}., input: Order, output: Order}}\n"
        for number in range(steps // 2)
    )
    body = "".join(
        f"  - id: step_{number}\n    " + ("wait: 1m\n" if number % 5 == 4 else f"call: function_{number // 2}\n")  # noqa: PLR2004 - the fifth of five
        for number in range(steps)
    )
    return (
        "flowgen: 1\nname: benchmark\ndescription: A workflow to measure.\ninput: Order\noutput: Order\n"
        "types: {Order: {fields: {id: string, total: number}}}\n"
        "defaults: {retry: {attempts: 3, backoff: 2}}\n"
        f"functions:\n{functions}steps:\n{body}"
    )


def resources(template: Mapping[str, Any]) -> Counter[str]:
    """The numbers of resources by type that both tools must create."""
    return Counter(found["Type"] for found in template["Resources"].values() if found["Type"] in COMPARED)


def measure(steps: int, runs: int, cdk_python: Path, cdk_program: Path) -> float:
    """Prints the table for a workflow of `steps` steps; returns the ratio of CDK's time to flowgen's.

    Raises ValueError when the two did not make the same kinds and numbers of resources.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "workflow.yaml"
        file.write_text(workflow(steps), encoding="utf-8")
        flowgen, cdk = f"flowgen template, {steps} steps", f"CDK's python app.py, {steps} steps"
        commands = {
            flowgen: Command([FLOWGEN, "template", file], folder),
            cdk: Command([cdk_python, HERE / "cdk_app.py", str(steps), folder / "cdk.out"], folder),
            **_synth(steps, cdk_program, cdk_python, folder),
            "python -c pass": Command([sys.executable, "-c", "pass"], folder),
        }
        times = interleaved(commands, runs)
        _, text = run(Command([FLOWGEN, "template", "--format", "json", file], folder))
        made = resources(json.loads(text))
        synthesized = (folder / "cdk.out" / "Benchmark.template.json").read_text(encoding="utf-8")
        theirs = resources(json.loads(synthesized))
        if made != theirs:
            raise ValueError(f"not the same stack: {made} and {theirs}")
        print(f"\n{sum(made.values())} resources: {dict(made)}\n\n{table(times)}")
        return times[cdk].median / times[flowgen].median


def _synth(steps: int, program: Path, python: Path, folder: Path) -> dict[str, Command]:
    """The command that users of the CDK run, if it is installed: Node.js, which starts the same app."""
    if not program.exists():
        return {}
    app = f"{python} {HERE / 'cdk_app.py'} {steps} cdk.synth"
    options = ["--app", app, "--output", "cdk.synth", "--quiet", "--no-version-reporting", "--no-notices"]
    return {f"cdk synth, {steps} steps": Command([program, "synth", *options], folder)}


def main() -> None:
    """Runs the measurements and compares them with the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--cdk-python", type=Path, default=CDK_PYTHON)
    parser.add_argument("--cdk-program", type=Path, default=CDK_PROGRAM)
    arguments = parser.parse_args()
    if not arguments.cdk_python.exists():
        parser.error(f"there is no {arguments.cdk_python}: benchmarks/README.md says how to install CDK")
    ratios = {
        steps: measure(steps, arguments.runs, arguments.cdk_python, arguments.cdk_program) for steps in arguments.steps
    }
    for steps, ratio in ratios.items():
        print(f"\n{steps} steps: CDK takes {ratio:.1f} times as long; the goal is {GOAL}.")
    sys.exit(any(ratio < GOAL for ratio in ratios.values()))


if __name__ == "__main__":
    main()
