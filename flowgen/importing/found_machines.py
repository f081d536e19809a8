"""State machines found in templates, with what they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.diagnostics import Span
from flowgen.importing.source_files import MAX_BYTES
from flowgen.source.reading import Limits

JSON = Any

LIMITS = Limits(characters=MAX_BYTES, nodes=400_000, empty=True)


@dataclass(frozen=True, slots=True)
class FoundFunction:
    """A function of the same template. `properties` are as in the template, with SAM's globals; times in seconds."""

    name: str
    runtime: str | None = None
    handler: str | None = None
    memory: int | None = None
    timeout: int | None = None
    environment: Mapping[str, JSON] = field(default_factory=dict)
    policies: tuple[JSON, ...] = ()
    properties: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A state machine in a template.

    `definition` is an object, or the text of one in JSON or YAML; both contain placeholders, whose values in
    CloudFormation's notation are `substitutions`. `file` is the shown path of the definition's file. `functions` are by
    the placeholder that names them. `parameters` and `resources` are those that the substitutions refer to.
    `statements` are those of the role, `policies` SAM's templates and names of policies. `events` are what starts it.
    """

    name: str
    definition: str | Mapping[str, JSON]
    span: Span
    file: str | None = None
    express: bool = False
    substitutions: Mapping[str, JSON] = field(default_factory=dict)
    functions: Mapping[str, FoundFunction] = field(default_factory=dict)
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    resources: Mapping[str, JSON] = field(default_factory=dict)
    statements: tuple[JSON, ...] = ()
    policies: tuple[JSON, ...] = ()
    events: Mapping[str, JSON] = field(default_factory=dict)
    logging: JSON = None
    tracing: JSON = None
