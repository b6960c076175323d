"""Writes goldens/variants.<Keras>.zip: small models in every form in which that Keras saves them, with predictions.

Run under Keras 1.2.2 (on Theano and on TensorFlow 1.15), TensorFlow 2.12, Keras 2.15 and Keras 3.15:

    python tests/formats/make_variants.py
"""

# ruff: noqa
# This also runs on the Python 3.6 that Keras 1.2.2 needs.

import json
import os
import shutil
import sys
import tempfile
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import keras
import numpy as np
import variants

MAJOR = int(keras.__version__.split(".")[0])


def randomise(model, rng):
    values = []
    for weight in model.get_weights():
        values.append(rng.uniform(0.2, 0.9, size=weight.shape).astype("float32") - (0.5 if weight.ndim > 1 else 0.0))
    model.set_weights(values)


def inputs_of(model, rng):
    shape = (3,) + tuple(model.input_shape[1:])
    return (rng.randint(0, 7, shape) if len(shape) == 2 else rng.normal(size=shape)).astype("float32")


def first_forms(model, name, folder):
    """What Keras 1 writes: a whole model, its weights, and the same weights as they were before 1.0."""
    import h5py

    model.save(os.path.join(folder, name + ".h5"))
    model.save_weights(os.path.join(folder, name + "_weights.h5"))
    with h5py.File(os.path.join(folder, name + "_oldest.h5"), "w") as file:
        file.attrs["nb_layers"] = len(model.layers)
        for number, layer in enumerate(model.layers):
            group = file.create_group("layer_%d" % number)
            arrays = layer.get_weights()
            group.attrs["nb_params"] = len(arrays)
            for i, array in enumerate(arrays):
                group.create_dataset("param_%d" % i, data=array)


def later_forms(model, name, folder):
    """What Keras 2 and 3 write."""
    place = os.path.join(folder, name)
    for ending in (".h5", ".keras", "_weights.h5" if MAJOR == 2 else ".weights.h5"):
        (model.save_weights if "weights" in ending else model.save)(place + ending)
    if MAJOR == 2:
        model.save_weights(place + ".weights.h5")
    if keras.__version__.startswith("2.12"):  # it writes HDF5 under this name unless told otherwise
        os.rename(place + ".keras", place + "_misnamed.keras")
        model.save(place + ".keras", save_format="keras_v3")
    if MAJOR == 3:
        model.save_weights(place + "_sharded.weights.json", max_shard_size=3e-7)
        import h5py
        from keras.src.legacy.saving import legacy_h5_format

        with h5py.File(place + "_weights.h5", "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, model)
    if keras.__version__.startswith("2.15") and name == "words":
        model.save(place + "_saved", save_format="tf")
        shutil.rmtree(os.path.join(place + "_saved", "assets"), ignore_errors=True)


def main():
    backend = keras.backend.backend()
    label = keras.__version__.rsplit(".", 1)[0] + ("-" + backend if MAJOR == 1 else "")
    if backend == "theano":
        import theano.ifelse  # Keras 1.2.2 uses it without importing it
    folder = tempfile.mkdtemp()
    if MAJOR == 1:
        from keras import layers, models

        made = variants.first(layers, models, "th" if backend == "theano" else "tf")
    else:
        made = {name: make(keras) for name, make in variants.MODELS.items()}
    for number, (name, model) in enumerate(sorted(made.items())):
        rng = np.random.RandomState(number)
        randomise(model, rng)
        x = inputs_of(model, rng)
        np.savez(os.path.join(folder, name + ".npz"), x=x, y=np.asarray(model.predict(x)))
        with open(os.path.join(folder, name + ".json"), "w") as file:
            file.write("" + model.to_json())
        (first_forms if MAJOR == 1 else later_forms)(model, name, folder)
    target = os.path.join(HERE, "goldens", "variants." + label + ".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        for place, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    member = zipfile.ZipInfo(os.path.relpath(path, folder))
                    archive.writestr(member, file.read(), zipfile.ZIP_LZMA)
    shutil.rmtree(folder)
    print(target, os.path.getsize(target), json.dumps(sorted(made)))


main()
