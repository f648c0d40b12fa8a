"""Text with a case's fields in it: Jinja's language, for data alone.

Nearly all templates are text and `{{ field }}`; these are filled in here, without
Jinja, with the same result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from pytest_llmcost.domain.errors import LlmCostError

MOST_CHARACTERS = 100_000
"""What one template may write, and how long it may be itself."""

_LONGEST_CAUSE = 200

LABELS = "labels"
"""Variable that every template has beside the case's fields."""

MODEL = " model"
"""Under it a rendering is told whose tokens it counts; with its space no template can write it."""

RESERVED = frozenset(
    "true false none True False None not and or in is if else loop self super".split(" ")  # noqa: SIM905 (words)
)
"""Words of the template language, which no field can be called."""

_FIELD = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}")
_SPECIAL = re.compile(r"\{[{%#]|\{\Z|\r")


def is_field_name(name: str) -> bool:
    """Return whether a template can have a variable *name*."""
    return name.isidentifier() and name not in RESERVED


class TemplateError(LlmCostError):
    """A template cannot be read, or not be rendered with these fields.

    Attributes:
        name: The variable that is missing, where that is what is wrong.
    """

    def __init__(self, message: str, *, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name


class Template(Protocol):
    """A template, compiled once."""

    @property
    def variables(self) -> frozenset[str]:
        """Every variable that it reads."""
        ...

    @property
    def is_plain(self) -> bool:
        """Whether any text in each of its variables renders: it only puts them in."""
        ...

    def render(self, fields: Mapping[str, Any]) -> str:
        """Return the text; a field without value (null) leaves nothing.

        Raises:
            TemplateError: If a variable is missing, or the text grows too long.
        """
        ...


@lru_cache(maxsize=1024)
def compile_template(source: str) -> Template:
    """Return *source* as a template.

    Raises:
        TemplateError: If it is no template, or uses what is not allowed.
    """
    if len(source) > MOST_CHARACTERS:
        raise TemplateError(f"the template is longer than {MOST_CHARACTERS:,} characters")
    literals = _FIELD.split(source)
    names = literals[1::2]
    if RESERVED.isdisjoint(names) and not any(_SPECIAL.search(text) for text in literals[::2]):
        return _Plain(literals[::2], names)
    return _Jinja(source)


def variables_of(source: str) -> frozenset[str]:
    """Return the names of the variables that the template *source* reads."""
    return compile_template(source).variables


class _Plain:
    is_plain = True

    def __init__(self, literals: list[str], names: list[str]) -> None:
        self.variables = frozenset(names)
        self._pairs = list(zip(names, literals[1:], strict=True))
        self._first = literals[0]

    def render(self, fields: Mapping[str, Any]) -> str:
        parts = [self._first]
        for name, literal in self._pairs:
            if name not in fields:
                raise TemplateError(f"{name!r} is undefined", name=name)
            value = fields[name]
            parts += ("" if value is None else str(value), literal)
        return _bounded(parts)


class _Jinja:
    is_plain = False

    def __init__(self, source: str) -> None:
        import jinja2

        from pytest_llmcost.suites.sandbox import Compiled, NotAllowed

        try:
            self._compiled = Compiled(source)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"template line {error.lineno}: {error.message}") from error
        except NotAllowed as error:
            raise TemplateError(f"template {error}") from error
        except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError) as error:
            # Jinja's parser recurses, and Python's compiler and numbers have limits of their own.
            raise TemplateError("the template is nested too deeply, or has too large a number") from error
        self.variables = self._compiled.variables

    def render(self, fields: Mapping[str, Any]) -> str:
        import jinja2

        from pytest_llmcost.suites.filters import CannotWrite
        from pytest_llmcost.suites.sandbox import TooMuch

        try:
            return _bounded(self._compiled.pieces(fields))
        except jinja2.UndefinedError as error:
            names = (name for name in self.variables if error.message == f"{name!r} is undefined")
            raise TemplateError(str(error.message)[:_LONGEST_CAUSE], name=next(names, None)) from error
        except (TooMuch, CannotWrite) as error:
            raise TemplateError(str(error)) from error
        except TemplateError:
            raise
        except Exception as error:
            # Whatever a filter or a comparison raises on this data is the template's fault.
            raise TemplateError(f"{type(error).__name__}: {error}"[:_LONGEST_CAUSE]) from error


def _bounded(parts: Iterable[str]) -> str:
    kept, length = [], 0
    for part in parts:
        kept.append(part)
        length += len(part)
        if length > MOST_CHARACTERS:
            raise TemplateError(f"it writes more than {MOST_CHARACTERS:,} characters")
    return "".join(kept)
