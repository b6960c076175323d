/* Checks one tier without Python, for processors that are only emulated: functions, dense layers and minimal filtering
   against float64. With Debian's gcc-aarch64-linux-gnu and qemu-user-static, in the top folder of a clone:

       k=kmin/ops/kernels; cc="aarch64-linux-gnu-gcc -O3 -fno-math-errno -fno-trapping-math -I$k"
       $cc -DKMIN_TIER=generic -c $k/tier.c -o generic.o && $cc -ffp-contract=fast -DKMIN_TIER=neon -c $k/tier.c -o neon.o
       $cc -DKMIN_HAVE_NEON -static tests/ops/kernels/check_tier.c $k/cpu.c $k/team.c generic.o neon.o -lm -lpthread -o check
       qemu-aarch64-static ./check neon 1009

   The last argument is the distance between the float32 bit patterns that are tried. Exits with 1 where an error is too
   large. Built for the machine itself with -O0 -fsanitize=address,undefined, perhaps also -DKMIN_USE_SCALAR, it shows what
   leaves its arrays or the language. */
#include "kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1021, FUNCTIONS = 5, HEIGHT = 9, WIDTH = 10, CHANNELS = 20, FILTERS = 24 };

static double sigmoid(double x)
{
    const double z = exp(-fabs(x));
    return x < 0 ? z / (1 + z) : 1 / (1 + z);
}

static const struct {
    const char *name;
    double (*exact)(double);
} functions[FUNCTIONS] = {{"erf", erf}, {"exp", exp}, {"log", log}, {"sigmoid", sigmoid}, {"tanh", tanh}};

static const int64_t shapes[][3] = {{1, 1, 1},    {3, 7, 5},    {14, 64, 33},    {29, 100, 17},
                                    {1, 300, 129}, {40, 17, 64}, {113, 257, 200}};

/* Distance in units in the last place. */
static double ulps(float got, double wanted)
{
    const float nearest = (float)wanted, size = fabsf(nearest);
    if (got == nearest || (isnan(got) && isnan(nearest)))
        return 0;
    if (isnan(got) || isnan(nearest) || isinf(got) || isinf(nearest))
        return INFINITY;
    return fabs(got - wanted) / ((double)nextafterf(size, INFINITY) - size);
}

/* Zeroed, or random in [-1, 1]. */
static float *floats(int64_t count, int random)
{
    float *memory = aligned_alloc(KMIN_ALIGN, (size_t)(4 * count + 2 * KMIN_ALIGN) / KMIN_ALIGN * KMIN_ALIGN);
    for (int64_t at = 0; at < count; at++)
        memory[at] = random ? (float)rand() / (float)RAND_MAX * 2 - 1 : 0;
    return memory;
}

static double larger(double worst, double error)
{
    return error > worst || isnan(error) ? error : worst;
}

static int tell(const char *what, double error, double most)
{
    printf("%s: error %.3g, at most %.3g\n", what, error, most);
    return !(error <= most);
}

static int check_function(const kmin_tier *tier, int number, uint64_t stride)
{
    float x[PIECE], y[PIECE], args[KMIN_MAX_ARGS] = {0};
    double worst = 0;
    int id = 0;
    while (strcmp(kmin_function_name(id), functions[number].name) != 0)
        id++;
    for (uint64_t bits = 0; bits < (uint64_t)1 << 32;) {
        int count = 0;
        for (; count < PIECE && bits < (uint64_t)1 << 32; bits += stride) {
            const uint32_t pattern = (uint32_t)bits;
            memcpy(&x[count++], &pattern, 4);
        }
        tier->maps[id](args, x, y, count);
        for (int at = 0; at < count; at++)
            worst = larger(worst, ulps(y[at], functions[number].exact(x[at])));
    }
    return tell(functions[number].name, worst, 2);
}

static int check_dense(const kmin_tier *tier, int64_t rows, int64_t k, int64_t n)
{
    const int64_t lanes = tier->lanes, padded = (n + lanes - 1) / lanes * lanes;
    float *weights = floats(k * n, 1), *packed = floats(padded * (k + 1), 0), *bias = packed;
    float *x = floats(rows * k, 1), *y = floats(rows * n, 0);
    for (int64_t column = 0; column < n;) {
        const int64_t wide = n - column > lanes ? 2 * lanes : lanes, columns = wide < n - column ? wide : n - column;
        for (int64_t at = 0; at < k; at++, bias += wide)
            memcpy(bias, weights + at * n + column, (size_t)(4 * columns));
        column += wide;
    }
    const kmin_dense dense = {k, n, 1, packed, bias, {NULL, NULL}, {.low = -INFINITY, .high = INFINITY, .y_stride = n}};
    char *operands[] = {(char *)x, (char *)y};
    tier->dense(&dense, operands, rows, NULL);
    double worst = 0;
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t column = 0; column < n; column++) {
            double sum = 0, size = 0;
            for (int64_t at = 0; at < k; at++) {
                const double product = (double)x[row * k + at] * weights[at * n + column];
                sum += product, size += fabs(product);
            }
            worst = larger(worst, fabs(y[row * n + column] - sum) / size);
        }
    }
    free(weights), free(packed), free(x), free(y);
    return tell("dense", worst, 1e-6);
}

static int check_winograd(const kmin_tier *tier, int size)
{
    const int64_t lanes = tier->lanes, positions = (size + 2) * (size + 2);
    const int64_t depth = (CHANNELS + lanes - 1) / lanes * lanes, padded = (FILTERS + lanes - 1) / lanes * lanes;
    kmin_winograd w = {.size = size, .wide = size, .taps = 3, .depth = depth, .groups = 1, .planes = 1, .out_planes = 1,
                       .taps_z = 1, .stride_z = 1, .dilation_z = 1};
    w.g = (kmin_geometry){.images = 1, .height = HEIGHT, .width = WIDTH, .channels = CHANNELS, .out_height = HEIGHT,
                          .out_width = WIDTH, .filters = FILTERS, .kernel_height = 3, .kernel_width = 3, .stride_y = 1,
                          .stride_x = 1, .dilation_y = 1, .dilation_x = 1, .top = 1, .left = 1};
    w.tiles_y = (HEIGHT + size - 1) / size, w.tiles_x = (WIDTH + size - 1) / size;
    w.thread_bytes = (4 * positions * w.tiles_y * w.tiles_x * (depth + 2 * lanes) + KMIN_ALIGN) / KMIN_ALIGN * KMIN_ALIGN;
    w.after.low = -INFINITY, w.after.high = INFINITY, w.after.y_stride = FILTERS;
    float *packed = floats(positions * depth * padded + padded + depth, 0), *weights = floats(9 * CHANNELS * FILTERS, 1);
    float *x = floats(HEIGHT * WIDTH * CHANNELS, 1), *y = floats(HEIGHT * WIDTH * FILTERS, 0);
    float *scratch = floats(w.thread_bytes / 4, 0);
    tier->winograd_weights(size + 2, size + 2, 3, weights, CHANNELS, FILTERS, depth, packed);
    w.weights = packed, w.bias = packed + positions * depth * padded, w.zeros = w.bias + padded;
    char *operands[] = {(char *)x, (char *)y, (char *)scratch};
    tier->winograd(&w, operands, 1, NULL);
    double worst = 0;
    for (int at = 0; at < HEIGHT * WIDTH * FILTERS; at++) {
        const int row = at / FILTERS / WIDTH, column = at / FILTERS % WIDTH;
        double sum = 0, magnitude = 0;
        for (int tap = 0; tap < 9; tap++) {
            const int p = row + tap / 3 - 1, q = column + tap % 3 - 1;
            for (int c = 0; c < CHANNELS && p >= 0 && q >= 0 && p < HEIGHT && q < WIDTH; c++) {
                const double product =
                    (double)x[(p * WIDTH + q) * CHANNELS + c] * weights[(tap * CHANNELS + c) * FILTERS + at % FILTERS];
                sum += product, magnitude += fabs(product);
            }
        }
        worst = larger(worst, fabs(y[at] - sum) / magnitude);
    }
    free(packed), free(weights), free(x), free(y), free(scratch);
    return tell(size == 2 ? "winograd2" : "winograd4", worst, 1e-5);
}

int main(int count, char **arguments)
{
    const kmin_tier *tier = kmin_find_tier(count > 1 ? arguments[1] : "generic");
    const int stride = count > 2 ? atoi(arguments[2]) : 9973;
    int failed = 0;
    if (tier == NULL || stride < 1)
        return 2;
    printf("%s, %d lanes\n", tier->name, tier->lanes);
    for (int number = 0; number < FUNCTIONS; number++)
        failed |= check_function(tier, number, (uint64_t)stride);
    for (size_t at = 0; at < sizeof(shapes) / sizeof(*shapes); at++)
        failed |= check_dense(tier, shapes[at][0], shapes[at][1], shapes[at][2]);
    for (int size = 2; size <= 4; size += 2)
        failed |= check_winograd(tier, size);
    return failed;
}
