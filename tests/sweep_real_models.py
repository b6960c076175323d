"""Compares every real model that kmin can run with the Keras of its time, and prints a table.

    python tests/sweep_real_models.py --keras2 PYTHON --keras3 PYTHON [--cache FOLDER] [--all] [name part ...]

PYTHON is an interpreter with that Keras generation installed. Files are hostile: Keras gets only those that kmin itself
understands (so no Lambda and no custom class), in a process of its own, with safe mode on.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(os.environ.get("KMIN_REAL_MODELS", Path(__file__).resolve().parents[2] / "shared" / "real_models"))
MATCH = 1e-5
# What two float32 results may differ by however well they are computed.
FLOOR = 5e-7
# Lines that a reference process may take over one file.
SECONDS = 120


def rows() -> list[dict[str, str]]:
    """The index: one row per file, with `path` pointing at it."""
    with (FOLDER / "INDEX.csv").open(newline="") as file:
        return [row | {"path": str(FOLDER / "files" / row["file"])} for row in csv.DictReader(file)]


def vocabularies(graph: Any) -> dict[str, int]:
    """Input tensor -> number of rows of the embedding it is looked up in."""
    source = {tensor: tensor for tensor in graph.inputs}
    found: dict[str, int] = {}
    for node in graph.nodes:
        roots = [source[tensor] for tensor in node.inputs if tensor in source]
        if not roots:
            continue
        if node.op == "gather":
            size = max(graph.constants[tensor].shape[0] for tensor in node.inputs if tensor in graph.constants)
            found[roots[0]] = min(size, found.get(roots[0], size))
        elif len(roots) == 1:
            source.update(dict.fromkeys(node.outputs, roots[0]))
    return found


def inputs_for(model: Any, name: str, count: int = 3, scale: float = 1.0) -> list[np.ndarray]:
    """Seeded inputs that suit the model: normal numbers, or integers inside the vocabulary; a row of padded steps."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    sizes = vocabularies(model.graph)
    arrays = []
    for tensor, info in zip(model.graph.inputs, model.inputs, strict=True):
        free = 64 if len(info.shape) >= 4 else 12
        shape = (count, *(free if size is None else size for size in info.shape[1:]))
        whole = info.dtype.startswith(("int", "uint", "bool"))
        if tensor in sizes or whole:
            arrays.append(rng.integers(0, sizes.get(tensor, 2), size=shape).astype(info.dtype))
        else:
            arrays.append((rng.normal(size=shape) * scale).astype(info.dtype))
        if count > 1 and (len(shape) == 3 or (len(shape) == 2 and tensor in sizes)):
            arrays[-1][1, shape[1] - shape[1] // 3 :] = 0
    return arrays


def flat(structure: Any) -> list[np.ndarray]:
    """Outputs in order, whatever lists or dicts they come in."""
    if isinstance(structure, (list, tuple)):
        return [array for item in structure for array in flat(item)]
    if isinstance(structure, dict):
        return [array for key in sorted(structure) for array in flat(structure[key])]
    return [np.asarray(structure)]


def worst(got: list[np.ndarray], wanted: list[np.ndarray]) -> float:
    """Largest error over all outputs, each relative to its largest magnitude; inf when shapes differ."""
    if [array.shape for array in got] != [array.shape for array in wanted]:
        return float("inf")
    errors = [0.0]
    for mine, theirs in zip(got, wanted, strict=True):
        if not np.array_equal(np.isfinite(mine), np.isfinite(theirs)):
            return float("inf")
        finite = np.isfinite(theirs)
        if finite.any():
            difference = float(np.abs(mine[finite].astype("f8") - theirs[finite].astype("f8")).max())
            errors.append(difference / max(float(np.abs(theirs[finite].astype("f8")).max()), 1e-30))
    return max(errors)


def backend_of(path: str, spec: Any) -> str | None:
    """The backend that trained the model; Keras 1 did not say, but TensorFlow's weight names end in `:0`."""
    import h5py

    if spec.file.backend is not None or spec.file.dialect > 1:
        return spec.file.backend
    names: list[str] = []
    with h5py.File(path, "r") as file:
        for group in file.get("model_weights", file).values():
            names += [str(name).rstrip("'") for name in group.attrs.get("weight_names", ())]
    return "tensorflow" if any(name.endswith(":0") for name in names) else "theano"


def fixed_rows(spec: Any) -> int | None:
    """The batch size that the file insists on (stateful models), if any."""
    for layer in spec.layers:
        shape = layer.config.get("batch_input_shape", layer.config.get("batch_shape"))
        if isinstance(shape, (list, tuple)) and shape and isinstance(shape[0], int):
            return shape[0]
    return None


# Keras 1 argument -> Keras 2 argument.
RENAMED = {
    "bias": "use_bias",
    "border_mode": "padding",
    "inner_activation": "recurrent_activation",
    "nb_filter": "filters",
    "p": "rate",
    "subsample": "strides",
}


def from_keras_1(kind: str, config: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Class and arguments of a Keras 1 layer as Keras 2 spells them (what the published files need)."""
    config = {RENAMED.get(key, key): value for key, value in config.items()}
    if "nb_row" in config:
        config["kernel_size"] = [config.pop("nb_row"), config.pop("nb_col")]
    if "output_dim" in config and kind != "Embedding":
        config["units"] = config.pop("output_dim")
    if "dim_ordering" in config:
        config["data_format"] = {"th": "channels_first", "tf": "channels_last"}[config.pop("dim_ordering")]
    gone = ("_regularizer", "_constraint", "init", "input_dtype", "consume_less", "input_dim", "mode", "input_length")
    gone += ("dropout_W", "dropout_U", "mask_zero", "dropout", "weights")
    kept = ("input_dim",) if kind == "Embedding" else ()
    config = {key: value for key, value in config.items() if key in kept or not key.endswith(gone)}
    return {"Convolution2D": "Conv2D"}.get(kind, kind), config


def plain(config: Any, old: bool = False) -> Any:
    """A config that newer versions understand, without what only training needs (initializers, constraints, ...)."""
    if isinstance(config, list):
        return [plain(item, old) for item in config]
    if isinstance(config, dict):
        training = ("_initializer", "_regularizer", "_constraint")
        kept = {key: plain(value, old) for key, value in config.items() if not key.endswith(training)}
        name = kept.get("class_name")
        if old and name is not None and isinstance(kept.get("config"), dict) and "layers" not in kept["config"]:
            name, kept["config"] = from_keras_1(name, kept["config"])
            kept["class_name"] = name
        if name == "GRU":
            kept["config"].setdefault("reset_after", False)
        if name in ("CuDNNLSTM", "CuDNNGRU"):
            kept["class_name"] = name.removeprefix("CuDNN")
            kept["config"] |= {"recurrent_activation": "sigmoid"} | ({"reset_after": True} if "GRU" in name else {})
        return kept
    return config


def mended(path: str, kind: str, folder: Path) -> str:
    """A copy that Keras can open: no training-only objects, and no Windows separators in HDF5 names."""
    import h5py

    copy = folder / f"mended.{kind if kind in ('h5', 'json') else 'keras'}"
    if kind == "json":
        config = json.loads(Path(path).read_text())
        copy.write_text(json.dumps(plain(config, str(config.get("keras_version", "1")).startswith("1"))))
        return str(copy)
    if kind == "h5":
        shutil.copyfile(path, copy)
        with h5py.File(copy, "r+") as file:
            old = str(file.attrs.get("keras_version", "1")).lstrip("b'").startswith("1")
            file.attrs["model_config"] = json.dumps(plain(json.loads(file.attrs["model_config"]), old))
        return str(copy)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        new.writestr("metadata.json", old.read("metadata.json"))
        new.writestr("config.json", json.dumps(plain(json.loads(old.read("config.json")))))
        weights = io.BytesIO(old.read("model.weights.h5"))
        with h5py.File(weights, "r+") as file:
            for name in [name for name in file if "\\" in name]:
                file.move(name, name.replace("\\", "/"))
        new.writestr("model.weights.h5", weights.getvalue())
    return str(copy)


def load_reference(keras: Any, path: str, kind: str, weights: str | None) -> Any:
    """The Keras model in the file; the reader is chosen by content, as misnamed files are common."""
    if weights is not None:
        model = keras.models.model_from_json(Path(path).read_text())
        model.load_weights(weights)
        return model
    if kind == "h5":
        if keras.__version__.startswith("2"):
            from keras.src.saving.legacy.hdf5_format import load_model_from_hdf5
        else:
            from keras.src.legacy.saving.legacy_h5_format import load_model_from_hdf5
        return load_model_from_hdf5(path, compile=False)
    return keras.models.load_model(path, compile=False, safe_mode=True)


def mirror(model: Any) -> None:
    """Turns kernels trained on Theano, which mirrors them, as Keras up to 2.3.1 did (its `_need_convert_kernel`)."""
    for layer in model.layers:
        if layer.__class__.__name__ in ("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose"):
            kernel, *rest = layer.get_weights()
            layer.set_weights([np.flip(kernel, tuple(range(kernel.ndim - 2))), *rest])


def reference(jobs: Path) -> None:
    """Runs in the other interpreter: loads and predicts each job, appending one line per outcome."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    import keras

    for job in json.loads(jobs.read_text()):
        print(json.dumps({"start": job["name"]}), flush=True)
        keras.backend.clear_session()
        try:
            try:
                model = load_reference(keras, job["path"], job["kind"], job["weights"])
            except Exception:
                with tempfile.TemporaryDirectory() as folder:
                    copy = mended(job["path"], job["kind"], Path(folder))
                    model = load_reference(keras, copy, job["kind"], job["weights"])
            if job["backend"] == "theano":
                mirror(model)
            with np.load(job["inputs"]) as archive:
                arrays = [archive[key] for key in archive.files]
            outputs = flat(model(arrays if len(arrays) > 1 else arrays[0], training=False))
            np.savez(job["outputs"], *outputs)
            print(json.dumps({"done": job["name"], "version": keras.__version__}), flush=True)
        except Exception as error:
            text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            print(json.dumps({"failed": job["name"], "why": text}), flush=True)


def ask(python: str, jobs: list[dict[str, Any]]) -> dict[str, str]:
    """Runs all jobs in `python`, starting a new process after a crash; returns job -> "" or the failure."""
    outcome: dict[str, str] = {}
    while jobs:
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
            json.dump(jobs, file)
        command = [python, "-W", "ignore", __file__, "--reference", file.name]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60 + SECONDS * len(jobs))
            lines, code = done.stdout.splitlines(), done.returncode
        except subprocess.TimeoutExpired as error:
            lines, code = (error.stdout or b"").decode().splitlines(), -1
        Path(file.name).unlink()
        running = ""
        for line in lines:
            event = json.loads(line) if line.startswith("{") else {}
            running = event.get("start", running)
            if "done" in event:
                outcome[event["done"]] = ""
            elif "failed" in event:
                outcome[event["failed"]] = event["why"]
        left = [job for job in jobs if job["name"] not in outcome]
        if left and code == 0:
            return outcome
        if left:
            broken = running if running in {job["name"] for job in left} else left[0]["name"]
            outcome[broken] = f"the process ended with {code}: {done.stderr[-200:] if code >= 0 else 'time is up'}"
        jobs = [job for job in left if job["name"] not in outcome]
    return outcome


def sweep(chosen: Iterable[dict[str, str]], pythons: dict[int, str], cache: Path, scale: float) -> list[dict[str, Any]]:
    """One result per file: file, dialect, status, error, note, and both errors against kmin in float64."""
    import kmin
    from kmin.formats import read
    from kmin.formats.source import Source

    results: list[dict[str, Any]] = []
    jobs: dict[int, list[dict[str, Any]]] = {2: [], 3: []}
    mine: dict[str, list[np.ndarray]] = {}
    exact: dict[str, list[np.ndarray]] = {}
    for row in chosen:
        name = row["file"]
        result: dict[str, Any] = {"file": name, "dialect": "", "layers": row["layers"], "status": "", "error": None}
        result |= {"note": "", "kind": row["kind"]}
        results.append(result)
        architecture = str(FOLDER / "files" / row["arch"]) if row["arch"] else None
        if architecture is not None and not Path(architecture).exists():
            architecture = None
        source = row["path"] if architecture is None else Source(architecture, row["path"])
        try:
            spec = read(source)
            assert spec.file is not None
            result["dialect"] = spec.file.dialect
            model = kmin.load(source)
            rows_wanted = fixed_rows(spec)
            arrays = inputs_for(model, name, rows_wanted if rows_wanted is not None else 3, scale)
            mine[name] = flat(model.predict(arrays))
            exact[name] = flat(kmin.load(source, dtype="float64").predict(arrays))
        except kmin.KminError as error:
            result["status"] = "refused" if result["dialect"] else "unreadable"
            result["note"] = str(error)
            continue
        except Exception as error:
            result["status"], result["note"] = "CRASH", f"{type(error).__name__}: {error}"
            continue
        stem = f"{name.replace('/', '~')}-{zlib.crc32(np.concatenate([a.ravel() for a in arrays]).tobytes()):08x}"
        given, wanted = cache / f"{stem}.in.npz", cache / f"{stem}.out.npz"
        np.savez(given, *arrays)
        job = {"name": name, "path": row["path"] if architecture is None else architecture, "inputs": str(given)}
        job |= {"outputs": str(wanted), "kind": spec.file.container, "backend": backend_of(row["path"], spec)}
        result["job"] = job | {"weights": None if architecture is None else row["path"]}
        generation = 3 if spec.file.dialect == 3 else 2
        if generation in pythons and not wanted.exists():
            jobs[generation].append(result["job"])
    failures: dict[str, str] = {}
    for generation, python in pythons.items():
        failures |= ask(python, jobs[generation])
    for result in results:
        job = result.pop("job", None)
        if job is None:
            continue
        if not Path(job["outputs"]).exists():
            result["status"], result["note"] = "no reference", failures.get(job["name"], "not asked")
            continue
        with np.load(job["outputs"]) as archive:
            wanted_arrays = [archive[key] for key in archive.files]
        got = mine[job["name"]]
        result["error"] = worst(got, wanted_arrays)
        result["mine64"], result["keras64"] = worst(got, exact[job["name"]]), worst(wanted_arrays, exact[job["name"]])
        result["status"] = "match" if result["error"] <= MATCH else "DIFFERS"
        if result["error"] == float("inf"):
            result["note"] = f"shapes {[a.shape for a in got]}, Keras {[a.shape for a in wanted_arrays]}, or not finite"
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only files with one of these in their name")
    parser.add_argument("--keras2", help="interpreter with Keras 2.15")
    parser.add_argument("--keras3", help="interpreter with Keras 3")
    parser.add_argument("--cache", type=Path, help="keep inputs and reference outputs here")
    parser.add_argument("--all", action="store_true", help="also show the files that match")
    parser.add_argument("--scale", type=float, default=1.0, help="standard deviation of the random inputs")
    parser.add_argument("--reference", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reference:
        reference(options.reference)
        return
    chosen = [row for row in rows() if not options.names or any(part in row["file"] for part in options.names)]
    pythons = {2: options.keras2, 3: options.keras3}
    with tempfile.TemporaryDirectory() as scratch:
        cache = options.cache if options.cache else Path(scratch)
        cache.mkdir(parents=True, exist_ok=True)
        results = sweep(chosen, {key: python for key, python in pythons.items() if python}, cache, options.scale)
    for result in results:
        errors = [result.get(key) for key in ("error", "mine64", "keras64")]
        inexact = errors[1] is not None and errors[1] > 2 * errors[2] + FLOOR
        if options.all or inexact or result["status"] != "match":
            error = "" if errors[0] is None else " ".join(f"{error:.1e}" for error in errors)
            print(f"{result['status']:13}{result['dialect']!s:3}{error:27}{result['file']}")
            print(f"{'':43}{result['layers']}")
            if result["note"]:
                print(f"{'':43}{result['note']}")
    print(dict(Counter((result["kind"], result["status"]) for result in results)))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
