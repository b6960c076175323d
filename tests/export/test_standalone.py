"""The standalone file: NumPy alone, same numbers, readable code, clear refusals."""

from __future__ import annotations

import builtins
import dis
import importlib.util
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graph.toy import Toy
from kmin import KminError, Model
from kmin.errors import UnsupportedError
from kmin.export import TARGETS, export
from kmin.export.sources import Closure, Definition
from kmin.formats.spec import FileFacts
from kmin.graph.ir import Graph
from kmin.ops import OPS
from kmin.plan.compile import compile_plan

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("kmin", "h5py", "click", "rich", "tabulate", "keras", "tensorflow", "scipy"):
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocked())
"""


def picture_model(toy: Toy) -> Graph:
    """Convolution, batch_norm, pooling, dense: two inputs, two outputs in a dict."""
    x = toy.input(8, 8, 3, name="image")
    kernel, bias = toy.weight(3, 3, 3, 4, name="conv1.kernel"), toy.weight(4, name="conv1.bias")
    x = toy.add("conv", x, kernel, bias, strides=(1, 1), dilation=(1, 1), padding="same", layer="conv1")
    stats = [toy.weight(4, low=0.5, name=f"bn.{name}") for name in ("gamma", "beta", "mean", "variance")]
    x = toy.add("batch_norm", x, *stats, axis=-1, epsilon=1e-3, layer="bn")
    x = toy.add("activation", x, kind="gelu", layer="gelu")
    x = toy.add("max_pool", x, window=(2, 2), strides=(2, 2), layer="pool")
    x = toy.add("reshape", x, target=(("x", 0), -1), layer="flatten")
    x = toy.add("concat", x, toy.input(5, name="extra"), axis=1, layer="concatenate")
    y = toy.add("activation", toy.dense(x, 5, activation="tanh"), kind="softmax", layer="head/probabilities")
    return toy.graph(y, x, structure={"p": 0, "features": [1]}, names=["p", "features"])


def load(path: Path) -> types.ModuleType:
    """Imports a generated file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look themselves up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[path.stem]
    return module


def test_same_numbers_as_the_model_for_any_batch(tmp_path: Path) -> None:
    toy = Toy(batch=5)
    graph = picture_model(toy)
    export(graph, tmp_path / "net.py")
    module, model = load(tmp_path / "net.py"), Model(graph)
    image, extra = toy.feed(graph)
    for form in ([image, extra], {"extra": extra, "image": image}, (image.tolist(), extra.tolist())):
        for batch_size in (None, 1, 2, 100):
            got, wanted = module.predict(form, batch_size=batch_size), model.predict(form)
            assert set(got) == {"p", "features"}
            np.testing.assert_allclose(got["p"], wanted["p"], rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(got["features"][0], wanted["features"][0], rtol=1e-5, atol=1e-5)
    empty = module.predict([image[:0], extra[:0]])
    assert empty["p"].shape == (0, 5)
    assert empty["p"].dtype == np.float32


def test_it_runs_where_numpy_is_all_there_is(tmp_path: Path) -> None:
    toy = Toy()
    graph = picture_model(toy)
    written = export(graph, tmp_path / "net.py")
    assert [part.path.name for part in written] == ["net.py", "net.weights.npz"]
    assert all(part.size == part.path.stat().st_size for part in written)
    elsewhere = tmp_path / "elsewhere"  # the pair may be moved together
    elsewhere.mkdir()
    for name in ("net.py", "net.weights.npz"):
        shutil.move(tmp_path / name, elsewhere / name)
    image, extra = toy.feed(graph)
    np.savez(tmp_path / "x.npz", image=image, extra=extra)
    start = "sys.argv = ['net.py', 'x.npz', 'y.npz']; runpy.run_path('elsewhere/net.py', run_name='__main__')"
    code = f"{BLOCKED}import runpy\n{start}\n"
    subprocess.run([sys.executable, "-I", "-W", "error", "-c", code], cwd=tmp_path, check=True)
    with np.load(tmp_path / "y.npz") as got:
        np.testing.assert_allclose(got["p"], Model(graph)([image, extra])["p"], rtol=1e-5, atol=1e-6)
        assert got["features"].shape == (3, 69)


def test_command_line_of_one_input_and_one_output(tmp_path: Path) -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(5), 4))
    export(graph, tmp_path / "net.py")
    np.save(tmp_path / "x.npy", toy.feed(graph)[0])
    command = [sys.executable, "net.py", "x.npy"]
    subprocess.run([*command, "y.npy"], cwd=tmp_path, check=True)
    wanted = compile_plan(graph, "numpy").run(toy.feed(graph))[0]
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), wanted, rtol=1e-6)
    usage = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert usage.returncode == 1
    assert usage.stderr.startswith("usage: python net.py")
    np.save(tmp_path / "x.npy", np.zeros((2, 7)))
    wrong = subprocess.run([*command, "y.npy"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert wrong.stderr == "input 'x' must have shape (any, 5); received (2, 7)\n"


def test_refusals_read_as_in_kmin(tmp_path: Path) -> None:
    toy = Toy()
    export(toy.graph(toy.dense(toy.input(5), 4)), tmp_path / "net.py")
    module = load(tmp_path / "net.py")
    with pytest.raises(module.InputError, match=r"input 'x' must have shape \(any, 5\); received \(2, 4\)"):
        module.predict(np.zeros((2, 4)))
    with pytest.raises(module.InputError, match="inputs must be named x; received z"):
        module.predict({"z": np.zeros((2, 5))})
    with pytest.raises(module.InputError, match="batch_size must be a positive integer"):
        module.predict(np.zeros((2, 5)), batch_size=0)


def test_it_reads_well(tmp_path: Path) -> None:
    graph = picture_model(Toy())
    export(graph, tmp_path / "net.py", source=FileFacts("keras", 3, "3.15.0"))
    text = (tmp_path / "net.py").read_text()
    assert text.startswith('"""toy: a trained Keras model in one file that needs NumPy alone.\n')
    assert "from a Keras 3.15.0 file" in text
    assert "    input   image     float32(None, 8, 8, 3)\n" in text
    body = text[text.index("def run_model") : text.index("def predict")]
    assert re.findall(r"(\w+),?\)? = run_", body) == [
        "conv1",
        "pool",
        "flatten",
        "concatenate",
        "dense",
        "head_probabilities",
    ]
    assert 'W["conv1.kernel_folded"]' in body
    assert re.search(r"^\s*(import|from) kmin", text, flags=re.M) is None
    assert "act_gelu" in text
    assert "act_selu" not in text
    assert "run_lstm" not in text
    assert max(map(len, text.splitlines())) <= 120


def test_ruff_has_nothing_to_say(tmp_path: Path) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    export(picture_model(Toy()), tmp_path / "net.py")
    rules = ["--line-length", "120", "--target-version", "py310"]
    subprocess.run([ruff, "check", "--isolated", "--select", "E,F,W,I", *rules, tmp_path / "net.py"], check=True)
    subprocess.run([ruff, "format", "--isolated", "--check", "--line-length", "120", tmp_path / "net.py"], check=True)


def test_every_op_can_be_taken_out_of_the_house() -> None:
    """The sources of all ops at once make a module in which every global name is defined."""
    words = {word for op in OPS.values() for word in vars(sys.modules[op.run.__module__])} | set(_table_keys())
    closure = Closure([Definition(op.run.__module__, op.run.__name__) for op in OPS.values()], words)
    texts = [text for _, section in closure.sections() for text in section]
    source = "\n".join(["from __future__ import annotations", *closure.imports(), *texts])
    assert "kmin." not in "\n".join(closure.imports())
    module = types.ModuleType("all_ops")
    sys.modules["all_ops"] = module
    try:
        exec(compile(source, "all_ops", "exec"), vars(module))
    finally:
        del sys.modules["all_ops"]
    missing = {name for value in list(vars(module).values()) for name in _globals(value, module)}
    assert not missing


def _table_keys() -> list[str]:
    tables = [v for op in OPS.values() for v in vars(sys.modules[op.run.__module__]).values() if isinstance(v, dict)]
    return [key for table in tables for key in table if isinstance(key, str)]


def _globals(value: Any, module: types.ModuleType) -> set[str]:
    """Global names that the function `value`, of `module`, reads but nobody defines."""
    if not isinstance(value, types.FunctionType) or value.__module__ != module.__name__:
        return set()
    codes, names = [value.__code__], set()
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        names |= {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    return {name for name in names if not hasattr(module, name) and not hasattr(builtins, name)}


def test_lstm_with_several_results_and_absent_inputs(tmp_path: Path) -> None:
    toy = Toy()
    x = toy.input(None, 3)
    kernel, recurrent = toy.weight(3, 16, name="lstm.kernel"), toy.weight(4, 16, name="lstm.recurrent_kernel")
    inputs = (x, kernel, recurrent, None, None, None, None)
    y, h, c = toy.builder.add("lstm", inputs, OPS["lstm"].attrs(return_sequences=True), "lstm")
    graph = toy.graph(y, h, c)
    export(graph, tmp_path / "net.py")
    got = load(tmp_path / "net.py").predict(toy.feed(graph)[0], batch_size=2)
    for mine, wanted in zip(got, toy.run(graph), strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_other_precisions(tmp_path: Path, dtype: str) -> None:
    toy = Toy(dtype)
    graph = toy.graph(toy.add("activation", toy.dense(toy.input(5), 4), kind="relu6"))
    export(graph, tmp_path / "net.py", compress=True)
    got = load(tmp_path / "net.py").predict(toy.feed(graph)[0])
    assert got.dtype == dtype
    np.testing.assert_allclose(got, toy.run(graph)[0], rtol=1e-3 if dtype == "float16" else 1e-12)


@pytest.mark.parametrize(
    "name",
    [
        'x"""\nimport os\n',
        "class",
        "np",
        "W",
        "run_dense",
        "arrays",
        "1st layer",
        "ünï/cödé",
        "_archive",
        "predict",
        "",
    ],
)
def test_names_of_any_kind_are_only_names(tmp_path: Path, name: str) -> None:
    toy = Toy()
    toy.builder.name = name
    x = toy.input(5, name=name)
    y = toy.add("dense", x, toy.weight(5, 4, name=f"{name}.kernel"), None, layer=name)
    y = toy.add("dense", y, toy.weight(4, 4, name=f"{name}.kernel2"), None, layer=name)
    graph = toy.graph(y, x, structure={name: 0, "b": 1}, names=[name, "b"])
    export(graph, tmp_path / "net.py", source=FileFacts("h5", 2, f"2.15{name}"))
    module = load(tmp_path / "net.py")
    (feed,) = toy.feed(graph)
    np.testing.assert_allclose(module.predict({name: feed})[name], toy.run(graph)[0], rtol=1e-5)
    result = module.predict(feed)["b"]
    result[...] = 9
    assert not np.any(feed == 9)


def test_infinite_attributes(tmp_path: Path) -> None:
    toy = Toy()
    graph = toy.graph(toy.add("activation", toy.input(5), kind="bounded_relu", args=(0.0, 0.0, float("inf"))))
    export(graph, tmp_path / "net.py")
    np.testing.assert_array_equal(load(tmp_path / "net.py").predict(toy.feed(graph)[0]), toy.run(graph)[0])


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    toy = Toy()
    (y,) = toy.builder.add_unsupported([toy.input(5)], "cannot run", "odd", 1)
    for suffix in TARGETS:
        with pytest.raises(UnsupportedError, match="cannot run"):
            export(toy.graph(y), tmp_path / f"net{suffix}")
    (tmp_path / "net.weights.npz").mkdir()
    with pytest.raises(KminError, match=r"cannot write .*net.weights.npz': it is a directory"):
        export(picture_model(Toy()), tmp_path / "net.py")
    assert [file.name for file in tmp_path.iterdir()] == ["net.weights.npz"]


def test_an_existing_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("old")
    toy = Toy()
    export(toy.graph(toy.dense(toy.input(5), 4)), tmp_path / "net.py")
    assert (tmp_path / "net.py").read_text().startswith('"""toy')
    assert sorted(file.name for file in tmp_path.iterdir()) == ["net.py", "net.weights.npz"]


def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(5), 4))
    with pytest.raises(KminError, match=r"'net.onnx': its name must end in .npz \(a bundle for kmin\) or .py"):
        export(graph, tmp_path / "net.onnx")
    (written,) = export(graph, tmp_path / "net.bin", target=".npz")
    assert written.path.name == "net.bin"
