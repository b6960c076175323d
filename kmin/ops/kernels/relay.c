/* Single rows through kernels that follow each other, handed from thread to thread in parts. */
#include "kernels.h"

typedef struct {
    const kmin_step *steps;
    char *const *bases;
    int64_t start, shares;
} relay_row;

/* A thread without a part has nothing to wait for, either: it goes on to the next step. */
static void relay_part(const void *context, int64_t at, int64_t share, kmin_relay *relay)
{
    const relay_row *row = context;
    const kmin_step *step = &row->steps[at];
    const int64_t parts = step->parts < row->shares ? step->parts : row->shares;
    char *operands[KMIN_MAX_OPERANDS];
    if (share >= parts)
        return;
    for (int number = 0; number < step->count; number++) {
        const kmin_operand *operand = &step->operands[number];
        operands[number] = row->bases[operand->base] + operand->offset + operand->per_block + operand->per_start * row->start;
    }
    kmin_relay_wait(relay, at);
    step->part(step->params, operands, share, parts);
}

void kmin_run_relay(const kmin_step *steps, int64_t count, char *const *bases, int64_t start, kmin_team *team)
{
    const int size = kmin_team_size(team);
    const relay_row row = {steps, bases, start, size < KMIN_MAX_SHARES ? size : KMIN_MAX_SHARES};
    kmin_parallel_steps(team, relay_part, &row, count, row.shares);
}
