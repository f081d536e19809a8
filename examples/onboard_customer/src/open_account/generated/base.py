# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 71c830eedac2fcb6
"""What the models of this package are made of."""

from __future__ import annotations

import re
from functools import cache, partial
from operator import is_
from typing import Annotated, Any, cast

from pydantic import (
    VERSION,
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    TypeAdapter,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

if tuple(map(int, VERSION.split(".")[:2])) < (2, 12):
    # Older ones do not know how to leave a field out, and would write null.
    raise ImportError(f"this package needs pydantic 2.12 or newer, and found {VERSION}")


class ContractModel(BaseModel):
    """A record of the workflow's contracts: closed, unless a model says otherwise.

    It is made ready when it is first used, since each function uses few of them.
    """

    model_config = ConfigDict(
        extra="forbid", validate_by_name=True, validate_by_alias=True, protected_namespaces=(), defer_build=True
    )


class SparseModel(ContractModel):
    """A record with fields that may be absent. `None` stands for an absent one, and is left out of JSON.

    Where the contract allows null besides, the field is marked as nullable: then `None` is null if it was set.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Refuses null in JSON where only absence is allowed; in Python, None stands for absence."""
        schema = handler(source)
        model = cast("dict[str, Any]", handler.resolve_ref_schema(schema))
        fields = _fields_in(model)
        optional = [name for name, field in fields.items() if _may_be_absent(field)]
        nullable = [name for name in optional if _is_nullable(cls, name, fields[name])]
        for name in optional:
            whole = fields[name]["schema"]
            if name not in nullable:
                # Pydantic asks this of each value without a call of a function of Python.
                fields[name]["serialization_exclude_if"] = partial(is_, None)
                if whole["type"] == "default" and whole["schema"]["type"] == "nullable":
                    whole["schema"] = core_schema.json_or_python_schema(whole["schema"]["schema"], whole["schema"])
        if nullable:
            names = {name: fields[name].get("serialization_alias", name) for name in nullable}
            without = partial(_leaving_absent_out, names)
            model["serialization"] = core_schema.wrap_serializer_function_ser_schema(without, info_arg=True)
        return schema


def _leaving_absent_out(
    names: dict[str, str], model: Any, handler: SerializerFunctionWrapHandler, info: SerializationInfo
) -> Any:
    """`names` are those of the fields that may be null as well as absent, in Python and in JSON."""
    data = handler(model)
    # Business code may put a dict where a model belongs.
    if isinstance(model, BaseModel):
        for name, alias in names.items():
            if getattr(model, name) is None and name not in model.model_fields_set:
                data.pop(alias if info.by_alias else name, None)
    return data


def _fields_in(schema: Any) -> dict[str, Any]:
    """The fields in the core schema of a model."""
    while schema["type"] != "model-fields":
        schema = schema["schema"]
    return cast("dict[str, Any]", schema["fields"])


def _may_be_absent(field: Any) -> bool:
    whole = field["schema"]
    return whole["type"] == "default" and whole.get("default", field) is None


def _is_nullable(model: type[BaseModel], name: str, field: Any) -> bool:
    """Whether a field is marked. The model itself does not know before the types in it do, which its schema does."""
    marked = field.get("metadata", {}).get("pydantic_js_extra")
    return bool(model.model_fields[name].json_schema_extra if marked is None else marked)


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def default(type_: Any, value: Any) -> Any:
    """The default `value`, as the contract gives it in JSON, as a value of the field's type."""
    return _adapter(type_).validate_python(value)


class Matching:
    """Holds a text to a pattern, which says `what` it is to be.

    Pydantic's own regular expressions are faster, but know no lookahead, and take long to make ready for all that
    Unicode has. Texts of at most `MOST_SIMPLE` characters that match `simple` match the pattern surely.
    """

    def __init__(self, what: str, pattern: str, simple: str) -> None:
        self.what, self.pattern, self.simple = what, pattern, simple

    def __call__(self, text: str) -> str:
        if _compiled(self.pattern).fullmatch(text) is None:
            raise PydanticCustomError("format", "String should be {what}", {"what": self.what})
        return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


MOST_SIMPLE = 63
"""As long as a label of a host name may be, so that all labels in such a text are short enough."""

_ATOM = r"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_URI = r"[^\s\"<>\\^`{|}\x00-\x1f\x7f]*"

_SIMPLE_ATOM = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+"
_SIMPLE_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_SIMPLE_HOST = rf"{_SIMPLE_LABEL}(?:\.{_SIMPLE_LABEL})*"
_SIMPLE_URI = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*"

_EMAIL = Matching("an email address", rf"(?=.{{3,254}}$){_ATOM}@{_HOST}", f"^{_SIMPLE_ATOM}@{_SIMPLE_HOST}$")
_HOSTNAME = Matching("a host name", rf"(?=.{{1,253}}$){_HOST}", f"^{_SIMPLE_HOST}$")
_WHOLE_URI = Matching("a URI with its scheme", _SCHEME + _URI, f"^{_SCHEME}{_SIMPLE_URI}$")
_REFERENCE = Matching("a URI or a relative reference", _URI, f"^{_SIMPLE_URI}$")

EmailText = Annotated[str, AfterValidator(_EMAIL)]
HostnameText = Annotated[str, AfterValidator(_HOSTNAME)]
UriText = Annotated[str, AfterValidator(_WHOLE_URI)]
UriReferenceText = Annotated[str, AfterValidator(_REFERENCE)]
