"""Rows for nodes of a TensorFlow graph (Keras 2): the model as Keras writes it without eager execution."""

from . import case


def in_graph(make):
    """The model as Keras writes it when TensorFlow builds graphs, read again where it runs at once."""

    def made(k):
        import tensorflow as tf

        with tf.Graph().as_default():
            text = make(k).to_json()
        return k.models.model_from_json(text)

    return made


def node(name, body, *shapes, **options):
    """A row whose `body(tensorflow, *inputs)` is recorded as graph nodes."""

    def make(k):
        import tensorflow as tf

        inputs = [k.Input(shape[1:], dtype=options.get("dtype", "float32")) for shape in shapes]
        return k.Model(inputs if len(inputs) > 1 else inputs[0], body(tf, *inputs))

    return case(name, in_graph(make), *shapes, dialects=(2,), **options)
