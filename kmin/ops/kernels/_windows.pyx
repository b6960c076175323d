# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of windows that slide over images: convolution, depthwise convolution, pooling and padding."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport (
    KMIN_ALIGN, KMIN_MOST_FEW, KMIN_SHORT_LANES, Kernel, Memory, Tier, kmin_run, kmin_window, vectors as joined)

import numpy as np

from kmin.ops.kernels._tiers import REDUCTIONS

cnp.import_array()

MOST_FEW, SHORT_LANES = KMIN_MOST_FEW, KMIN_SHORT_LANES

cdef int64_t GROUP_ROWS = 112
cdef int64_t TASK_PRODUCTS = 1 << 18  # in a task, at least
cdef int64_t MOST_TASKS = 16
cdef int64_t LINES_TASKS = 16
cdef int64_t LINES_PRODUCTS = 1 << 16  # in a task of lines, while there are more than two
cdef int64_t STRIP_ROWS = 8
cdef int64_t LEAST_STRIPS = 8  # of all parts, while these have a vector each
cdef int64_t STRIP_BYTES = 384 << 10  # of copies that a task of groups reads, while it has more than one vector
cdef int64_t LINES_BYTES = 96 << 10  # that a task copies, while it has more than one line of results


cdef Kernel _window(Tier tier, str name, kmin_run run, kmin_window *w):
    """A kernel from w's image to its result."""
    return tier.kernel(
        name, run, (w.g.images * w.g.height * w.g.width * w.g.channels,),
        w.g.images * w.g.out_height * w.g.out_width * w.g.filters)


cdef void _split(kmin_window *w, int64_t tile, int64_t panel) noexcept:
    """How a convolution becomes tasks: of groups of windows when there are enough of them, else also of filters."""
    cdef int64_t windows = w.g.images * w.g.out_height * w.g.out_width
    cdef int64_t tiles = max((windows + tile - 1) // tile, 1), panels = (w.g.filters + panel - 1) // panel
    # Enough windows for their weights to be read from afar, few enough for them to stay near.
    cdef int64_t most = max(GROUP_ROWS // tile, 1), groups = (tiles + most - 1) // most
    cdef int64_t tasks = min(max(windows * w.g.filters * w.taps * w.length // TASK_PRODUCTS, 1), MOST_TASKS)
    w.parts = 1
    if groups < tasks:
        w.parts = min(panels, (tasks + groups - 1) // groups)
        groups = min(max(groups, tasks // w.parts), tiles)
    groups = min((groups + 1) // 2 * 2, tiles)
    w.group_tiles = (tiles + groups - 1) // groups
    w.group = w.group_tiles * tile


cdef void _lines(kmin_window *w) noexcept:
    """Into how many tasks lines of results are split, and room for the lines that one reads where they are padded."""
    cdef int64_t reach = (w.g.kernel_height - 1) * w.g.dilation_y + 1, width, height, count
    cdef int64_t rows = w.pooled_height or w.g.out_height, each = 2 if w.pooled_height else 1
    width, height = (w.g.out_width - 1) * w.g.stride_x + w.g.kernel_width, (w.g.out_height - 1) * w.g.stride_y + reach
    cdef int64_t work = w.g.images * w.g.out_height * w.g.out_width * w.g.filters * w.taps * w.length
    w.lines = min(rows, max(2, min(LINES_TASKS, work // LINES_PRODUCTS // 2 * 2)))
    w.thread_bytes = 0
    if w.g.top == 0 and w.g.left == 0 and width <= w.g.width and height <= w.g.height:
        return
    while True:
        count = each * ((rows + w.lines - 1) // w.lines)
        w.thread_bytes = 4 * width * w.g.channels * ((count - 1) * w.g.stride_y + reach)
        if w.thread_bytes <= LINES_BYTES or w.lines == rows:
            return
        w.lines = min(2 * w.lines, rows)


def conv(Tier tier, geometry, weights, bias, bint whole_rows=False, bint by_lines=False, low=-INFINITY, high=INFINITY,
         function=None, args=(), bint residual=False, pooled=None):
    """Convolution with weights [kernel_height, kernel_width, channels, filters], then as `dense`.

    Args:
        geometry: the fields of kmin_geometry by name.
        whole_rows: kernel rows are read as one piece; they are not dilated.
        by_lines: neighbouring windows of a line are read a step apart, with nothing looked up; kernel rows are whole.
        pooled: height and width of the largest of each 2 x 2 results, which become one; by lines only, with no
            residual and a function that keeps the order of its arguments.
    """
    cdef kmin_window w
    memset(&w, 0, sizeof(w))
    w.g = geometry
    cdef Kernel kernel = _window(tier, "conv", tier.table.conv, &w)
    if pooled is not None:
        w.pooled_height, w.pooled_width = pooled
        kernel.writes = w.g.images * w.pooled_height * w.pooled_width * w.g.filters
        kernel.name += "+max"
    cdef int64_t n = w.g.filters, lanes = tier.table.lanes, tile = tier.table.tile_rows
    cdef int64_t cells = w.g.kernel_height * w.g.kernel_width
    cdef Memory memory = tier.columns(
        np.ascontiguousarray(weights, dtype=np.float32).reshape(cells * w.g.channels, n), bias,
        w.g.channels * (w.g.kernel_width if whole_rows else 1))
    w.taps = w.g.kernel_height if whole_rows else cells
    w.length = cells * w.g.channels // w.taps
    _split(&w, tile, 2 * lanes)
    w.weights = memory.floats
    w.bias = memory.floats + (n + lanes - 1) // lanes * lanes * cells * w.g.channels
    w.zeros = w.bias + (n + lanes - 1) // lanes * lanes
    tier.finish(kernel, &w.after, w.g.filters, low, high, function, args, residual)
    kernel.memory, kernel.packed = memory, (cells * w.g.channels, n, lanes)
    kernel.constant_bytes = memory.size
    if by_lines:
        _lines(&w)
    else:
        w.thread_bytes = w.group * w.taps * (sizeof(void *) + (4 * w.length if whole_rows else 0))
    w.thread_bytes = (w.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    kernel.thread_bytes = w.thread_bytes
    kernel.keep(&w, sizeof(w))
    kernel.columns, kernel.write_stride = n, &(<kmin_window *> kernel.own).after.y_stride
    return kernel


def conv_few(Tier tier, geometry, weights, bias, low=-INFINITY, high=INFINITY, function=None, args=()):
    """Convolution with at most MOST_FEW filters over whole vectors of channels, not dilated along rows; then as `conv`.

    Raises:
        ValueError: there are more filters, or channels that fill no vector.
    """
    cdef kmin_window w
    memset(&w, 0, sizeof(w))
    w.g = geometry
    cdef Kernel kernel = _window(tier, "conv_few", tier.table.few, &w)
    cdef int64_t n = w.g.filters
    if not 0 < n <= MOST_FEW or w.g.channels % tier.table.lanes or w.g.dilation_x != 1:
        raise ValueError(f"at most {MOST_FEW} filters over whole vectors of channels")
    w.taps, w.length = w.g.kernel_height, w.g.kernel_width * w.g.channels
    turned = np.reshape(weights, (w.taps * w.length, n)).T
    cdef Memory memory = joined(
        (w.taps * w.length + 1) * n, 1, (np.append(turned, np.zeros(n) if bias is None else bias),))
    w.weights, w.bias = memory.floats, memory.floats + w.taps * w.length * n
    tier.finish(kernel, &w.after, n, low, high, function, args, False)
    kernel.memory = memory
    kernel.constant_bytes = memory.size
    kernel.keep(&w, sizeof(w))
    kernel.columns, kernel.write_stride = n, &(<kmin_window *> kernel.own).after.y_stride
    return kernel


def depthwise(Tier tier, geometry, weights, bias, low=-INFINITY, high=INFINITY, function=None, args=(),
              bint residual=False):
    """Every channel with its own filters: weights [kernel_height, kernel_width, filters]; then as `dense`."""
    cdef kmin_window w
    memset(&w, 0, sizeof(w))
    w.g = geometry
    cdef Kernel kernel = _window(tier, "depthwise", tier.table.depthwise, &w)
    if w.g.filters != w.g.channels:
        w.repeats, w.g.channels = w.g.filters // w.g.channels, w.g.filters
        kernel.scratch_bytes = 4 * w.g.height * w.g.width * w.g.channels
    cdef int64_t c = w.g.channels, lanes = tier.table.lanes, taps = w.g.kernel_height * w.g.kernel_width
    cdef Memory memory = tier.filters(np.ascontiguousarray(weights, dtype=np.float32).reshape(taps, c), bias)
    w.weights, w.bias = memory.floats, memory.floats + (c + lanes - 1) // lanes * lanes * taps
    tier.finish(kernel, &w.after, w.g.filters, low, high, function, args, residual)
    kernel.memory = memory
    kernel.constant_bytes = memory.size
    kernel.keep(&w, sizeof(w))
    return kernel


cdef void _strips(kmin_window *w, int64_t lanes) noexcept:
    """Strips of rows and parts of the vectors of `grouped`, and room for the copies that a task reads."""
    cdef int64_t vectors = (w.g.filters + lanes - 1) // lanes, rows, lines, size
    w.lines = (w.g.out_height + STRIP_ROWS - 1) // STRIP_ROWS
    rows = (w.g.out_height + w.lines - 1) // w.lines
    lines = min((rows - 1) * w.g.stride_y + (w.g.kernel_height - 1) * w.g.dilation_y + 1, w.g.height)
    size = 4 * lines * w.length * w.g.width * lanes
    w.parts = (vectors + max(STRIP_BYTES // size, 1) - 1) // max(STRIP_BYTES // size, 1)
    if w.lines * w.parts < LEAST_STRIPS:
        w.parts = min((LEAST_STRIPS + w.lines - 1) // w.lines, vectors)
    w.thread_bytes = (vectors + w.parts - 1) // w.parts * size
    w.thread_bytes = (w.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN


def grouped(Tier tier, geometry, weights, bias, int64_t groups, low=-INFINITY, high=INFINITY, function=None, args=()):
    """Convolution of groups of 2, 4 or 8 filters, less than a vector; weights [*window, channels of each, filters]."""
    cdef kmin_window w
    memset(&w, 0, sizeof(w))
    w.g = geometry
    w.length, w.repeats = w.g.channels // groups, w.g.filters // groups
    cdef Kernel kernel = _window(tier, "grouped_conv", tier.table.grouped, &w)
    cdef int64_t n = w.g.filters, lanes = tier.table.lanes, taps = w.g.kernel_height * w.length * w.g.kernel_width
    lined = np.reshape(weights, (w.g.kernel_height, w.g.kernel_width, w.length, n)).swapaxes(1, 2)
    cdef Memory memory = tier.filters(np.ascontiguousarray(lined, dtype=np.float32).reshape(taps, n), bias)
    w.weights, w.bias = memory.floats, memory.floats + (n + lanes - 1) // lanes * lanes * taps
    _strips(&w, lanes)
    tier.finish(kernel, &w.after, n, low, high, function, args, False)
    kernel.memory = memory
    kernel.constant_bytes, kernel.thread_bytes = memory.size, w.thread_bytes
    kernel.keep(&w, sizeof(w))
    return kernel


def pool(Tier tier, str kind, geometry):
    """The `max`, or the `mean` of the cells inside, of each window."""
    cdef kmin_window w
    memset(&w, 0, sizeof(w))
    w.g = geometry
    cdef Kernel kernel = _window(tier, f"{kind}_pool", tier.table.pool, &w)
    w.kind = REDUCTIONS[kind]
    kernel.keep(&w, sizeof(w))
    return kernel


def pad(Tier tier, geometry, float fill=0.0):
    """The image at (top, left) of one of out_height by out_width cells filled with `fill`."""
    cdef kmin_window w
    memset(&w, 0, sizeof(w))
    w.g = geometry
    cdef Kernel kernel = _window(tier, "pad", tier.table.pad, &w)
    w.fill = fill
    kernel.keep(&w, sizeof(w))
    return kernel
