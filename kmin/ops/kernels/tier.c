/* The one source of every kernel, compiled once per tier; KMIN_TIER is the tier's name. */
#include "kernels.h"

#include "attention.h"
#include "chain.h"
#include "conv.h"
#include "conv_lstm.h"
#include "dense.h"
#include "depthwise.h"
#include "expression.h"
#include "functions.h"
#include "expand.h"
#include "few.h"
#include "fixed.h"
#include "gated.h"
#include "grouped.h"
#include "indirect.h"
#include "lines.h"
#include "lines_pooled.h"
#include "lookup.h"
#include "merge.h"
#include "move.h"
#include "narrow.h"
#include "norm.h"
#include "originals.h"
#include "plain.h"
#include "pool.h"
#include "pooled.h"
#include "product.h"
#include "recurrent.h"
#include "resample.h"
#include "softmax.h"
#include "strassen.h"
#include "volume.h"
#include "winograd.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

#define ENTRY(name) map_##name,
#define ROWS_ENTRY(name) map_rows_##name,
#define PAIR_ENTRY(name) pair_##name,

static const kmin_tier table = {
    TEXT(KMIN_TIER), LANES, TILE_ROWS, dense, dense_part, elementwise, softmax, binary, expression, concat, scale_shift, reduce, conv, volume,
    indirect, winograd, winograd_weights, winograd_line_weights, originals_filters, originals_halves, FIXED_PACK, plain, plain_finite, strassen, pooled, depthwise, grouped, few, pool, pad, resample, norm, norm_columns,
    product, attention, move, chain, expand, gated, narrow, recurrent, conv_lstm, gather, differ, to_int32,
    {KMIN_FUNCTIONS(ENTRY)}, {KMIN_FUNCTIONS(ROWS_ENTRY)}, {KMIN_PAIRS(PAIR_ENTRY)},
};

const kmin_tier *JOIN(kmin_tier_, KMIN_TIER)(void)
{
    return &table;
}
