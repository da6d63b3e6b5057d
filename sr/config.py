"""YAML is parsed once, here, into validated models; a typo is refused with file, key and nearest name."""

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sr.errors import InputError


class Strict(BaseModel):
    """Base of every model that mirrors a YAML file: immutable, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


def load_yaml(path: Path) -> Any:
    """Parse a YAML file. Raises InputError when it is missing, not YAML, or repeats a key."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file.") from None
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML ({' '.join(str(error).split())}).") from error


def load_model(path: Path, model: type[Model]) -> Model:
    """Parse a YAML file into `model`. Raises InputError naming the file and the key."""
    return validate(load_yaml(path), model, path)


def validate(value: Any, model: type[Model], origin: Path | str) -> Model:
    """Validate `value` as `model`; `origin` (a file or an option) is named in the error."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InputError(f"{origin}: {_explain(error, model)}") from error


def nearest(name: str, valid: list[str]) -> str:
    """A hint for a misspelt name: the nearest valid one and the list."""
    matches = difflib.get_close_matches(name, valid, n=1, cutoff=0.5)
    hint = f"did you mean '{matches[0]}'? " if matches else ""
    return f"{hint}Valid: {', '.join(sorted(valid))}."


def _explain(error: ValidationError, model: type[BaseModel]) -> str:
    # A misspelt key is both unknown and missing; the first says more.
    problem = min(error.errors(), key=lambda entry: entry["type"] != "extra_forbidden")
    location = [part for part in problem["loc"] if not (isinstance(part, str) and "[" in part)]
    key = ".".join(str(part) for part in location) or "(top level)"
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{key}'; {nearest(str(location[-1]), _fields(model, location[:-1]))}"
    if problem["type"] == "missing":
        return f"key '{key}' is missing."
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    given = problem.get("input")
    shown = f" (it is {given!r})" if isinstance(given, str | int | float | bool | None) else ""
    return f"key '{key}': {message}{shown}."


def _fields(model: Any, location: list[Any]) -> list[str]:
    """Names that are valid at `location` inside `model`, as far as types tell."""
    for part in location:
        if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            model = _inner_model(model.model_fields[str(part)].annotation)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _inner_model(annotation: Any) -> Any:
    """The first pydantic model inside an annotation such as `dict[str, Stage] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML 1.1 lets a repeated key win silently; here it is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key '{key}' appears twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _float_with_exponent() -> None:
    """YAML 1.1 reads `1e-4` as text; the papers write learning rates that way."""
    import re

    _UniqueKeyLoader.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
        list("-+0123456789"),
    )


_float_with_exponent()
