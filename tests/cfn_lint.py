"""cfn-lint in this process. It takes longer to load its rules than to apply them, so a test run loads them once."""

from __future__ import annotations

import functools
from typing import Any


def lint(template: str) -> list[str]:
    """The findings in a template (YAML or JSON) with cfn-lint's default settings, as `RULE message`."""
    return list(_findings(template))


@functools.cache
def _findings(template: str) -> tuple[str, ...]:
    """What `cfnlint.api.lint` returns, except that it loads all rules for each template."""
    from cfnlint.decode.decode import decode_str  # type: ignore[import-untyped]  # it ships no types

    content, problems = decode_str(template)
    return tuple(f"{match.rule.id} {match.message}" for match in problems or _runner().validate_template(content))


@functools.cache
def _runner() -> Any:
    from cfnlint.config import ConfigMixIn  # type: ignore[import-untyped]  # it ships no types
    from cfnlint.helpers import REGION_PRIMARY  # type: ignore[import-untyped]  # likewise
    from cfnlint.runner import Runner  # type: ignore[import-untyped]  # likewise

    return Runner(ConfigMixIn(regions=[REGION_PRIMARY]))
