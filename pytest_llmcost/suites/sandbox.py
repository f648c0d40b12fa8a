"""A template sees data and nothing of Python, and ends soon: Jinja, cut down to a list of what is allowed.

Imported when the first template needs it: Jinja takes 50 ms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, cast

import jinja2  # noqa: TID253 (this module is imported inside functions only)
from jinja2 import nodes  # noqa: TID253
from jinja2.meta import find_undeclared_variables  # noqa: TID253
from jinja2.runtime import Context, LoopContext, Undefined  # noqa: TID253
from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: TID253
from jinja2.visitor import NodeTransformer  # noqa: TID253

from pytest_llmcost.suites.filters import CHARACTERS_A_STEP, as_table, as_yaml, compact_json, first_tokens
from pytest_llmcost.suites.templates import MODEL, MOST_CHARACTERS

MOST_STEPS = 20_000
"""Variables read and turns of loops taken in one rendering, together: what a template does is bounded by them."""
MOST_NODES = 2_000
MOST_DEPTH = 40
MOST_LOOPS = 4
_STEPS = " steps"
"""Name of the counter in a context; with its space no template can write it."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_NODES = _words(
    "Template Output TemplateData Name Const List Tuple Getattr Getitem Slice Filter Test If For CondExpr",
    "Compare Operand And Or Not Neg Concat Keyword",
)
_FILTERS = _words(
    "capitalize compact_json d default first items join last length lower table title tojson trim truncate",
    "truncate_tokens upper yaml",
)
_TESTS = _words(
    "defined undefined none string number integer float boolean true false mapping sequence iterable in",
    "eq equalto == ne != lt lessthan < le <= gt greaterthan > ge >=",
)
_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"})
_SPECIAL_NAMES = frozenset({"self", "super"})
_NAMES = {"Call": "a call", "Mul": "*", "Pow": "**", "Add": "+", "Sub": "-", "Mod": "%", "Div": "/", "FloorDiv": "//"}


class NotAllowed(Exception):
    """A template uses something that is not on the list."""


class TooMuch(Exception):
    """A template writes too much, or goes on for too long."""


class _Steps:
    def __init__(self) -> None:
        self.left = MOST_STEPS

    def take(self, number: int = 1) -> None:
        self.left -= number
        if self.left < 0:
            raise TooMuch(f"it takes more than {MOST_STEPS:,} steps")

    def turns(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.take()
            yield item


class _DataEnvironment(ImmutableSandboxedEnvironment):
    """`a.b` and `a["b"]` reach an entry of a mapping or list; there are no attributes, methods or globals."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    # `a.b.c` without `a` tells of `a`, so an undefined value stays what it is.
    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict | list | tuple | str):
            try:
                return obj[argument]
            except (LookupError, TypeError):
                pass
        return obj if isinstance(obj, Undefined) else self.undefined(obj=obj, name=argument)


def _join(values: Iterable[Any], d: str = "") -> str:
    """Join as Jinja does, but within the bound on what a template may write."""
    parts = ["" if value is None else str(value) for value in values]
    if sum(map(len, parts)) + len(d) * len(parts) > MOST_CHARACTERS:
        raise TooMuch(f"it writes more than {MOST_CHARACTERS:,} characters")
    return d.join(parts)


@jinja2.pass_context
def _read(context: Context, value: Any) -> Any:
    cast(_Steps, context.resolve(_STEPS)).take()
    return value


@jinja2.pass_context
def _turns(context: Context, items: Iterable[Any]) -> Iterator[Any]:
    return cast(_Steps, context.resolve(_STEPS)).turns(items)


def _writing(write: Callable[..., str]) -> Callable[..., str]:
    """Return a filter that writes data; what it wrote counts as steps."""

    @jinja2.pass_context
    def written(context: Context, value: Any, *options: Any, **named: Any) -> str:
        if isinstance(value, Undefined):
            str(value)  # raises, and says what is undefined
        text = write(value, *options, **named)
        cast(_Steps, context.resolve(_STEPS)).take(1 + len(text) // CHARACTERS_A_STEP)
        return text

    return written


@jinja2.pass_context
def _first_tokens(context: Context, value: Any, most: int) -> str:
    text = "" if value is None else str(value)
    cast(_Steps, context.resolve(_STEPS)).take(1 + len(text) // CHARACTERS_A_STEP)
    model = context.resolve(MODEL)
    return first_tokens(text, most, "" if isinstance(model, Undefined) else model)


class _Bound(NodeTransformer):
    """Has each variable and each loop count its steps, and `~` join within bounds."""

    def visit_Name(self, node: nodes.Name) -> nodes.Expr:
        return _filtered(node, "read") if node.ctx == "load" else node

    def visit_For(self, node: nodes.For) -> nodes.For:
        self.generic_visit(node)
        node.iter = _filtered(node.iter, "turns")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "join")


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(cast(nodes.Expr, node), name, [], [], None, None, lineno=node.lineno)


@cache
def _environment() -> _DataEnvironment:
    env = _DataEnvironment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=lambda value: "" if value is None else value,
    )
    env.globals.clear()
    env.filters["join"] = _join
    env.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    for name, write in {"compact_json": compact_json, "yaml": as_yaml, "table": as_table}.items():
        env.filters[name] = _writing(write)
    env.filters["truncate_tokens"] = _first_tokens
    env.filters["read"] = _read
    env.filters["turns"] = _turns
    return env


class Compiled:
    """A template that passed the list."""

    def __init__(self, source: str) -> None:
        """Compile *source*.

        Raises:
            NotAllowed: If it uses something that is not on the list.
            jinja2.TemplateSyntaxError: If it is no template.
        """
        env = _environment()
        tree = env.parse(source)
        _check(tree)
        self.variables = frozenset(find_undeclared_variables(tree))
        self._template = env.from_string(_Bound().visit(tree).set_environment(env))

    def pieces(self, fields: Mapping[str, Any]) -> Iterator[str]:
        """Yield the text piece by piece, so that the caller can stop."""
        return self._template.generate({**fields, _STEPS: _Steps()})


def _check(tree: nodes.Template) -> None:
    """Walk the tree without recursion and refuse what is not on the list."""
    waiting: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    count = 0
    while waiting:
        node, depth, loops = waiting.pop()
        count += 1
        if count > MOST_NODES:
            raise NotAllowed(f"line {node.lineno}: it is too long for more than text and {{{{ field }}}}")
        loops += isinstance(node, nodes.For)
        if depth > MOST_DEPTH or loops > MOST_LOOPS:
            raise NotAllowed(f"line {node.lineno}: it is nested too deeply")
        _check_node(node)
        waiting += [(child, depth + 1, loops) for child in node.iter_child_nodes()]


def _check_node(node: nodes.Node) -> None:
    kind = type(node).__name__
    if kind not in _NODES:
        raise NotAllowed(f"line {node.lineno}: {_NAMES.get(kind, kind)} is not allowed")
    match node:
        case nodes.Filter(name=name) if name not in _FILTERS:
            raise NotAllowed(
                f"line {node.lineno}: filter {name!r} is not allowed. There are {', '.join(sorted(_FILTERS))}"
            )
        case nodes.Test(name=name) if name not in _TESTS:
            raise NotAllowed(f"line {node.lineno}: test {name!r} is not allowed")
        case nodes.Filter() | nodes.Test() if node.dyn_args or node.dyn_kwargs:
            raise NotAllowed(f"line {node.lineno}: an unpacked argument is not allowed")
        case nodes.For(recursive=True):
            raise NotAllowed(f"line {node.lineno}: a recursive loop is not allowed")
        case nodes.Name(name=name) if name in _SPECIAL_NAMES:
            raise NotAllowed(f"line {node.lineno}: {name!r} is a word of the template language")
