/* Weights of minimal filtering, transformed in double precision when they are packed. */
#ifndef KMIN_WINOGRAD_WEIGHTS_H
#define KMIN_WINOGRAD_WEIGHTS_H

#include "filtering.h"

/* Weights [r, channels, filters] to panels for each of n positions, as in kmin_dense, of `depth` channels: the last may be 0. */
static void winograd_line_weights(int32_t n, int32_t r, const float *weights, int64_t channels, int64_t filters, int64_t depth,
                                  float *to)
{
    const int64_t padded = (filters + LANES - 1) / LANES * LANES, line = channels * filters;
    for (int i = 0; i < n; i++) {
        double g[8];
        winograd_taps(n, r, i, g);
        for (int64_t c = 0; c < channels; c++)
            for (int64_t panel = 0; panel < filters; panel += 2 * LANES) {
                const int64_t left = filters - panel, columns = left > LANES ? 2 * LANES : LANES;
                const float *w = weights + c * filters + panel;
                float *result = to + (i * padded + panel) * depth + c * columns;
                for (int64_t at = 0; at < (left < columns ? left : columns); at++) {
                    double sum = 0;
                    for (int a = 0; a < r; a++)
                        sum += g[a] * w[at + a * line];
                    result[at] = (float)sum;
                }
            }
    }
}

/* Weights [r, r, channels, filters] the same way for n * nx positions. */
static void winograd_weights(int32_t n, int32_t nx, int32_t r, const float *weights, int64_t channels, int64_t filters, int64_t depth,
                             float *to)
{
    const int64_t padded = (filters + LANES - 1) / LANES * LANES, line = channels * filters;
    double g[6][5], gx[6][5];
    for (int at = 0; at < n; at++)
        winograd_taps(n, r, at, g[at]);
    for (int at = 0; at < nx; at++)
        winograd_taps(nx, r, at, gx[at]);
    for (int64_t c = 0; c < channels; c++)
        for (int64_t panel = 0; panel < filters; panel += 2 * LANES) {
            const int64_t left = filters - panel, columns = left > LANES ? 2 * LANES : LANES;
            const int64_t count = left < columns ? left : columns;
            double half[6][5][2 * LANES];
            for (int b = 0; b < r; b++) {
                const float *w = weights + b * line + c * filters + panel;
                for (int i = 0; i < n; i++)
                    for (int64_t at = 0; at < count; at++) {
                        double sum = 0;
                        for (int a = 0; a < r; a++)
                            sum += g[i][a] * w[at + a * r * line];
                        half[i][b][at] = sum;
                    }
            }
            for (int i = 0; i < n; i++)
                for (int j = 0; j < nx; j++) {
                    float *result = to + ((i * nx + j) * padded + panel) * depth + c * columns;
                    for (int64_t at = 0; at < count; at++) {
                        double sum = 0;
                        for (int b = 0; b < r; b++)
                            sum += gx[j][b] * half[i][b][at];
                        result[at] = (float)sum;
                    }
                }
        }
}

#endif
