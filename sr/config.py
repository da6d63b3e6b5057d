"""YAML is parsed once, here, into validated models; a typo is refused with file, key and nearest name."""

import difflib
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from sr.errors import InputError
from sr.remembered import remembered


class Strict(BaseModel):
    """Base of every model that mirrors a YAML file: immutable, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=BaseModel)
_QUOTE = "'"
_MOST_REFERENCES = _DEEPEST = 50


def load_yaml(path: Path) -> Any:
    """Parse a YAML file. Raises InputError when it is missing, not UTF-8, not YAML, or repeats a key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text ({error.reason}); save it in UTF-8.") from error
    except OSError as error:
        raise InputError(f"{path}: can not be read ({error.strerror}).") from error
    try:
        _require_modest(text)
        return yaml.load(text, Loader=_UniqueKeyLoader)
    except RecursionError:
        raise InputError(f"{path}: not valid YAML (it is nested too deeply).") from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        # ValueError: a date or a number that does not exist.
        raise InputError(f"{path}: not valid YAML ({' '.join(str(error).split())}).") from error


def _require_modest(text: str) -> None:
    """Raise YAMLError for a text that nests too deeply, or refers to itself so often that it is a bomb.

    libyaml builds what is nested by calling itself, until the process crashes; its events are safe.
    """
    if text.count("*") <= _MOST_REFERENCES and _depth_at_most(text) <= _DEEPEST:
        return
    depth = references = 0
    for event in yaml.parse(text, Loader=_UniqueKeyLoader):
        references += isinstance(event, yaml.events.AliasEvent)
        depth += isinstance(event, yaml.events.CollectionStartEvent)
        depth -= isinstance(event, yaml.events.CollectionEndEvent)
        if depth > _DEEPEST or references > _MOST_REFERENCES:
            what = "nests" if depth > _DEEPEST else "refers to itself"
            raise yaml.YAMLError(f"it {what} more than {_DEEPEST} times")


def _depth_at_most(text: str) -> int:
    """An upper bound of how deeply a text nests, without parsing it: its brackets and its indentation."""
    depth = deepest = 0
    for bracket in re.findall(r"[][{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    indented = max((len(line) - len(line.lstrip(" -?:")) for line in text.splitlines()), default=0)
    return deepest + indented


@remembered
def load_model(path: Path, model: type[Model]) -> Model:
    """Parse a YAML file into `model`. Raises InputError naming the file and the key."""
    return validate(load_yaml(path), model, path)


def merge(base: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """`base` with `overlay` laid over it: mappings merge, everything else replaces.

    A null in a mapping's mapping stays, and means "absent" to the model that reads it.
    """
    merged = dict(base)
    for key, value in overlay.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


@remembered
def load_merged(path: Path, mine: Path, model: type[Model]) -> Model:
    """`path` with a user's own file laid over it. Raises InputError naming that one and the key."""
    shipped, added = load_model(path, model), load_yaml(mine)
    if not isinstance(added, dict):
        raise InputError(f"{mine}: expected a mapping.")
    del shipped  # what ships is whole by itself, so that a fault is the user's own
    return validate(merge(load_yaml(path), added), model, mine)


def validate(value: Any, model: type[Model], origin: Path | str) -> Model:
    """Validate `value` as `model`; `origin` (a file or an option) is named in the error."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InputError(f"{origin}: {_explain(error, model, value)}") from error


def nearest(name: str, valid: list[str]) -> str:
    """A hint for a misspelt name: the nearest valid one and the list."""
    matches = difflib.get_close_matches(name, valid, n=1, cutoff=0.5)
    hint = f"did you mean '{matches[0]}'? " if matches else ""
    return f"{hint}Valid: {', '.join(sorted(valid))}."


def _explain(error: ValidationError, model: type[BaseModel], value: Any) -> str:
    problem = _most_telling(error)
    location = _keys_of(problem, value)
    key = ".".join(str(part) for part in location) or "(top level)"
    context = problem.get("ctx", {})
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{key}'; {nearest(str(location[-1]), _fields(model, problem['loc'][:-1]))}"
    if problem["type"] == "missing":
        return f"key '{key}' is missing."
    if problem["type"] == "union_tag_not_found":
        return f"key '{key}.{context['discriminator'].strip(_QUOTE)}' is missing."
    if problem["type"] == "union_tag_invalid":
        valid = [tag.strip(_QUOTE) for tag in context["expected_tags"].split(", ")]
        told = f"{key}.{context['discriminator'].strip(_QUOTE)}"
        return f"key '{told}': unknown value '{context['tag']}'; {nearest(context['tag'], valid)}"
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    given = problem.get("input")
    shown = f" (it is {given!r})" if isinstance(given, str | int | float | bool | None) else ""
    return f"key '{key}': {message}{shown}."


def _most_telling(error: ValidationError) -> Any:
    """A value that may be one of several models has errors of each: those of the nearest one count.

    A misspelt key is both unknown and missing; the first says more.
    """
    problems = error.errors()
    siblings = Counter(problem["loc"][:-1] for problem in problems)
    return min(problems, key=lambda p: (siblings[p["loc"][:-1]], p["type"] != "extra_forbidden"))


def _keys_of(problem: Any, value: Any) -> list[Any]:
    """Where in the file a problem is; pydantic's location also says which model of several it speaks of."""
    found = []
    for number, part in enumerate(problem["loc"], start=1):
        last = number == len(problem["loc"])
        absent = problem["type"] == "missing" and last
        # A model's name may also be one of its keys (`url`): as long as a way goes on, a key leads further.
        inside = part in _parts(value) and (last or bool(_parts(value[part])))
        if inside or absent:
            found.append(part)
        if inside:
            value = value[part]
    return found


def _parts(value: Any) -> Any:
    """The keys of a mapping, the indices of a list."""
    if isinstance(value, dict):
        return value
    return range(len(value)) if isinstance(value, list | tuple) else ()


def _fields(annotation: Any, location: Sequence[Any]) -> list[str]:
    """Names that are valid at pydantic's `location` inside an annotation, as far as types tell."""
    for part in location:
        for model in _models(annotation):
            if part in model.model_fields:
                annotation = model.model_fields[part].annotation
                break
            if part in _tags(model):
                annotation = model
                break
    return [name for model in _models(annotation)[:1] for name in model.model_fields]


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The pydantic models inside an annotation such as `dict[str, Stage] | None`, or inside a root model."""
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        return _models(annotation.model_fields["root"].annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models(argument)]


def _tags(model: type[BaseModel]) -> set[Any]:
    """How pydantic's locations call a model that is one of several: by its class, or by a literal in it."""
    literals = (get_args(field.annotation) for field in model.model_fields.values())
    return {model.__name__}.union(*literals)


class _UniqueKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.1 lets a repeated key win silently; here it is an error, as is a key that is a list.

    libyaml parses where PyYAML was built with it: ten times faster.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is a list or a mapping", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key '{key}' appears twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _float_with_exponent() -> None:
    """YAML 1.1 reads `1e-4` as text; the papers write learning rates that way."""
    _UniqueKeyLoader.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
        list("-+0123456789"),
    )


_float_with_exponent()
