"""Parts of pages that are made from the code: between `<!-- generated: NAME -->` and `<!-- end -->`."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from flowgen.asl.integrations import OPTIMIZED
from flowgen.asl.reserved_errors import RESERVED_ERRORS
from flowgen.aws.error_names import OPTIMIZED_PREFIXES
from flowgen.aws.errors import LAMBDA_ERRORS
from flowgen.aws.iam import find_action, service_prefix
from flowgen.aws.iam_caller_access import CALLER_ACCESS
from flowgen.aws.iam_calls import BEYOND, BEYOND_ACTIONS, CALLS, JOBS, Job
from flowgen.aws.iam_sources import ACCESS_SOURCES, SOURCES
from flowgen.backends.terraform.resource_table import TABLE
from flowgen.cli.entry import COMMANDS, module_name
from flowgen.diagnostics import CODES
from flowgen.environments import Environment
from flowgen.model.stack_settings import StackSettings
from flowgen.project import Packaging, Project
from tests.unit.docs.side_effects import side_effects

_SECTION = re.compile(r"(?P<start><!-- generated: (?P<name>[\w ]+) -->\n).*?(?P<end>\n<!-- end -->)", re.DOTALL)
_TYPES = {
    "str": "string",
    "str | None": "string",
    "bool": "boolean",
    "PurePosixPath": "string",
    "tuple[str, ...]": "list of strings",
    "Packaging": "table",
    "frozenset[str]": "boolean, or list of strings",
}


def sections(page: Path) -> list[str]:
    """The names of a page's generated parts."""
    return [found["name"] for found in _SECTION.finditer(page.read_text("utf-8"))]


def current(page: Path) -> str:
    """A page's text, with its generated parts as the code makes them now."""

    def made(found: re.Match[str]) -> str:
        return f"{found['start']}\n{SECTIONS[found['name']]()}\n{found['end']}"

    return _SECTION.sub(made, page.read_text("utf-8"))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def _command_line() -> str:
    """A section for each command: its help text and its options. A group of commands has one for each of them."""
    modules = {name: importlib.import_module(module_name(name)) for name in COMMANDS}
    return "\n\n".join(
        _command(path, command)
        for name, module in modules.items()
        for path, command in _commands(f"flowgen {name}", module.command)
    )


def _commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(f"{path} {name}", inner)
    else:
        yield path, command


_TARGET = ("environment", "stack", "region", "profile")
"""The options that select a stack. Their meanings are shown once, with `flowgen deploy`."""


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    names = {one.name for one in command.params}
    shown_elsewhere = name != "flowgen deploy" and names.issuperset(_TARGET)
    target = [one for one in command.params if shown_elsewhere and one.name in _TARGET]
    records = filter(
        None,
        (one.get_help_record(context) for one in command.params if isinstance(one, click.Option) and one not in target),
    )
    rows = [[f"`{names}`", " ".join(meaning.split())] for names, meaning in records]
    if target:
        rows.append(["`--env`, `--stack`, `--region`, `--profile`", "The stack, as for `flowgen deploy`."])
    table = f"\n\n{_table(['option', 'meaning'], rows)}" if rows else ""
    help_ = inspect.cleandoc(command.help or "").replace("\b\n", "")
    return f"### {name}\n\n```text\n{usage}\n```\n\n{help_}{table}"


def _settings(of: type[Any], renamed: Mapping[str, str]) -> str:
    """Key, meaning, type and default of each field of a dataclass that has a string below it."""
    [tree] = ast.parse(inspect.getsource(of)).body
    assert isinstance(tree, ast.ClassDef)
    fields = {one.name: one for one in dataclasses.fields(of)}
    rows = []
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        if not (isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr)):
            continue
        name = ast.unparse(field.target)
        kind = ast.unparse(field.annotation)
        meaning = " ".join(ast.literal_eval(below.value).split())
        about, _, default = meaning.partition(" Default: ")
        default, _, rest = default.partition(". ")
        rows.append(
            [
                f"`{renamed.get(name, name)}`",
                f"{about} {rest}".strip(),
                _TYPES.get(kind, "table"),
                default.rstrip(".") or _default(fields[name].default),
            ]
        )
    return _table(["key", "meaning", "type", "default"], rows)


def _stack_settings() -> str:
    """The keys of `[tool.flowgen.stack]`, in the words of the model."""
    return _table(["key", "meaning"], ([f"`{key.name}`", key.about] for key in StackSettings.fields().values()))


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return (
        f"`{value}`" if value and not dataclasses.is_dataclass(value) and value is not dataclasses.MISSING else "none"
    )


def _codes() -> str:
    header = ["code", "meaning", "severity", "can be ignored"]
    return _table(
        header,
        (
            [f"`{row.code}`", f"**{row.name}:** {row.summary}", row.severity.value, "no" if row.stops else "yes"]
            for row in CODES.values()
        ),
    )


def _reserved_errors() -> str:
    rows = (
        [f"`{name}`", error.meaning, "yes" if error.by_all else "no", "yes" if error.by_task_failed else "no"]
        for name, error in RESERVED_ERRORS.items()
    )
    return _table(["error", "meaning", "caught by `any`", "caught by `States.TaskFailed`"], rows)


def _lambda_errors() -> str:
    return ", ".join(f"`{name}`" for name in sorted(LAMBDA_ERRORS))


def _error_prefixes() -> str:
    rows = ([f"`{service}`", f"`{prefix}.`"] for service, prefix in OPTIMIZED_PREFIXES.items())
    return _table(["service", "prefix of its errors"], rows)


def _side_effects() -> str:
    rows = ([effect, ", ".join(f"`{name}`" for name in names) or "none"] for effect, names in side_effects().items())
    return _table(["effect", "modules"], rows)


def _permissions() -> str:
    """A row for each optimized integration: IAM actions, those of `.sync`, and the AWS page."""
    rows = []
    for service, apis in OPTIMIZED.items():
        prefix = service_prefix(service) or service
        for api in apis:
            key = f"{prefix}:{api.lower()}"
            job = JOBS[key] if key in JOBS else Job(())
            waiting = [*_short(job.actions, prefix), *(["the managed rule"] if job.rule else [])]
            own = CALLS.get(key, _DERIVED.get(key, (f"{prefix}:{api[:1].upper()}{api[1:]}",)))
            cells = (", ".join(_short(own, prefix)) or "none", ", ".join(waiting) or "none")
            rows.append((f"`{service}:{api}`", *cells, f"[AWS]({SOURCES[service]})"))
    return _table(("integration", "IAM actions", "with `.sync` also", "source"), rows)


_DERIVED = {
    "apigateway:invoke": ("execute-api:Invoke",),
    "http:invoke": (
        "states:InvokeHTTPEndpoint",
        "events:RetrieveConnectionCredentials",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
    ),
}
"""Integrations whose permissions depend on more than their name."""


def _short(actions: Iterable[str], prefix: str) -> list[str]:
    return [f"`{action.removeprefix(f'{prefix}:')}`" for action in actions]


def _caller_access() -> str:
    """A row for each call whose service acts with the caller's permissions, and the AWS page."""
    rows = []
    for call, accesses in CALLER_ACCESS.items():
        service, _, api = call.partition(":")
        by_argument: dict[str, list[str]] = {}
        for access in accesses:
            actions, source, *_ = access.split()
            argument = source.split("=")[1].partition("|")[0].partition("@")[0].rstrip("*/")
            by_argument.setdefault(argument, []).extend(f"`{action}`" for action in actions.split(","))
        what = "; ".join(f"{', '.join(dict.fromkeys(found))} for `{name}`" for name, found in by_argument.items())
        action = None if api == "*" else find_action(service, api)
        rows.append((f"`{call if action is None else action.name}`", what, f"[AWS]({ACCESS_SOURCES[service]})"))
    return _table(("calls", "what the service does for its caller", "source"), rows)


def _more_permissions() -> str:
    """A row for each call that needs more than its arguments show."""
    rows = []
    for call, reason in BEYOND.items():
        action = find_action(*call.split(":"))
        least = ", ".join(f"`{name}`" for name in BEYOND_ACTIONS[call]) or "depends on the template"
        rows.append((f"`{call if action is None else action.name}`", least, reason))
    return _table(("call", "what your `policies` must contain", "why"), rows)


def _terraform_types() -> str:
    """The types of resources that a Terraform configuration can have."""
    rows = ([f"`{name}`", f"`{replacement.type}`"] for name, replacement in sorted(TABLE.items()))
    return _table(["CloudFormation", "Terraform"], rows)


SECTIONS: Mapping[str, Callable[[], str]] = {
    "command line": _command_line,
    "settings": lambda: _settings(Project, {"environments": "env"}),
    "settings of packaging": lambda: _settings(Packaging, {}),
    "settings of environments": lambda: _settings(Environment, {}),
    "settings of stacks": _stack_settings,
    "codes": _codes,
    "reserved errors": _reserved_errors,
    "Lambda errors": _lambda_errors,
    "prefixes of errors": _error_prefixes,
    "side effects": _side_effects,
    "permissions of integrations": _permissions,
    "access for the caller": _caller_access,
    "more permissions": _more_permissions,
    "terraform types": _terraform_types,
}
