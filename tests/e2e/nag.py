"""Takes templates into an AWS CDK app with `CfnInclude`, and prints what cdk-nag finds in them: `nag.py FOLDER`.

It runs in the environment that `.ci/tools/cdk.txt` describes. FOLDER has the templates, as JSON. The findings are JSON:
each a list of template, logical id and rule.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from pathlib import Path

import aws_cdk as cdk
from aws_cdk.cloudformation_include import CfnInclude
from cdk_nag import AwsSolutionsChecks, ServerlessChecks  # type: ignore[import-not-found]


def main() -> None:
    """A stack a template, all in one app."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = cdk.App(outdir=name)
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
        for number, path in enumerate(sorted(Path(sys.argv[1]).glob("*.json"))):
            CfnInclude(cdk.Stack(app, f"s{number}"), path.stem, template_file=str(path))
        # With findings it ends in an error, when all is written.
        with contextlib.suppress(RuntimeError):
            app.synth()
        report = json.loads((folder / "validation-report.json").read_text("utf-8"))
    sys.stdout.write(json.dumps([place for plugin in report["pluginReports"] for place in _places(plugin)]) + "\n")


def _places(plugin: dict[str, object]) -> list[list[str]]:
    found = []
    for violation in plugin["violations"]:  # type: ignore[attr-defined]  # as it is in the report
        for construct in violation["violatingConstructs"]:
            _, template, logical_id = construct["constructPath"].split("/")
            found.append([template, logical_id, violation["ruleName"]])
    return found


if __name__ == "__main__":
    main()
