"""The modules of flowgen that touch the disk, the environment, a clock, randomness or the network."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.unit.docs.pages import ROOT

PACKAGE = ROOT / "flowgen"
READS = {"exists", "glob", "is_dir", "is_file", "iterdir", "lexists", "read_bytes", "read_text", "rglob", "stat"}
WRITES = {"copymode", "mkdir", "open", "rename", "rmdir", "touch", "unlink", "write_bytes", "write_text"}
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
RANDOM = {"Random", "SystemRandom", "urandom", "uuid1", "uuid4"}
NETWORK = {"boto3", "botocore", "http", "httpx", "requests", "socket", "urllib.request"}
EFFECTS = ("reads the disk", "writes the disk", "reads the environment", "the clock", "randomness", "the network")


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _effects(tree: ast.Module) -> set[str]:
    """The effects of a module."""
    rows = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and _name(node.value) == "os":
            rows.add("reads the environment")
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = _name(called)
        # A string's `replace` takes two arguments, a path's takes one.
        path_replaced = name == "replace" and isinstance(called, ast.Attribute) and len(node.args) == 1
        if isinstance(called, ast.Attribute) and name in READS:
            rows.add("reads the disk")
        elif name in WRITES or path_replaced:
            rows.add("writes the disk")
        elif (
            isinstance(called, ast.Attribute) and name in CLOCKS and _name(called.value) in ("datetime", "date", "time")
        ):
            rows.add("the clock")
        elif name in RANDOM:
            rows.add("randomness")
    imported = set(_imported(tree))
    if imported & NETWORK:
        rows.add("the network")
    return rows


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if not any(part.startswith("_") and not part.startswith("__") for part in parts):
            yield ".".join(part for part in parts if part != "__init__"), path


def side_effects() -> dict[str, list[str]]:
    """The modules with each effect, in the order of the alphabet."""
    found: dict[str, list[str]] = {effect: [] for effect in EFFECTS}
    for module, path in _modules():
        for effect in _effects(ast.parse(path.read_text("utf-8"))):
            found[effect].append(module)
    return {effect: sorted(modules) for effect, modules in found.items()}
