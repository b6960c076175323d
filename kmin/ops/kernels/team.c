/* The team: worker threads that spin for a moment after work, then sleep; safe after fork.

   A job is split into tasks. Every thread owns a range of them and takes from its front; who has none left takes from the back
   of the others' ranges. Ranges carry the number of their job, so that a thread that comes late can take nothing from the
   wrong one, and the caller waits for finished tasks, never for a thread that took none. */
#include "team.h"

#if (defined(__unix__) || defined(__APPLE__)) && !defined(__STDC_NO_ATOMICS__)

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__i386__)
#define RELAX() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define RELAX() __asm__ volatile("yield")
#else
#define RELAX() ((void)0)
#endif

/* The line of an address, wanted for reading or for writing: between cores that are far apart it takes a while. */
#define SOON(address) __builtin_prefetch(address, 0, 3)
#if defined(__x86_64__) || defined(__i386__)
#define OWN(address) __asm__ volatile("prefetchw %0" : : "m"(*(const char *)(address)))
#else
#define OWN(address) __builtin_prefetch(address, 1, 3)
#endif

enum {
    LINE = 128,
    MOST_TASKS = 0xffff,
    SPIN_NANOSECONDS = 50000,  /* how long an idle worker stays awake */
    WAKE_NANOSECONDS = 100000, /* calls of this length wake sleeping workers */
    CLOSE_NANOSECONDS = 20000, /* calls that follow each other so closely, */
    CLOSE_CALLS = 4,           /* so many times, do too */
    LATE_NANOSECONDS = 300000, /* a worker that keeps the caller waiting longer was taken off its core */
    FIRST_REST = 1000000,      /* the team then rests so long; */
    LONGEST_REST = 256000000,  /* where a worker is late again at once, twice as long each time up to this; */
    AT_ONCE = 20000000,
    REST_PER_WAIT = 4 /* and never for less than so many times what the wait took */
};

typedef struct {
    _Atomic uint64_t range; /* job << 32 | first << 16 | end */
    char apart[LINE - sizeof(uint64_t)];
} seat;

struct kmin_team {
    seat seats[KMIN_MAX_THREADS];
    _Atomic int64_t finished;
    char apart[LINE - sizeof(int64_t)];
    _Atomic int taken;   /* a call has the team */
    _Atomic int callers; /* native calls in progress, with the team or without */
    _Atomic int sleeping;
    _Atomic int64_t left; /* when the last call ended */
    _Atomic int alone;    /* a call runs that stayed on its own thread though the team was free */
    kmin_task task;
    const void *context;
    uint32_t job;
    _Atomic int threads; /* of the present call */
    _Atomic int away;    /* the workers rest; the call comes back to them when their rest is over */
    _Atomic int started; /* workers that exist */
    double nanoseconds;  /* what the present call may take */
    int cores;
    int close_calls;
    int64_t rest, resting_until, late_at;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    unsigned wakes;
};

static kmin_team the_team = {.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint64_t pack(uint32_t job, int64_t first, int64_t end)
{
    return (uint64_t)job << 32 | (uint64_t)first << 16 | (uint64_t)end;
}

/* A task of the job from the front or the back of a seat's range, or -1. */
static int64_t take(seat *from, uint32_t job, int back)
{
    uint64_t range = atomic_load_explicit(&from->range, memory_order_acquire);
    for (;;) {
        const int64_t first = range >> 16 & 0xffff, end = range & 0xffff;
        if (range >> 32 != job || first >= end)
            return -1;
        const uint64_t rest = back ? range - 1 : range + 0x10000;
        if (atomic_compare_exchange_weak_explicit(&from->range, &range, rest, memory_order_acq_rel, memory_order_acquire))
            return back ? end - 1 : first;
    }
}

/* Takes tasks of the job until none is left. The job cannot end while one is unfinished: `task` and `context` hold still. */
static void help(kmin_team *team, uint32_t job, int thread)
{
    const int threads = team->started + 1;
    int64_t done = 0, at;
    while ((at = take(&team->seats[thread], job, 0)) >= 0) {
        team->task(team->context, at, thread);
        done++;
    }
    for (int step = 1; step < threads; step++) {
        seat *other = &team->seats[(thread + step) % threads];
        while ((at = take(other, job, 1)) >= 0) {
            team->task(team->context, at, thread);
            done++;
        }
    }
    if (done)
        atomic_fetch_add_explicit(&team->finished, done, memory_order_release);
}

static void *work(void *argument)
{
    kmin_team *team = &the_team;
    const int thread = (int)(intptr_t)argument;
    int64_t idle_since = now();
    for (;;) {
        for (int turn = 0; turn < 64; turn++) {
            const uint64_t range = atomic_load_explicit(&team->seats[thread].range, memory_order_acquire);
            if ((range >> 16 & 0xffff) < (range & 0xffff)) {
                help(team, (uint32_t)(range >> 32), thread);
                idle_since = 0;
            }
            RELAX();
        }
        if (atomic_load_explicit(&team->taken, memory_order_acquire) && thread < team->threads && !team->away) {
            idle_since = 0;
            continue;
        }
        if (idle_since == 0) {
            idle_since = now();
            continue;
        }
        if (now() - idle_since < SPIN_NANOSECONDS)
            continue;
        pthread_mutex_lock(&team->mutex);
        const unsigned seen = team->wakes;
        atomic_fetch_add(&team->sleeping, 1);
        while (team->wakes == seen && (!atomic_load(&team->taken) || team->away))
            pthread_cond_wait(&team->wake, &team->mutex);
        atomic_fetch_sub(&team->sleeping, 1);
        pthread_mutex_unlock(&team->mutex);
        idle_since = 0;
    }
    return NULL;
}

/* A child of fork has the memory of the team but none of its threads. */
static void forget(void)
{
    kmin_team *team = &the_team;
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    for (int at = 0; at < KMIN_MAX_THREADS; at++)
        atomic_store(&team->seats[at].range, 0);
    atomic_store(&team->taken, 0);
    atomic_store(&team->callers, 0);
    atomic_store(&team->sleeping, 0);
    team->started = 0;
}

/* Makes sure that `workers` threads exist; called by the holder of the team. */
static void hire(kmin_team *team, int workers)
{
    static int registered = 0;
    if (!registered) {
        registered = 1;
        pthread_atfork(NULL, NULL, forget);
        team->cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    }
    if (team->started >= workers)
        return;
    sigset_t all, before;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the program's own threads */
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    while (team->started < workers) {
        pthread_t id;
        if (pthread_create(&id, &attributes, work, (void *)(intptr_t)(team->started + 1)) != 0)
            break;
        team->started++;
    }
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void wake(kmin_team *team)
{
    pthread_mutex_lock(&team->mutex);
    team->wakes++;
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
}

kmin_team *kmin_team_enter(int threads, double nanoseconds)
{
    kmin_team *team = &the_team;
    int free = 0;
    atomic_fetch_add(&team->callers, 1);
    if (threads <= 1 || !atomic_compare_exchange_strong(&team->taken, &free, 1))
        return NULL;
    if (threads > KMIN_MAX_THREADS)
        threads = KMIN_MAX_THREADS;
    const int64_t time = now();
    hire(team, threads - 1);
    team->threads = threads <= team->started ? threads : team->started + 1;
    const int close = time - atomic_load(&team->left) < CLOSE_NANOSECONDS;
    team->close_calls = close ? team->close_calls + 1 : 0;
    const int64_t rest = team->resting_until - time; /* a call that outlasts it has the workers when it is over */
    int stay = team->threads == 1 || (double)rest > nanoseconds;
    team->away = rest > 0;
    if (!stay && rest <= 0 && atomic_load(&team->sleeping) > 0) {
        if (nanoseconds >= WAKE_NANOSECONDS || team->close_calls >= CLOSE_CALLS) {
            wake(team);
        } else {
            stay = 1;
        }
    }
    if (stay) {
        atomic_store(&team->alone, 1);
        atomic_store(&team->taken, 0);
        return NULL;
    }
    team->nanoseconds = nanoseconds;
    return team;
}

void kmin_team_leave(kmin_team *team)
{
    if (team) {
        atomic_store(&team->left, now());
        atomic_store_explicit(&team->taken, 0, memory_order_release);
    } else if (atomic_load_explicit(&the_team.alone, memory_order_relaxed)) {
        atomic_store(&the_team.alone, 0);
        atomic_store(&the_team.left, now());
    }
    atomic_fetch_sub(&the_team.callers, 1);
}

int kmin_team_size(const kmin_team *team)
{
    return team ? team->threads : 1;
}

/* The tasks that workers took are not finished yet. */
static void await(kmin_team *team, int64_t tasks)
{
    int64_t since = 0;
    for (int64_t turn = 1; atomic_load_explicit(&team->finished, memory_order_acquire) < tasks; turn++) {
        RELAX();
        if (turn % 512)
            continue;
        if (since == 0)
            since = now();
        else
            sched_yield(); /* perhaps the worker waits for this core */
    }
    if (since == 0)
        return;
    const int64_t time = now();
    if ((double)(time - since) < LATE_NANOSECONDS + 2 * team->nanoseconds / (double)tasks)
        return; /* no longer than a task may take */
    team->rest = time - team->late_at < 2 * team->rest + AT_ONCE && team->rest ? 2 * team->rest : FIRST_REST;
    if (team->rest > LONGEST_REST)
        team->rest = LONGEST_REST;
    if (team->rest < REST_PER_WAIT * (time - since))
        team->rest = REST_PER_WAIT * (time - since);
    team->late_at = time;
    team->resting_until = time + team->rest;
    team->away = 1;
}

/* Threads that the call may use now: its own alone while the workers rest. */
static int present(kmin_team *team)
{
    if (!team->away)
        return team->threads;
    if (now() < team->resting_until)
        return 1;
    team->away = 0;
    if (atomic_load(&team->sleeping) > 0)
        wake(team);
    return team->threads;
}

/* Those that have a core to themselves: other calls in progress have one each. */
static int undisturbed(kmin_team *team)
{
    const int others = atomic_load_explicit(&team->callers, memory_order_relaxed) - 1, threads = present(team);
    return others > 0 && threads > team->cores - others ? team->cores - others : threads;
}

void kmin_parallel(kmin_team *team, kmin_task task, const void *context, int64_t tasks)
{
    const int threads = team && tasks > 1 ? undisturbed(team) : 1;
    if (threads <= 1 || tasks > MOST_TASKS) {
        for (int64_t at = 0; at < tasks; at++)
            task(context, at, 0);
        return;
    }
    team->task = task;
    team->context = context;
    team->job++;
    atomic_store_explicit(&team->finished, 0, memory_order_relaxed);
    for (int at = threads - 1; at >= 0; at--)
        atomic_store_explicit(&team->seats[at].range, pack(team->job, tasks * at / threads, tasks * (at + 1) / threads),
                              memory_order_release);
    help(team, team->job, 0);
    await(team, tasks);
}

/* Steps under way. What one thread writes at every step lies on a line of its own. */
typedef struct {
    struct {
        _Atomic int64_t claimed; /* steps whose piece somebody took */
        char apart[LINE - sizeof(int64_t)];
        _Atomic int64_t finished;
        char apart_too[LINE - sizeof(int64_t)];
    } shares[KMIN_MAX_SHARES];
    kmin_share task;
    const void *context;
    int64_t steps, count;
} relay_steps;

struct kmin_relay {
    relay_steps *all;
    unsigned mine;   /* shares that this thread did last, one bit each */
    int64_t present; /* that of the piece under way */
};

/* Does the piece of `step` unless somebody else took it. */
static int do_piece(kmin_relay *relay, int64_t step, int64_t at)
{
    relay_steps *all = relay->all;
    int64_t expected = step;
    if (!atomic_compare_exchange_strong_explicit(&all->shares[at].claimed, &expected, step + 1, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        relay->mine &= ~(1u << at);
        return 0;
    }
    const int64_t outer = relay->present;
    relay->mine |= 1u << at;
    relay->present = at;
    all->task(all->context, step, at, relay);
    relay->present = outer;
    atomic_store_explicit(&all->shares[at].finished, step + 1, memory_order_release);
    return 1;
}

/* Whether nobody took the piece of `step`, and it can begin. */
static int open_piece(relay_steps *all, int64_t step, int64_t at)
{
    return atomic_load_explicit(&all->shares[at].claimed, memory_order_relaxed) == step &&
           atomic_load_explicit(&all->shares[at].finished, memory_order_acquire) == step;
}

/* Waits until all pieces of `step` are finished; does those that nobody takes for a while, or at once when this thread came late
   and has no share yet. It looks at all of them in turn: who has several does the first of them first. */
static void settle(kmin_relay *relay, int64_t step)
{
    enum { AWHILE = 64, LONG = 1 << 18 };
    relay_steps *all = relay->all;
    for (int64_t turn = 1;; turn++) {
        int waiting = 0;
        for (int64_t at = all->count - 1; at >= 0; at--) {
            if (atomic_load_explicit(&all->shares[at].finished, memory_order_acquire) > step)
                continue;
            waiting = 1;
            if ((turn % AWHILE == 0 || !relay->mine) && open_piece(all, step, at))
                do_piece(relay, step, at);
        }
        if (!waiting)
            return;
        if (turn % AWHILE == 0)
            RELAX();
        if (turn % LONG == 0)
            sched_yield();
    }
}

void kmin_relay_wait(kmin_relay *relay, int64_t step)
{
    if (!relay)
        return;
    if (step > 0)
        settle(relay, step - 1);
    OWN(&relay->all->shares[relay->present].finished);
}

void kmin_relay_look(const kmin_relay *relay)
{
    if (relay)
        for (int64_t at = 0; at < relay->all->count; at++)
            if (!(relay->mine >> at & 1))
                SOON(&relay->all->shares[at].finished);
}

/* All steps: of each the pieces that this thread did in the step before. Who has none, having come late, looks for one that
   nobody takes; nobody waits but for a piece that another thread has taken. */
static void take_part(const void *context, int64_t own, int thread)
{
    kmin_relay relay = {(relay_steps *)context, 1u << own, own};
    const int64_t steps = relay.all->steps;
    (void)thread;
    for (int64_t step = 0; step < steps; step++) {
        unsigned done = 0, left;
        while ((left = relay.mine & ~done) != 0) {
            int at = 0;
            while (!(left >> at & 1))
                at++;
            done |= 1u << at;
            do_piece(&relay, step, at);
        }
        if (!relay.mine || step == steps - 1)
            settle(&relay, step);
    }
}

void kmin_parallel_steps(kmin_team *team, kmin_share task, const void *context, int64_t steps, int64_t shares)
{
    if (!team || undisturbed(team) <= 1 || shares <= 1 || shares > KMIN_MAX_SHARES) {
        for (int64_t step = 0; step < steps; step++)
            for (int64_t at = 0; at < shares; at++)
                task(context, step, at, NULL);
        return;
    }
    relay_steps all;
    all.task = task, all.context = context, all.steps = steps, all.count = shares;
    for (int64_t at = 0; at < shares; at++) {
        atomic_init(&all.shares[at].claimed, 0);
        atomic_init(&all.shares[at].finished, 0);
    }
    kmin_parallel(team, take_part, &all, shares);
}

#else /* no threads here: the caller does everything */

kmin_team *kmin_team_enter(int threads, double nanoseconds)
{
    (void)threads, (void)nanoseconds;
    return 0;
}

void kmin_team_leave(kmin_team *team)
{
    (void)team;
}

int kmin_team_size(const kmin_team *team)
{
    (void)team;
    return 1;
}

void kmin_parallel(kmin_team *team, kmin_task task, const void *context, int64_t tasks)
{
    (void)team;
    for (int64_t at = 0; at < tasks; at++)
        task(context, at, 0);
}

void kmin_parallel_steps(kmin_team *team, kmin_share task, const void *context, int64_t steps, int64_t shares)
{
    (void)team;
    for (int64_t step = 0; step < steps; step++)
        for (int64_t at = 0; at < shares; at++)
            task(context, step, at, 0);
}

void kmin_relay_wait(kmin_relay *relay, int64_t step)
{
    (void)relay, (void)step;
}

void kmin_relay_look(const kmin_relay *relay)
{
    (void)relay;
}

#endif
