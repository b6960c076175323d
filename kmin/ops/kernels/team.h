/* Team: the threads of this process that share the work of one native call. */
#ifndef KMIN_TEAM_H
#define KMIN_TEAM_H

#include <stdint.h>

typedef struct kmin_team kmin_team;

/* One of several independent pieces of work. Pieces run in any order, each exactly once; `thread` numbers the thread that
   runs it, from 0 to kmin_team_size() - 1, so that it can have scratch memory of its own. */
typedef void (*kmin_task)(const void *context, int64_t task, int thread);

enum { KMIN_MAX_THREADS = 64 };

/* Runs tasks 0 .. tasks - 1 and returns when all are finished. Without a team the caller runs them itself. The split must not
   depend on the number of threads, or results would. Not to be called from inside a task. */
void kmin_parallel(kmin_team *team, kmin_task task, const void *context, int64_t tasks);

/* Steps under way, as one thread sees them. */
typedef struct kmin_relay kmin_relay;

/* A share of one of several steps. */
typedef void (*kmin_share)(const void *context, int64_t step, int64_t share, kmin_relay *relay);

enum { KMIN_MAX_SHARES = 8 };

/* Runs `steps` steps one after the other, each cut into `shares` pieces. A piece begins when that of the same share of the step
   before is finished, and may wait for the other shares' with kmin_relay_wait. Much cheaper than one kmin_parallel for every
   step. `shares` must not depend on the number of threads where results depend on them. */
void kmin_parallel_steps(kmin_team *team, kmin_share task, const void *context, int64_t steps, int64_t shares);

/* Returns when all pieces of the steps before `step` are finished; for the piece of that step that calls it. */
void kmin_relay_wait(kmin_relay *relay, int64_t step);

/* To be called a moment before: whether the others have finished is on its way meanwhile. */
void kmin_relay_look(const kmin_relay *relay);

/* Most threads that tasks of this team may run on; 1 for NULL. */
int kmin_team_size(const kmin_team *team);

/* The process's one team for a call of about `nanoseconds` on at most `threads` threads, or NULL when the call had better
   stay on its own thread: another call has the team, its threads sleep and are not worth waking, or they came late before.
   Every enter is followed by a leave, also after NULL. */
kmin_team *kmin_team_enter(int threads, double nanoseconds);
void kmin_team_leave(kmin_team *team);

#endif
