"""The ARNs of the resources that a call's arguments name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowgen.aws.iam import Action, ResourceType
from flowgen.aws.iam_resources import (
    ALTERNATIVES,
    ANY,
    ARGUMENTS,
    ARN_PREFIXES,
    NAME_OR_ARN,
    NAMES_NONE_OR_ONE,
    WITHOUT_RESOURCE,
)
from flowgen.backends.cloudformation.iam.arn_templates import (
    Arn,
    Form,
    Missing,
    arn_of_either,
    checked,
    filled,
    form_in,
    name_in,
    name_of_either,
    parts,
    unknown,
    variables,
)
from flowgen.backends.cloudformation.iam.service_arns import OF_ACTIONS, SPECIAL, Special
from flowgen.backends.cloudformation.static_values import ANYTHING, Known, Resources, Tree, compose, find, type_of


def arns_of(action: Action, arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """The resources of an action that a call's arguments name; none for an action without resources.

    A more specific optional type replaces a less specific one: an index replaces its table.
    """
    if action.name in OF_ACTIONS:
        return OF_ACTIONS[action.name](arguments, resources)
    if not action.resource_types or action.name in WITHOUT_RESOURCE:
        return ()
    naming = _Naming(action, arguments, resources)
    found_by_type = {kind: naming.of_type(kind) for kind in action.resource_types}
    required = [kind for kind in found_by_type if kind.required and action.service not in ALTERNATIVES]
    optional = [kind for kind, arns in found_by_type.items() if kind not in required and isinstance(arns, tuple)]
    if required:
        optional = [
            kind for kind in optional if f"{action.service}:{kind.name}" in ARGUMENTS or _replaces(kind, required)
        ]
    elif not optional:
        if action.name in NAMES_NONE_OR_ONE and not any(found_by_type.values()):
            return ()
        return next(
            (arns for arns in found_by_type.values() if isinstance(arns, Missing)), Missing("no argument specifies it")
        )
    found: list[Arn] = []
    for kind in (*required, *optional):
        arns = found_by_type[kind]
        if any(_replaces(other, [kind]) for other in optional):
            continue
        if not isinstance(arns, tuple):
            return arns or Missing("no argument specifies it")
        found += arns
    return tuple(found)


def _replaces(kind: ResourceType, others: list[ResourceType]) -> bool:
    own = set(variables(kind.arn))
    return any(own > set(variables(other.arn)) for other in others)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value and the argument that has it; "" for what AWS generates."""

    known: Known
    argument: str


class _Naming:
    def __init__(self, action: Action, arguments: Tree, resources: Resources) -> None:
        self.action = action
        self.arguments = arguments
        self.resources = resources

    def of_type(self, kind: ResourceType) -> tuple[Arn, ...] | Missing | None:
        """The ARNs of one type; None if no argument specifies it."""
        key = f"{self.action.service}:{kind.name}"
        rows = dict(row.split("=") for row in ARGUMENTS[key].split()) if key in ARGUMENTS else {}
        names = variables(kind.arn)
        values: dict[str, list[_Value]] = {}
        for variable in names:
            found = self.values(variable, rows.get(variable), kind)
            if not isinstance(found, list):
                return found
            values[variable] = found
        if key in SPECIAL:
            return self._special(SPECIAL[key], [value.known for value in values[names[0]]])
        return tuple(self._filled(kind.arn, combination) for combination in _combinations(values))

    def _special(self, special: Special, values: list[Known]) -> tuple[Arn, ...] | Missing:
        arns: list[Arn] = []
        for value in values:
            made = special(value, self.resources)
            if isinstance(made, Missing):
                return made
            arns += made
        return tuple(arns)

    def values(self, variable: str, row: str | None, kind: ResourceType) -> list[_Value] | Missing | None:
        """The values of a variable in the arguments, one or several."""
        if row == ANY:
            return [_Value(ANYTHING, "")]
        data = row is not None and row.endswith("~")
        for name in self._names(variable, row, kind):
            found = find(self.arguments, name)
            if found is None:
                continue
            values = [checked(name, value, data=data) for value in (found if isinstance(found, list) else [found])]
            missing = next((value for value in values if isinstance(value, Missing)), None)
            return missing or [_Value(value, name) for value in values if isinstance(value, Known)] or unknown(name)
        return None

    def _names(self, variable: str, row: str | None, kind: ResourceType) -> list[str]:
        if row is not None:
            return row.rstrip("~").split(",")
        folded = kind.name.replace("-", "").replace("_", "")
        if len(variables(kind.arn)) > 1:
            return [variable]
        return [variable, *(f"{folded}{end}" for end in ("Arn", "Name", "Id", "Identifier"))]

    def _filled(self, template: str, values: Mapping[str, _Value]) -> Arn:
        """Fills a template. Its first variable may be a whole ARN, or its ARN may include the rest."""
        if not values:
            return filled(template)
        first, *others = values
        names = {variable: self._name(values[variable]) for variable in others}
        value, argument = values[first].known, values[first].argument
        before, _, after = template.partition(f"${{{first}}}")
        if value.only is not None and ARN_PREFIXES.get(type_of(value.only, self.resources) or "") == before:
            return compose({"Fn::GetAtt": [value.only["Ref"], "Arn"]}, *parts(filled(after, names)))
        kind = self._kind(argument)
        is_of_kind = kind is not None and before.endswith(f":{kind}")
        form = form_in(argument, value, self.resources)
        if ":accesspoint/" in (value.text or "") and variables(after):
            # S3 user guide, "Configuring IAM policies for using access points".
            return compose(*value.parts, *parts(filled(f"/object{after}", names)))
        if form is Form.ARN and (is_of_kind or not variables(after)):
            return compose(*value.parts, *parts(filled(after, names)))
        if form is Form.EITHER and is_of_kind:
            return arn_of_either(template, value, names)
        return filled(template, {**names, first: self._name(values[first])})

    def _name(self, value: _Value) -> Known:
        """The name in a value that the API accepts as a name, an ARN or either."""
        kind = self._kind(value.argument)
        match form_in(value.argument, value.known, self.resources):
            case Form.ARN:
                return name_in(value.known, self.resources)
            case Form.EITHER if kind is not None:
                return name_of_either(value.known, kind)
            case _:
                return value.known

    def _kind(self, argument: str) -> str | None:
        return NAME_OR_ARN.get(f"{self.action.service}:{argument.lower()}")


def _combinations(values: Mapping[str, list[_Value]]) -> Iterator[dict[str, _Value]]:
    """All combinations of the variables' values."""
    several = next((name for name, known in values.items() if len(known) > 1), None)
    if several is None:
        yield {name: known[0] for name, known in values.items()}
        return
    for value in values[several]:
        yield from _combinations({**values, several: [value]})
