"""StringLookup, IntegerLookup and TextVectorization: words as numbers, by a vocabulary that is in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.categories import encoded, output_mode
from kmin.layers.hashing import salt_of
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.encode_categories import EncodeCategoriesAttrs
from kmin.ops.hash_bucket import HashBucketAttrs
from kmin.ops.lookup import LookupAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.split_text import SPLITS, STANDARDS, SplitTextAttrs
from kmin.ops.where import WhereAttrs

_DROPPED = np.iinfo(np.int64).max  # the number of masked words where numbers are counted: outside of every depth


@dataclass(frozen=True)
class _Vocabulary:
    """What an index lookup knows.

    Attributes:
        tokens: the words (bytes) or integers, the special ones left out.
        listed: whether the special ones stood at the start of the vocabulary.
        mode: of the output; `int`, `one_hot`, `multi_hot`, `count` or `tf_idf`.
        mask, oov: the special tokens.
        oov_count: how many numbers stand for words that are not known.
    """

    tokens: Array
    listed: bool
    mode: str
    mask: Any
    oov: Any
    oov_count: int

    @property
    def first_oov(self) -> int:
        return 1 if self.mask is not None and self.mode == "int" else 0

    @property
    def start(self) -> int:
        """The number of the first word."""
        return self.first_oov + self.oov_count

    @property
    def size(self) -> int:
        return self.start + len(self.tokens)


def lower_string_lookup(call: LayerCall) -> Tensor:
    """StringLookup. Source: IndexLookup in Keras 2.15 and 3.15."""
    return _lookup(call, call.input, _vocabulary(call, call.config, "[UNK]"))


def lower_integer_lookup(call: LayerCall) -> Tensor:
    """IntegerLookup."""
    config = dict(call.config)
    for old, new in (("max_values", "max_tokens"), ("mask_value", "mask_token"), ("oov_value", "oov_token")):
        if old in config:
            config[new] = config.pop(old)
    x = call.input
    if x.dtype != "int64" and x.dtype != "string":
        x = call.add("cast", (x,), CastAttrs("int64"))
    return _lookup(call, x, _vocabulary(call, config, -1))


def lower_text_vectorization(call: LayerCall) -> Tensor:
    """TextVectorization: texts made uniform, split, joined and looked up. Source: Keras 2.15 and 3.15."""
    config = call.config
    standardize = config.get("standardize", "lower_and_strip_punctuation")
    split = config.get("split", "whitespace")
    for key, value, known in (("standardize", standardize, STANDARDS), ("split", split, SPLITS)):
        if not (value is None or (isinstance(value, str) and value in known and value != "none")):
            what = "holds a function, which kmin never runs" if isinstance(value, Mapping) else f"is {value!r:.60}"
            raise call.fail(f"{key} must be None or one of {', '.join(k for k in known if k != 'none')}; it {what}")
    vocabulary = _vocabulary(call, {**config, "mask_token": "", "num_oov_indices": 1}, "[UNK]")
    length = config.get("output_sequence_length")
    if length is not None and (isinstance(length, bool) or not isinstance(length, int) or length < 1):
        raise call.fail(f"output_sequence_length must be None or a positive integer; received {length!r}")
    ragged = bool(config.get("ragged")) and (split is not None or config.get("ngrams") is not None)
    if config.get("ragged") and not ragged:
        width = call.input.shape[-1]  # Keras 3 cuts, but fills up only what it splits
        length = min(length, width) if length is not None and width is not None else None
    if vocabulary.mode == "one_hot" and split is not None:
        raise call.fail("output_mode 'one_hot' has results of unequal length, which are not supported")
    ngrams = config.get("ngrams")
    widths = tuple(range(1, ngrams + 1)) if isinstance(ngrams, int) else tuple(ngrams) if ngrams is not None else ()
    attrs = SplitTextAttrs(
        standardize if standardize is not None else "none", split if split is not None else "none", widths, length
    )
    ids = _lookup(call, call.add("split_text", (call.input,), attrs), vocabulary)
    if not ragged or vocabulary.mode != "int":
        return ids
    ids = call.add("pad", (ids,), PadAttrs(((0, 0), (0, 1))))  # so that there is a step even when no row has any
    zero = call.constant("zero", np.asarray(0, ids.dtype))  # which no word has
    return replace(ids, ragged=call.add("binary", (ids, zero), BinaryAttrs("not_equal")))


def _vocabulary(call: LayerCall, config: Mapping[str, Any], oov: Any) -> _Vocabulary:
    words = config.get("vocabulary")
    if isinstance(words, str):
        raise call.fail("vocabulary is the path of a file, and kmin opens no file but the model's")
    if not isinstance(words, (list, tuple)) or not words:
        raise call.fail("its vocabulary is not in the file: adapted layers need the .keras format")
    mode = config.get("output_mode", "int")
    mode = "tf_idf" if mode in ("tf_idf", "tf-idf") else output_mode(call, "int")
    text = call.class_name != "IntegerLookup"
    wanted = str if text else int
    mask, oov = config.get("mask_token"), config.get("oov_token", oov)
    for what, value in (("vocabulary", words[0]), ("mask_token", mask), ("oov_token", oov)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, wanted)):
            raise call.fail(f"{what} must be {'text' if text else 'integers'}; received {value!r:.60}")
    count = config.get("num_oov_indices", 1)
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise call.fail(f"num_oov_indices must be an integer of at least 0; received {count!r}")
    special = ([mask] if mask is not None and mode == "int" else []) + [oov] * count
    listed = bool(special) and list(words[: len(special)]) == special
    tokens = words[len(special) :] if listed else words
    if not all(isinstance(word, wanted) and not isinstance(word, bool) for word in tokens):
        raise call.fail(f"vocabulary must be {'text' if text else 'integers'} throughout")
    if len(set(tokens)) < len(tokens) or mask in tokens:
        raise call.fail("vocabulary must not repeat words, nor hold the mask token among them")
    table = np.array([word.encode() for word in tokens], "S") if text else np.array(tokens, np.int64)
    return _Vocabulary(table, listed, mode, mask, oov, count)


def _lookup(call: LayerCall, x: Tensor, words: _Vocabulary) -> Tensor:
    if call.config.get("invert", False):
        return _inverted(call, x, words)
    keys, values = words.tokens, words.start + np.arange(len(words.tokens))
    if words.mask is not None:
        mask = words.mask.encode() if isinstance(words.mask, str) else words.mask
        keys = np.append(keys, np.array([mask], None if isinstance(mask, bytes) else np.int64))
        values = np.append(values, 0 if words.mode == "int" else _DROPPED)
    ids = _table(call, x, keys, values, words.first_oov if words.oov_count == 1 else -1, not words.oov_count)
    if words.oov_count > 1:
        unknown = call.add("binary", (ids, call.constant("unknown", np.asarray(-1))), BinaryAttrs("equal"))
        ids = call.add("where", (unknown, _oov_ids(call, x, words), ids), WhereAttrs())
    return _counted(call, ids, words)


def _table(call: LayerCall, x: Tensor, keys: Array, values: Array, default: Any, strict: bool = False) -> Tensor:
    order = np.argsort(keys, kind="stable")
    default = np.asarray(default, None if values.dtype.kind == "S" else values.dtype)  # a text keeps its own width
    parts = (("keys", keys[order]), ("values", values[order]), ("default", default))
    return call.add("lookup", (x, *(call.constant(name, array) for name, array in parts)), LookupAttrs(strict))


def _inverted(call: LayerCall, x: Tensor, words: _Vocabulary) -> Tensor:
    """Numbers back to words; any other number is the word for the unknown."""
    if words.mode != "int":
        raise call.fail(f"output_mode must be 'int' when invert is true; received {words.mode!r}")
    if x.dtype != "int64":
        x = call.add("cast", (x,), CastAttrs("int64"))
    keys, values = words.start + np.arange(len(words.tokens)), words.tokens
    text = values.dtype.kind == "S"
    if words.oov is None:
        raise call.fail("oov_token must be given when invert is true")
    if words.mask is not None:
        values = np.append(values, np.array([words.mask.encode() if text else words.mask], None if text else np.int64))
        keys = np.append(keys, 0)
    return _table(call, x, keys, values, words.oov.encode() if text else words.oov)


def _oov_ids(call: LayerCall, x: Tensor, words: _Vocabulary) -> Tensor:
    """The numbers of unknown words: by hash, integers by their remainder."""
    if x.dtype != "string" and call.config.get("oov_method", "floormod") != "farmhash":
        count = call.constant("count", np.asarray(words.oov_count))
        ids = call.add("binary", (x, count), BinaryAttrs("mod"))
    else:
        ids = call.add("hash_bucket", (x,), HashBucketAttrs(words.oov_count, salt_of(call)))
    return call.add("binary", (ids, call.constant("first", np.asarray(words.first_oov))), BinaryAttrs("add"))


def _counted(call: LayerCall, ids: Tensor, words: _Vocabulary) -> Tensor:
    """The numbers as the output mode wants them, in Keras 3's int64 or Keras 2's compute dtype."""
    old = call.dialect < 3 and call.class_name != "TextVectorization"
    if words.mode == "int":
        wanted = call.compute_dtype if old and call.compute_dtype.startswith("int") else "int64"
        return ids if wanted == "int64" else call.add("cast", (ids,), CastAttrs(wanted))
    depth: Any = words.size
    if call.config.get("pad_to_max_tokens"):
        depth = call.config.get("max_tokens")
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < words.size:
            raise call.fail(f"max_tokens must be at least the {words.size} words of the vocabulary; received {depth!r}")
    weighted = words.mode == "tf_idf"
    dtype = "float32" if weighted or call.dialect < 3 else "int64"
    if old and call.compute_dtype.startswith("float"):
        dtype = call.compute_dtype
    mode = "count" if weighted else words.mode
    y = encoded(call, ids, EncodeCategoriesAttrs(depth, mode != "count", 1, dtype), mode)
    if not weighted:
        return y
    weights = call.constant("idf_weights", _idf(call, words, depth).astype(dtype))
    return call.add("binary", (y, weights), BinaryAttrs("multiply"))


def _idf(call: LayerCall, words: _Vocabulary, depth: int) -> Array:
    """A weight per number: as stored, or as the config gives them for the words (IndexLookup.set_vocabulary)."""
    given: Any = call.config.get("idf_weights")
    if given is None:
        given = call.layer.weights.get("idf_weights")
        if given is not None and given.shape == (depth,):
            return np.asarray(given)
    try:
        weights = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        weights = np.zeros(())
    if words.listed and weights.shape == (words.size,):
        front = 0
    elif weights.shape == (len(words.tokens),):
        front = words.start
    else:
        raise call.fail(f"needs idf_weights for its {len(words.tokens)} words; received shape {weights.shape}")
    weights = np.pad(weights, (front, 0), constant_values=weights.mean())
    return np.pad(weights, (0, depth - len(weights)))
