/* The elementwise functions of KMIN_FUNCTIONS, each over one vector. */
#ifndef KMIN_FUNCTIONS_H
#define KMIN_FUNCTIONS_H

#include "split.h"
#include "vmath.h"

#define FUNCTION(name) INLINE vf f_##name(const float *args, vf x)
#define PLAIN(name) FUNCTION(name) { (void)args; 
#define ZERO vset(0.0f)
#define ONE vset(1.0f)

INLINE vf clip(vf x, vf low, vf high)
{
    return vmin(high, vmax(low, x));
}

PLAIN(abs)
    return vabs(x);
}

FUNCTION(celu)
{
    vf alpha = vset(args[0]);
    return vadd(vmax(ZERO, x), vmul(alpha, vexpm1_negative(vdiv(vmin(ZERO, x), alpha))));
}

FUNCTION(elu)
{
    return vsel(vlt(ZERO, x), x, vmul(vset(args[0]), vexpm1_negative(x)));
}

PLAIN(erf)
    return verf(x);
}

PLAIN(exp)
    return vexp(x);
}

PLAIN(gelu)
    const vf size = vabs(x);
    if (vany(vlt(vset(12.9f), size))) { /* beyond 15 the tail is 0 in float32 */
        vf a = vmax(vmin(vset(15.0f), x), vsub(ZERO, x));
        return vfma(a, vnormal_tail(vmin(vset(15.0f), a), 0), vmax(ZERO, x));
    }
    return vfma(size, vnormal_tail(size, 1), vmax(ZERO, x));
}

PLAIN(gelu_tanh)
    vf inner = vmul(vset(1.5957691216f), vfma(vmul(vset(0.044715f), vmul(x, x)), x, x));
    return vmul(x, vsigmoid(inner));
}

FUNCTION(hard_shrink)
{
    return vsel(vlt(vset(args[0]), vabs(x)), x, ZERO);
}

FUNCTION(hard_sigmoid)
{
    return clip(vfma(vset(args[0]), x, vset(args[1])), ZERO, ONE);
}

PLAIN(hard_silu)
    return vmul(x, vmul(clip(vadd(x, vset(3.0f)), ZERO, vset(6.0f)), vset(0.166666667f)));
}

FUNCTION(leaky_relu)
{
    return vsel(vlt(ZERO, x), x, vmul(vset(args[0]), x));
}

PLAIN(linear)
    return x;
}

PLAIN(log)
    return vlog(x);
}

PLAIN(log_sigmoid)
    return vsub(ZERO, vsoftplus(vsub(ZERO, x)));
}

/* x tanh(softplus(x)) = x w (w + 2) / (w (w + 2) + 2) with w = e^x */
PLAIN(mish)
    vf w = vexp(vmin(vset(20.0f), x));
    vf v = vmul(w, vadd(w, vset(2.0f)));
    return vmul(x, vdiv(v, vadd(v, vset(2.0f))));
}

PLAIN(reciprocal)
    return vdiv(ONE, x);
}

FUNCTION(relu)
{
    vf below = args[0] != 0 ? vmul(vset(args[0]), vsub(x, vset(args[1]))) : ZERO;
    return vsel(vlt(vset(args[1]), x), clip(x, vset(args[2]), vset(args[3])), below);
}

PLAIN(rsqrt)
    return vdiv(ONE, vsqrt(x));
}

FUNCTION(selu)
{
    return vmul(vset(args[1]), f_elu(args, x));
}

PLAIN(sigmoid)
    return vsigmoid(x);
}

PLAIN(silu)
    return vsilu(x);
}

FUNCTION(soft_shrink)
{
    vf t = vset(args[0]);
    return vsel(vlt(t, x), vsub(x, t), vsel(vlt(x, vsub(ZERO, t)), vadd(x, t), ZERO));
}

PLAIN(softplus)
    return vsoftplus(x);
}

PLAIN(softsign)
    return vdiv(x, vadd(vabs(x), ONE));
}

PLAIN(sparse_plus)
    vf up = vadd(x, ONE);
    vf middle = vmul(vset(0.25f), vmul(up, up));
    return vsel(vle(x, vset(-1.0f)), ZERO, vsel(vlt(x, ONE), middle, x));
}

PLAIN(sparse_sigmoid)
    return clip(vmul(vset(0.5f), vadd(x, ONE)), ZERO, ONE);
}

PLAIN(sqrt)
    return vsqrt(x);
}

PLAIN(square)
    return vmul(x, x);
}

FUNCTION(squareplus)
{
    return vmul(vset(0.5f), vadd(x, vsqrt(vadd(vmul(x, x), vset(args[0])))));
}

PLAIN(tanh)
    return vtanh(x);
}

PLAIN(tanh_shrink)
    return vsub(x, vtanh(x));
}

FUNCTION(threshold)
{
    return vsel(vlt(vset(args[0]), x), x, vset(args[1]));
}

FUNCTION(clip)
{
    return clip(x, vset(args[0]), vset(args[1]));
}

/* The loop around each of them. */
#define MAP(name)                                                                                  \
    static void map_##name(const float *args, const float *x, float *y, int64_t count)             \
    {                                                                                              \
        int64_t at = 0;                                                                            \
        for (; at + LANES <= count; at += LANES)                                                   \
            vstore(y + at, f_##name(args, vload(x + at)));                                         \
        if (at < count)                                                                            \
            vstore_part(y + at, f_##name(args, vload_part(x + at, count - at, ONE)), count - at);  \
    }
KMIN_FUNCTIONS(MAP)

#define MAP_ROWS(name)                                                                                       \
    static void map_rows_##name(const float *args, float *y, int64_t stride, int64_t rows, int64_t columns)  \
    {                                                                                                        \
        if (columns == 2 * LANES) { /* a panel */                                                            \
            for (int64_t row = 0; row < rows; row++, y += stride)                                            \
                UNROLL for (int at = 0; at < 2 * LANES; at += LANES)                                         \
                    vstore(y + at, f_##name(args, vload(y + at)));                                           \
            return;                                                                                          \
        }                                                                                                    \
        for (int64_t row = 0; row < rows; row++, y += stride) {                                              \
            int64_t at = 0;                                                                                  \
            for (; at + LANES <= columns; at += LANES)                                                       \
                vstore(y + at, f_##name(args, vload(y + at)));                                               \
            if (at < columns)                                                                                \
                vstore_part(y + at, f_##name(args, vload_part(y + at, columns - at, ONE)), columns - at);    \
        }                                                                                                    \
    }
KMIN_FUNCTIONS(MAP_ROWS)

typedef struct {
    const kmin_elementwise *p;
    const float *x;
    float *y;
    int64_t count, tasks; /* count: values, or rows where they lie apart */
} elementwise_job;

INLINE int elementwise_whole(const kmin_elementwise *p)
{
    return p->x_stride == p->n && p->y_stride == p->n;
}

static void elementwise_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const elementwise_job *job = context;
    const kmin_elementwise *p = job->p;
    const int64_t first = task * job->count / job->tasks, last = (task + 1) * job->count / job->tasks;
    if (elementwise_whole(p)) {
        p->map(p->args, job->x + first, job->y + first, last - first);
        return;
    }
    for (int64_t row = first; row < last; row++)
        p->map(p->args, job->x + row * p->x_stride, job->y + row * p->y_stride, p->n);
}

static void elementwise(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_elementwise *p = params;
    elementwise_job job = {p, (const float *)operands[0], (float *)operands[1], rows * p->per_sample, 1};
    if (elementwise_whole(p)) {
        job.tasks = light_tasks(job.count, 2);
    } else {
        job.count /= p->n;
        job.tasks = light_tasks(job.count, 2 * p->n);
    }
    kmin_parallel(team, elementwise_task, &job, job.tasks);
}

#endif
