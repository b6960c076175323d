/* What this machine can do at most, on N threads: `probe N` prints GFLOP/s of fused multiply-adds and GB/s of reading.

   Lines are `name value`. Every figure is the best of several runs, because whatever disturbs a run makes it slower. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
typedef float vector __attribute__((vector_size(WIDTH * 4)));

enum { RUNS = 7, SUMS = 12, MAX_THREADS = 256 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

typedef struct {
    float *data;
    size_t bytes;
    double work, seconds, rate;
    float kept;
    pthread_barrier_t *barrier;
} job;

/* SUMS independent chains of multiply-adds, more than latency times throughput of any present core, in registers. */
#define EACH_SUM(do) do(0) do(1) do(2) do(3) do(4) do(5) do(6) do(7) do(8) do(9) do(10) do(11)
#define BEGIN(k) vector sum##k = factor + k##.0f;
#define STEP(k) sum##k = sum##k * factor + term;
#if defined(__x86_64__)
#define HOLD(k) __asm__("" : "+x"(sum##k));
#else
#define HOLD(k) __asm__("" : "+w"(sum##k));
#endif
#define ADD(k) total += sum##k;

static float multiply(long count)
{
    vector factor, term, total = {0};
    for (int i = 0; i < WIDTH; i++) {
        factor[i] = 0.999f;
        term[i] = 0.001f;
    }
    EACH_SUM(BEGIN)
    for (long n = 0; n < count; n++) {
        EACH_SUM(STEP)
        EACH_SUM(HOLD)
    }
    EACH_SUM(ADD)
    float all = 0;
    for (int i = 0; i < WIDTH; i++)
        all += total[i];
    return all;
}

static float read_all(const float *data, size_t bytes)
{
    vector sum[8];
    memset(sum, 0, sizeof sum);
    for (const vector *p = (const vector *)data, *end = p + bytes / sizeof(vector); p + 8 <= end; p += 8)
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++)
            sum[k] += p[k];
    float total = 0;
    for (int k = 0; k < 8; k++)
        for (int i = 0; i < WIDTH; i++)
            total += sum[k][i];
    return total;
}

static void *run(void *argument)
{
    job *j = argument;
    if (j->bytes) {
        j->data = aligned_alloc(64, j->bytes);
        if (!j->data)
            exit(1);
        memset(j->data, 0, j->bytes);
    }
    for (int r = 0; r < RUNS; r++) {
        pthread_barrier_wait(j->barrier);
        double work = 0, begin = now(), end;
        do {
            if (j->bytes) {
                j->kept += read_all(j->data, j->bytes);
                work += j->bytes;
            } else {
                j->kept += multiply(200000);
                work += 200000.0 * SUMS * WIDTH * 2;
            }
            end = now();
        } while (end - begin < 0.04);
        j->rate = work / (end - begin) > j->rate ? work / (end - begin) : j->rate;
    }
    free(j->data);
    return NULL;
}

static void measure(const char *name, size_t bytes, int threads)
{
    pthread_t ids[MAX_THREADS];
    job jobs[MAX_THREADS];
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, threads);
    memset(jobs, 0, sizeof jobs);
    for (int t = 0; t < threads; t++) {
        jobs[t].bytes = bytes;
        jobs[t].barrier = &barrier;
        pthread_create(&ids[t], NULL, run, &jobs[t]);
    }
    double total = 0;
    float kept = 0;
    for (int t = 0; t < threads; t++) {
        pthread_join(ids[t], NULL);
        total += jobs[t].rate;
        kept += jobs[t].kept;
    }
    printf("%s %.1f\n", name, total * 1e-9);
    if (kept == 12345.678f)
        puts("");
}

int main(int count, char **arguments)
{
    int threads = count > 1 ? atoi(arguments[1]) : 1;
    if (threads < 1 || threads > MAX_THREADS)
        return 1;
    measure("fma", 0, threads);
    measure("read_256KB", 256 << 10, threads);
    measure("read_4MB", 4 << 20, threads);
    measure("read_256MB", 256 << 20, threads);
    return 0;
}
