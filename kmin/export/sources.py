"""Pieces of kmin's own source code: top-level definitions and everything they refer to, as text."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Definition(NamedTuple):
    """A top-level name of a kmin module."""

    module: str
    name: str


@dataclass(frozen=True)
class Module:
    """One kmin module, taken apart.

    Attributes:
        name: dotted.
        title: first line of its docstring.
        lines: of its source.
        places: name -> statement that defines it, in source order.
        inside: name -> definition in another kmin module that it is imported from.
        outside: name -> import statement of something that is not kmin's.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    places: dict[str, ast.stmt]
    inside: dict[str, Definition]
    outside: dict[str, str]

    def text(self, name: str) -> str:
        """The definition as it stands in the source, with decorators and the comment above it."""
        node = self.places[name]
        first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))]) - 1
        while first > 0 and self.lines[first - 1].startswith("#"):
            first -= 1
        return "\n".join(self.lines[first : node.end_lineno])


@functools.cache
def take_apart(name: str) -> Module:
    """The module's source; it must hold nothing but imports, functions, classes and assignments to plain names."""
    source = inspect.getsource(importlib.import_module(name))
    tree = ast.parse(source)
    places: dict[str, ast.stmt] = {}
    inside: dict[str, Definition] = {}
    outside: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kmin"):
            inside.update({a.asname or a.name: Definition(node.module or "", a.name) for a in node.names})
        elif isinstance(node, ast.ImportFrom):
            outside.update({a.asname or a.name: f"from {node.module} import {ast.unparse(a)}" for a in node.names})
        elif isinstance(node, ast.Import):
            outside.update({a.asname or a.name: f"import {ast.unparse(a)}" for a in node.names})
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            places[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            places[node.targets[0].id] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            places[node.target.id] = node
    title = (ast.get_docstring(tree) or name).split("\n")[0]
    return Module(name, title, tuple(source.splitlines()), places, inside, outside)


class Closure:
    """Definitions and whatever they need, minus the rows of function tables that nobody asks for."""

    def __init__(self, roots: Iterable[Definition], words: Iterable[str]) -> None:
        """`words`: text values with which the code will be called, such as the names of activations."""
        self.words = set(words)
        self.found: set[Definition] = set()
        for root in roots:
            self._add(root)
        while True:  # a row that is kept may bring words that keep further rows
            before = len(self.found)
            for table in [item for item in self.found if _rows(item)]:
                for key, row in _rows(table).items():
                    if key in self.words:
                        self._follow(table.module, row)
            if len(self.found) == before:
                return

    def imports(self) -> list[str]:
        """Import statements of what is not kmin's, sorted."""
        wanted: set[str] = set()
        for item in self.found:
            module = take_apart(item.module)
            for part in self._parts(item):
                names = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
                wanted.update(module.outside[name] for name in names if name in module.outside)
        return sorted(wanted)

    def sections(self) -> list[tuple[str, list[str]]]:
        """(module title, texts of its definitions), every module after those that it imports."""
        names = {item.name for item in self.found}
        if len(names) != len(self.found):
            raise AssertionError("two modules define the same name")
        sections = []
        for module in self._module_order():
            items = [name for name in take_apart(module).places if Definition(module, name) in self.found]
            sections.append((take_apart(module).title, [self._text(Definition(module, name)) for name in items]))
        return sections

    def _add(self, item: Definition) -> None:
        if item in self.found:
            return
        self.found.add(item)
        for part in self._parts(item):
            self._follow(item.module, part)

    def _follow(self, name: str, part: ast.AST) -> None:
        """Adds what `part`, a piece of module `name`, refers to."""
        module = take_apart(name)
        compared = {id(node) for test in ast.walk(part) if isinstance(test, ast.Compare) for node in ast.walk(test)}
        for node in ast.walk(part):
            if isinstance(node, ast.Name):
                if node.id in module.places:
                    self._add(Definition(name, node.id))
                elif node.id in module.inside:
                    self._add(module.inside[node.id])
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in compared:
                self.words.add(node.value)

    def _parts(self, item: Definition) -> list[ast.AST]:
        """The syntax trees that belong to a definition; of a table, the annotation and the rows that are kept."""
        node = take_apart(item.module).places[item.name]
        rows = _rows(item)
        if not rows:
            return [node]
        kept: list[ast.AST] = [row for key, row in rows.items() if key in self.words]
        return [*kept, node.annotation] if isinstance(node, ast.AnnAssign) else kept

    def _text(self, item: Definition) -> str:
        module = take_apart(item.module)
        rows = _rows(item)
        if not rows:
            return module.text(item.name)
        head = module.text(item.name).split("{")[0]
        kept = [f'    "{key}": {ast.unparse(row)},\n' for key, row in rows.items() if key in self.words]
        return f"{head}{{\n{''.join(kept)}}}" if kept else f"{head}{{}}"

    def _module_order(self) -> list[str]:
        order: list[str] = []

        def visit(name: str) -> None:
            if name not in order:
                for source in sorted({item.module for item in take_apart(name).inside.values()} & modules):
                    visit(source)
                order.append(name)

        modules = {item.module for item in self.found}
        for name in sorted(modules):
            visit(name)
        return order


def _rows(item: Definition) -> dict[str, ast.expr]:
    """Key -> value of a top-level table from words to functions; empty for anything else."""
    node = take_apart(item.module).places[item.name]
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if not isinstance(value, ast.Dict):
        return {}
    rows: dict[str, ast.expr] = {}
    for key, row in zip(value.keys, value.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return {}
        if not isinstance(row, (ast.Name, ast.Attribute)):
            return {}
        rows[key.value] = row
    return rows
