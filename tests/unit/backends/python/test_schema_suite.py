"""The official JSON Schema test suite (`--corpus`): generated models agree with it, or flowgen rejects the schema."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.backends.python import suite

ASSERTED = "a format is checked, and not only an annotation"
MISSES = {
    "format": ASSERTED,
    "optional/format/duration": "ISO 8601: fractions, and units that RFC 3339 omits; at most 999,999,999 days",
    "optional/format/ecmascript-regex": "the format `regex` is checked by the rules of Python",
    "optional/format/email": "letters of any language; no quoted names",
    "optional/format/hostname": "letters of any language and underscores, as AWS has them",
    "optional/format/idn-email": "no quoted names",
    "optional/format/idn-hostname": "underscores; the rules of IDNA are not checked",
    "optional/format/iri": "only the characters are checked, not the parts",
    "optional/format/uri": "letters of any language; only the characters are checked, not the parts",
    "optional/format/uri-reference": "letters of any language; only the characters are checked, not the parts",
}
"""Why models differ from the suite, by group. A group that is not here has no difference."""

REJECTED = {
    "default": "a default must match its schema",
    "defs": "refers to the metaschema on the network",
    "dynamicRef": "`$dynamicRef` is not supported",
    "enum": "an enumeration has at least one member",
    "ref": "refers to the metaschema on the network",
    "refRemote": "refers to schemas on the network",
    "unevaluatedItems": "`$dynamicRef` is not supported",
    "unevaluatedProperties": "`$dynamicRef` is not supported",
    "vocabulary": "an unknown dialect",
    "optional/cross-draft": "refers to a schema on the network",
    "optional/dependencies-compatibility": "`dependencies` without an older draft in `$schema`",
    "optional/dynamicRef": "`$dynamicRef` is not supported",
    "optional/format-assertion": "an unknown dialect",
    "optional/refOfUnknownKeyword": "unknown keywords are errors",
    "optional/unknownKeyword": "unknown keywords are errors",
}
"""Why `check` rejects schemas of a group. Schemas of other groups are accepted."""

REQUIRED_SHARE = 0.98


@pytest.fixture(scope="module")
def cases(corpus_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[suite.Case]]:
    """All cases of the suite, judged."""
    with pytest.MonkeyPatch.context() as patch:
        yield _judged(corpus_dir, tmp_path_factory.mktemp("suite"), patch)


def _judged(corpus_dir: Path, root: Path, patch: pytest.MonkeyPatch) -> list[suite.Case]:
    (root / "src").mkdir()
    patch.syspath_prepend(root / "src")
    importlib.invalidate_caches()
    before = set(sys.modules)
    found: list[suite.Case] = []
    for folder in ("", "optional", "optional/format"):
        judged = suite.read_cases(corpus_dir / "json_schema" / folder)
        for case in judged:
            case.group = f"{folder}/{case.group}".lstrip("/")
        suite.run(judged, root, f"judged.{folder.replace('/', '_') or 'required'}")
        found += judged
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "judged":
            del sys.modules[name]
    return found


def test_models_agree_with_the_official_suite(cases: list[suite.Case]) -> None:
    """Every group agrees, except for those with a reason; at least 98 % of the required tests do."""
    misses = [(case, test) for case in cases for test, _ in case.misses()]
    unknown = [(case.group, case.description, test["description"]) for case, test in misses if case.group not in MISSES]
    assert unknown == []
    assert {case.group for case, _ in misses} == MISSES.keys()
    rejected = {case.group for case in cases if case.rejected}
    assert rejected == REJECTED.keys()

    required = [case for case in cases if not case.group.startswith("optional") and not case.rejected]
    tests = sum(len(case.tests) for case in required)
    missed = Counter(case.group for case, _ in misses)["format"]
    assert tests > 1_150
    assert 1 - missed / tests >= REQUIRED_SHARE


def test_rejected_schemas_are_reported(cases: list[suite.Case]) -> None:
    """A schema that flowgen does not support is an error with the reason, never accepted in part."""
    codes = {one.code for case in cases if case.rejected for one in case.diagnostics if one.severity.value == "error"}
    assert codes == {"FG109"}


def test_no_value_changes_except_numbers(cases: list[suite.Case]) -> None:
    """What is accepted comes out as it went in. A whole number may gain or lose its decimal point."""
    changed = [(case.schema, before, after) for case in cases for before, after in case.changed]
    assert [one for one in changed if one[1] != one[2] and not _is_beyond_double(one[1])] == []


def _is_beyond_double(value: object) -> bool:
    """Whether a number has more digits than a float holds."""
    return isinstance(value, int) and int(float(value)) != value
