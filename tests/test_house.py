"""The house rules that a machine can check: who imports whom, complete tables, sizes, names."""

from __future__ import annotations

import ast
import importlib
import re
import statistics
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import kmin
from kmin.export import TARGETS
from kmin.graph.passes import PASSES
from kmin.layers import LAYERS, PASSES_MASK
from kmin.ops import OPS

PACKAGE = Path(kmin.__file__).parent
PROJECT = Path(__file__).parents[1]

# From the top of the house to its ground. A rung may import rungs below it; rooms on one rung ignore each other.
LADDER = (
    ("__main__",),
    ("cli",),
    ("commands",),
    ("verify", "bench", "steps"),
    ("engines", "arrays", "random_inputs", "summary", "difference"),
    ("model",),
    ("plan", "export", "layers"),
    ("graph",),
    ("formats", "ops"),
    ("errors",),
)
# kmin/__init__.py is the front door: everybody may ask it for the version, the rungs above `model` for everything.
FRONT = "kmin"
ABOVE_MODEL = {room for rung in LADDER[:5] for room in rung}

# (imported package, rooms and modules that may, whether only inside functions)
ONLY_IN = (
    ("click", ("cli", "commands"), False),
    ("h5py", ("formats",), False),
    ("keras", ("engines",), True),
    ("matplotlib", ("commands",), True),
    ("rich", ("commands",), True),
    ("tabulate", ("commands",), True),
    ("tensorflow", ("engines",), True),
    ("tf_keras", ("engines",), True),
    ("zipfile", ("formats", "export.bundle_mark", "export.npz"), False),
)
OUTSIDE_OF_OPS = {"__future__", "collections.abc", "dataclasses", "math", "numpy", "numpy.typing", "re", "typing"}
NO_ROOMS = {"base", "common", "helper", "helpers", "misc", "util", "utils"}
MOST_LINES, MOST_LINES_OF_COMMAND, MEDIAN_LINES = 400, 80, 80


class Import(NamedTuple):
    """One imported module or name: `what` is dotted, `inside` says whether a function does it."""

    what: str
    inside: bool
    line: int


@cache
def modules() -> dict[str, Path]:
    """Dotted name without `kmin.` -> file; the front door is ''."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(name: str) -> tuple[Import, ...]:
    """Every import of a module, those for type checkers included."""
    found: list[Import] = []

    def walk(node: ast.AST, inside: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend(Import(alias.name, inside, child.lineno) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{name}: relative import in line {child.lineno}"
                for alias in child.names:
                    deeper = f"{child.module}.{alias.name}"
                    is_module = deeper.removeprefix("kmin.") in modules()
                    found.append(Import(deeper if is_module else child.module or "", inside, child.lineno))
            walk(child, inside or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))

    walk(ast.parse(modules()[name].read_text()), False)
    return tuple(found)


def own_imports(name: str) -> list[tuple[str, Import]]:
    """(module inside kmin, import) pairs; the front door is ''."""
    pairs = []
    for item in imports(name):
        if item.what == FRONT or item.what.startswith("kmin."):
            pairs.append((item.what.removeprefix("kmin").removeprefix("."), item))
    return pairs


def rung(name: str) -> int:
    room = name.split(".")[0]
    places = [place for place, rooms in enumerate(LADDER) if room in rooms]
    assert places, f"kmin/{room} has no place on the ladder"
    return places[0]


ALL = sorted(name for name in modules() if name)


@pytest.mark.parametrize("name", ALL)
def test_imports_go_down_the_ladder(name: str) -> None:
    room = name.split(".")[0]
    for target, item in own_imports(name):
        where = f"kmin.{name}, line {item.line}: imports kmin.{target}"
        if not target:
            text = modules()[name].read_text().splitlines()[item.line - 1].strip()
            assert room in ABOVE_MODEL or text == "from kmin import __version__", where
        elif target.split(".")[0] != room:
            assert rung(target) > rung(name), f"{where}, which is not below it"


@pytest.mark.parametrize(("package", "places", "only_inside"), ONLY_IN, ids=[row[0] for row in ONLY_IN])
def test_packages_stay_in_their_rooms(package: str, places: tuple[str, ...], only_inside: bool) -> None:
    for name in modules():
        for item in imports(name):
            if item.what.split(".")[0] != package:
                continue
            assert name.startswith(places), f"kmin.{name}, line {item.line}: imports {package}"
            assert item.inside or not only_inside, f"kmin.{name}, line {item.line}: imports {package} at its top"


@pytest.mark.parametrize("name", [name for name in ALL if name.startswith("ops.") and ".kernels" not in name])
def test_ops_know_numpy_and_each_other_only(name: str) -> None:
    for item in imports(name):
        fine = item.what in OUTSIDE_OF_OPS or item.what == "kmin.errors" or item.what.startswith("kmin.ops.")
        assert fine, f"kmin.{name}, line {item.line}: imports {item.what}"


def test_there_are_no_import_cycles() -> None:
    edges = {
        name: {target for target, item in own_imports(name) if not item.inside and target in ALL and target != name}
        for name in modules()
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"import cycle: {' -> '.join((*path[path.index(name) :], name))}"
        if name not in done:
            for target in sorted(edges[name]):
                visit(target, (*path, name))
            done.add(name)

    for name in modules():
        visit(name, ())


@pytest.mark.parametrize("name", sorted(modules()))
def test_modules_are_small_and_introduce_themselves(name: str) -> None:
    text = modules()[name].read_text()
    lines = len(text.splitlines())
    assert lines <= MOST_LINES
    if name.startswith("commands.") and not name.startswith("commands._"):
        assert lines <= MOST_LINES_OF_COMMAND
    assert ast.get_docstring(ast.parse(text)), "a module opens with one sentence saying what lives here"
    assert NO_ROOMS.isdisjoint(name.strip("_").split(".")), "a room is called after what lives in it"


def test_the_median_module_is_small() -> None:
    sizes = [len(path.read_text().splitlines()) for path in modules().values()]
    assert statistics.median(sizes) <= MEDIAN_LINES


def names_of(tree: ast.Module) -> list[str]:
    names = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names


def test_names_in_ops_are_unique_so_that_sources_can_be_joined() -> None:
    rooms = [name for name in ALL if re.fullmatch(r"ops\.(?!kernels)\w+|graph\.feeds|errors", name)]
    generated = ["INPUTS", "OUTPUTS", "OUTPUT_STRUCTURE", "ROWS", "W", "main", "predict", "run_model"]
    found = Counter(generated)
    for name in rooms:
        found.update(set(names_of(ast.parse(modules()[name].read_text()))) - {"OP"})
    assert {name: count for name, count in found.items() if count > 1} == {}


def is_sorted(names: object) -> bool:
    keys = list(names)  # type: ignore[call-overload]
    return bool(keys == sorted(keys))


def test_ops_and_their_table_agree() -> None:
    files = {name.removeprefix("ops.") for name in ALL if re.fullmatch(r"ops\.(?!kernels)\w+", name)}
    with_op = {name for name in files if "OP" in names_of(ast.parse(modules()[f"ops.{name}"].read_text()))}
    assert set(OPS) == with_op
    assert is_sorted(OPS)
    for name, op in OPS.items():
        assert op is importlib.import_module(f"kmin.ops.{name}").OP
        assert op.run.__name__ == f"run_{name}"


def test_passes_and_their_list_agree() -> None:
    files = {name.removeprefix("graph.passes.") for name in ALL if name.startswith("graph.passes.")}
    assert {rewrite.__name__ for rewrite in PASSES} == files
    for rewrite in PASSES:
        assert rewrite.__module__ == f"kmin.graph.passes.{rewrite.__name__}"


def test_layers_and_their_table_agree() -> None:
    assert is_sorted(LAYERS)
    text = "\n".join(path.read_text() for name, path in modules().items() if name.startswith("layers"))
    for name in [name for name in ALL if name.startswith("layers.")]:
        for function in names_of(ast.parse(modules()[name].read_text())):
            if function.startswith("lower_"):
                assert len(re.findall(rf"\b{function}\b", text)) > 1, f"kmin.{name}.{function} is in no table"
    assert set(LAYERS) >= PASSES_MASK


def test_targets_are_sorted() -> None:
    assert is_sorted(TARGETS)


def test_every_command_is_listed_and_shows_an_example() -> None:
    cli = importlib.import_module("kmin.cli")
    files = {name.removeprefix("commands.") for name in ALL if re.fullmatch(r"commands\.[a-z]\w*", name)}
    assert set(cli.COMMANDS) == files
    assert is_sorted(cli.COMMANDS)
    for name, module in cli.COMMANDS.items():
        assert module == f"kmin.commands.{name}"
        text = importlib.import_module(module).command.help
        assert text is not None
        assert f"kmin {name} " in text, f"kmin {name} --help shows no example"
        params = importlib.import_module(module).command.params
        undocumented = [param.name for param in params if param.opts[0].startswith("-") and param.help is None]
        assert not undocumented


def test_the_version_is_the_same_everywhere() -> None:
    pyproject = (PROJECT / "pyproject.toml").read_text()
    said = re.findall(r'^version = "(.+)"$', pyproject, flags=re.M)
    said += re.findall(r"^project\(.*?\bversion: *'(.+?)'", (PROJECT / "meson.build").read_text(), flags=re.M)
    assert said
    assert set(said) == {kmin.__version__}


def test_no_file_speaks_of_the_place_it_was_written_in() -> None:
    places = re.compile("|".join(["/" + "work/", "/tmp/" + "venvs"]))
    kinds = {".py", ".pyx", ".pyi", ".h", ".c", ".md", ".toml", ".build", ".txt"}
    folders = [PACKAGE, *(PROJECT / name for name in ("tests", "sample_models", "benchmarks"))]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    files += [path for path in PROJECT.iterdir() if path.suffix in kinds]
    assert [str(path) for path in files if places.search(path.read_text())] == []


@pytest.mark.parametrize("room", ["ops", "graph/passes"])
def test_tests_mirror_the_room(room: str) -> None:
    names = OPS if room == "ops" else [rewrite.__name__ for rewrite in PASSES]
    missing = [name for name in names if not (PROJECT / "tests" / room / f"test_{name}.py").exists()]
    assert not missing
