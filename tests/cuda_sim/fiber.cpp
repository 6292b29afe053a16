// Runs kernels: the threads of a block are fibers of one host thread, which change places only at barriers and
// warp operations. A thread that ends hands its stack to the next one that has not begun, so a kernel without
// barriers runs as one plain loop over its threads.
#include <csetjmp>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "sim.h"
#include "stack_switch.h"

__thread sim_state sim_me;

namespace {

const int lanes = 32;
const int warps = max_threads_per_block / lanes;
const size_t stack_bytes = 128 * 1024; // of address space; only touched pages cost memory
const size_t shared_room = 256 * 1024;
const size_t shared_guard = 1 << 20;
const size_t page = 4096;

// ---- the state of one host thread that runs blocks -----------------------------------------------------------------
struct Fiber {
    Place place;
    char *stack;  // with a page before it that faults, so that an overflow is seen
    int thread;   // which thread of the block it runs
};

// What a thread asked for when it began to wait. Only meaningful while it waits.
struct Waiting {
    Fiber *fiber;
    int kind, line, width;
    unsigned mask, arg;
    unsigned long long value, result;
};

struct Worker {
    const Launch *launch;
    Place scheduler;
    std::vector<Fiber *> all;
    std::vector<Fiber *> idle;
    Fiber *fiber;                                // the one that runs
    Fiber *ready[max_threads_per_block];         // a ring of fibers that may go on
    unsigned ready_first, ready_count;
    int threads, begun, live;
    uint3 next_thread;
    Waiting waiting[max_threads_per_block];
    uint3 position[max_threads_per_block];
    unsigned exists[warps], ended[warps], in_warp_operation[warps];
    // The barrier of the block.
    int arrived, barrier_kind, barrier_line;
    unsigned count, barrier_result;
    bool all_true, any_true;
    Fiber *at_barrier[max_threads_per_block];
    // How a kernel that went wrong gets back to run_blocks.
    sigjmp_buf escape;
    CUresult failure;
    std::string reason;
    uintptr_t fault_address;
    int fault_signal, fault_code;
    char *shared_area;
};

Worker *worker() { return (Worker *)sim_me.worker; }

const char *warp_kind_name(int kind) {
    static const char *names[SIM_WARP_KINDS] = {
        "__syncwarp",      "__shfl_sync",       "__shfl_up_sync",    "__shfl_down_sync", "__shfl_xor_sync",
        "__ballot_sync",   "__any_sync",        "__all_sync",        "__match_any_sync", "__match_all_sync",
        "__reduce_add_sync", "__reduce_and_sync", "__reduce_or_sync", "__reduce_xor_sync", "__reduce_min_sync",
        "__reduce_max_sync", "__reduce_min_sync", "__reduce_max_sync"};
    return names[kind];
}

// ---- the scheduler ---------------------------------------------------------------------------------------------------
void put_ready(Worker *w, Fiber *f) {
    w->ready[(w->ready_first + w->ready_count++) % max_threads_per_block] = f;
}

void become(Worker *w, Fiber *f) {
    w->fiber = f;
    sim_me.thread = w->position[f->thread];
    if (races_wanted()) {
        race_clock.thread = f->thread;
        race_clock.stack = (uintptr_t)f->stack;
    }
}

bool reverse_order() {
    static bool yes = setting("SIMCUDA_REVERSE", 0) != 0;
    return yes;
}

// Lets the fiber begin a thread that has not run yet.
void begin_thread(Worker *w, Fiber *f) {
    int t = w->begun++;
    uint3 size = w->launch->block;
    if (reverse_order()) {
        t = w->threads - 1 - t;
        w->next_thread = {t % size.x, t / size.x % size.y, t / size.x / size.y};
    }
    f->thread = t;
    w->position[t] = w->next_thread;
    if (++w->next_thread.x == size.x) {
        w->next_thread.x = 0;
        if (++w->next_thread.y == size.y) w->next_thread.y = 0, w->next_thread.z++;
    }
    become(w, f);
}

void release_barrier(Worker *w) {
    w->barrier_result = w->barrier_kind == SIM_BARRIER_COUNT ? w->count
                        : w->barrier_kind == SIM_BARRIER_AND ? w->all_true
                                                             : w->any_true;
    for (int i = 0; i < w->arrived; i++) put_ready(w, w->at_barrier[i]);
    w->arrived = 0;
    race_clock.barrier++;
}

// The value that a lane reads by a shuffle. `there` are the lanes that take part.
unsigned long long shuffled(Worker *w, int warp, int lane, unsigned there) {
    Waiting &me = w->waiting[warp * lanes + lane];
    int base = lane & ~(me.width - 1), from = lane;
    switch (me.kind) {
    case SIM_WARP_SHFL: from = base | (me.arg & (me.width - 1)); break;
    case SIM_WARP_SHFL_UP: if (me.arg <= (unsigned)(lane - base)) from = lane - me.arg; break;
    case SIM_WARP_SHFL_DOWN: if (me.arg < (unsigned)(base + me.width - lane)) from = lane + me.arg; break;
    case SIM_WARP_SHFL_XOR: if ((int)(lane ^ (me.arg & 31)) < base + me.width) from = lane ^ (me.arg & 31); break;
    }
    // A lane that takes no part gives an undefined value; make it a striking one.
    if (!(there >> from & 1)) return 0x0101010101010101ull * poison_byte;
    return w->waiting[warp * lanes + from].value;
}

void warp_results(Worker *w, int warp, unsigned there) {
    Waiting *at = w->waiting + warp * lanes;
    int first = __builtin_ctz(there), kind = at[first].kind;
    if (kind >= SIM_WARP_SHFL && kind <= SIM_WARP_SHFL_XOR) {
        for (int i = 0; i < lanes; i++)
            if (there >> i & 1) at[i].result = shuffled(w, warp, i, there);
        return;
    }
    unsigned votes = 0;
    unsigned long long total = at[first].value;
    bool same = true;
    for (int i = 0; i < lanes; i++) {
        if (!(there >> i & 1)) continue;
        unsigned long long v = at[i].value;
        if (v) votes |= 1u << i;
        if (v != at[first].value) same = false;
        if (i == first) continue;
        switch (kind) {
        case SIM_WARP_ADD: total = (unsigned)(total + v); break;
        case SIM_WARP_AND: total &= v; break;
        case SIM_WARP_OR: total |= v; break;
        case SIM_WARP_XOR: total ^= v; break;
        case SIM_WARP_MIN_SIGNED: if ((int)v < (int)total) total = v; break;
        case SIM_WARP_MAX_SIGNED: if ((int)v > (int)total) total = v; break;
        case SIM_WARP_MIN_UNSIGNED: if (v < total) total = v; break;
        case SIM_WARP_MAX_UNSIGNED: if (v > total) total = v; break;
        }
    }
    if (kind == SIM_WARP_BALLOT) total = votes;
    if (kind == SIM_WARP_ANY) total = votes != 0;
    if (kind == SIM_WARP_ALL) total = votes == there;
    if (kind == SIM_WARP_MATCH_ALL) total = same ? there : 0;
    for (int i = 0; i < lanes; i++) {
        if (!(there >> i & 1)) continue;
        at[i].result = total;
        if (kind != SIM_WARP_MATCH_ANY) continue;
        unsigned alike = 0;
        for (int j = 0; j < lanes; j++)
            if ((there >> j & 1) && at[j].value == at[i].value) alike |= 1u << j;
        at[i].result = alike;
    }
}

// What lanes did before a warp operation comes before what they do after it.
void meet(int warp, unsigned there) {
    unsigned *met = race_clock.warp + warp * lanes, last = 0;
    for (int i = 0; i < lanes; i++)
        if ((there >> i & 1) && met[i] > last) last = met[i];
    for (int i = 0; i < lanes; i++)
        if (there >> i & 1) met[i] = last + 1;
}

// If all lanes that `mask` names have come, gives them their results and lets them go on, except `self`, which
// is running (-1: nobody). Lanes that have ended are not waited for, as on a GPU.
bool try_warp(Worker *w, int warp, int kind, unsigned mask, int self) {
    unsigned there = mask & w->exists[warp] & ~w->ended[warp];
    if (!there || (w->in_warp_operation[warp] & there) != there) return false;
    Waiting *at = w->waiting + warp * lanes;
    for (int i = 0; i < lanes; i++)
        if ((there >> i & 1) && (at[i].kind != kind || at[i].mask != mask)) return false;
    unsigned gone = mask & w->ended[warp];
    if (gone && kind >= SIM_WARP_SHFL && kind <= SIM_WARP_SHFL_XOR)
        fail(CUDA_ERROR_LAUNCH_FAILED,
             format("%s at line %d: the mask 0x%08x names lane %d, whose thread has ended", warp_kind_name(kind),
                    at[__builtin_ctz(there)].line, mask, __builtin_ctz(gone)));
    warp_results(w, warp, there);
    if (races_wanted()) meet(warp, there);
    w->in_warp_operation[warp] &= ~there;
    for (int i = 0; i < lanes; i++)
        if ((there >> i & 1) && i != self) put_ready(w, at[i].fiber);
    return true;
}

// Nothing can go on although threads are left: says who waits for what.
[[noreturn]] void deadlock(Worker *w) {
    std::string text = format("deadlock: %d of %d threads of a block are left, and all of them wait", w->live, w->threads);
    if (w->arrived) text += format("; %d in __syncthreads at line %d", w->arrived, w->barrier_line);
    int told = 0;
    for (int warp = 0; warp < warps && told < 4; warp++) {
        unsigned rest = w->in_warp_operation[warp];
        while (rest && told < 4) {
            Waiting &one = w->waiting[warp * lanes + __builtin_ctz(rest)];
            unsigned alike = 0;
            for (int i = 0; i < lanes; i++) {
                Waiting &other = w->waiting[warp * lanes + i];
                if ((rest >> i & 1) && other.kind == one.kind && other.mask == one.mask && other.line == one.line)
                    alike |= 1u << i;
            }
            text += format("; lanes 0x%08x of warp %d in %s at line %d with mask 0x%08x", alike, warp,
                           warp_kind_name(one.kind), one.line, one.mask);
            rest &= ~alike;
            told++;
        }
    }
    fail(CUDA_ERROR_LAUNCH_FAILED, text);
}

Fiber *idle_fiber(Worker *w);

// The running fiber waits: another one goes on, or a thread that has not begun does.
void wait(Worker *w) {
    Fiber *me = w->fiber, *next;
    if (w->ready_count) {
        next = w->ready[w->ready_first];
        w->ready_first = (w->ready_first + 1) % max_threads_per_block;
        w->ready_count--;
        if (next != me) become(w, next);
    } else if (w->begun < w->threads) {
        next = idle_fiber(w);
        begin_thread(w, next);
    } else {
        deadlock(w);
    }
    if (next != me) switch_place(&me->place, &next->place);
    become(w, me);
}

// What each fiber does: threads, one after the other, for ever. Where there is nothing left to begin it lies
// idle, and starts from here again when it is wanted.
void fiber_main() {
    Worker *w = worker();
    Fiber *me = w->fiber;
    for (;;) {
        w->launch->entry(w->launch->arguments);
        int warp = me->thread / lanes;
        w->ended[warp] |= 1u << me->thread % lanes;
        w->live--;
        // It may have been the last one that others waited for.
        for (int i = 0; i < lanes && w->in_warp_operation[warp] >> i; i++) {
            Waiting &one = w->waiting[warp * lanes + i];
            if (w->in_warp_operation[warp] >> i & 1) try_warp(w, warp, one.kind, one.mask, -1);
        }
        if (w->arrived && w->arrived == w->live) release_barrier(w);
        if (w->ready_count) {
            w->idle.push_back(me);
            wait(w);
        } else if (w->begun < w->threads) {
            begin_thread(w, me);
        } else if (w->live) {
            deadlock(w);
        } else {
            w->idle.push_back(me);
            switch_place(&me->place, &w->scheduler);
        }
    }
}

Fiber *idle_fiber(Worker *w) {
    if (w->idle.empty()) {
        char *area = (char *)mmap(nullptr, page + stack_bytes, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (area == MAP_FAILED) fail(CUDA_ERROR_OUT_OF_MEMORY, "no memory for the stack of one more thread");
        mprotect(area, page, PROT_NONE);
        Fiber *f = new Fiber;
        f->stack = area + page;
        make_place(&f->place, f->stack, stack_bytes, fiber_main);
        w->all.push_back(f);
        return f;
    }
    Fiber *f = w->idle.back();
    w->idle.pop_back();
    return f;
}

// ---- running the blocks of a launch --------------------------------------------------------------------------------
// After a failure, or on another host thread, no fiber may go on from where it stood.
void forget_fibers(Worker *w) {
    w->idle = w->all;
    for (Fiber *f : w->all) make_place(&f->place, f->stack, stack_bytes, fiber_main);
}

// Where the loader keeps this host thread's copy of the module's __shared__ variables.
extern "C" void *loader_lookup(void *) __asm__("__tls_get_addr");
void *statics_of_this_thread(size_t module) {
    size_t where[2] = {module, 0};
    return loader_lookup(where);
}

void run_block(Worker *w, uint3 block) {
    const Launch &l = *w->launch;
    w->begun = 0;
    w->live = w->threads;
    w->next_thread = {0, 0, 0};
    w->arrived = 0;
    w->ready_count = 0;
    for (int i = 0; i * lanes < w->threads; i++) {
        int left = w->threads - i * lanes;
        w->exists[i] = left >= lanes ? 0xffffffffu : (1u << left) - 1;
        w->ended[i] = w->in_warp_operation[i] = 0;
    }
    // Shared memory begins with nothing that one could rely on.
    if (l.shared_bytes) memset(sim_me.shared, poison_byte, l.shared_bytes);
    if (l.statics_bytes) memset(statics_of_this_thread(l.statics_module), poison_byte, l.statics_bytes);
    sim_me.block = block;
    if (races_wanted()) {
        race_clock.block = block.x + l.grid.x * (block.y + l.grid.y * block.z);
        race_clock.barrier = 0;
        memset(race_clock.warp, 0, sizeof race_clock.warp);
        race_clock.stack_bytes = stack_bytes;
        race_clock.dynamic = (uintptr_t)sim_me.shared;
        race_clock.dynamic_bytes = l.shared_bytes;
        race_clock.statics = l.statics_bytes ? (uintptr_t)statics_of_this_thread(l.statics_module) : 0;
        race_clock.statics_bytes = l.statics_bytes;
    }
    Fiber *f = idle_fiber(w);
    begin_thread(w, f);
    switch_place(&w->scheduler, &f->place);
    if (races_wanted()) races_settle();
}

// What a signal in a kernel means on a GPU.
void judge_signal(Worker *w) {
    uintptr_t a = w->fault_address, shared_end = (uintptr_t)w->shared_area + shared_room;
    w->failure = CUDA_ERROR_LAUNCH_FAILED;
    if (w->fault_signal == SIGFPE) {
        w->reason = "a whole number divided by zero (a GPU would give an undefined value)";
    } else if (w->fault_signal == SIGILL) {
        w->reason = "illegal instruction: a place that should never be reached";
    } else if (w->fault_code == 128) { // SI_KERNEL: the processor named no address
        w->failure = CUDA_ERROR_MISALIGNED_ADDRESS;
        w->reason = "misaligned or impossible address";
    } else if (w->fiber && a + page >= (uintptr_t)w->fiber->stack && a < (uintptr_t)w->fiber->stack) {
        w->failure = CUDA_ERROR_HARDWARE_STACK_ERROR;
        w->reason = "stack overflow of a thread";
    } else if (a >= shared_end && a < shared_end + shared_guard) {
        w->failure = CUDA_ERROR_ILLEGAL_ADDRESS;
        w->reason = format("illegal address: past the end of the %zu bytes of dynamic shared memory",
                           w->launch->shared_bytes);
    } else {
        w->failure = CUDA_ERROR_ILLEGAL_ADDRESS;
        w->reason = format("illegal address 0x%zx: %s", (size_t)a, memory_describe(a).c_str());
    }
}

struct Progress {
    std::atomic<unsigned long long> next{0};
    std::atomic<bool> stop{false};
    std::atomic<CUresult> failure{CUDA_SUCCESS};
};

void run_blocks(Worker *w, const Launch &l, Progress &progress) {
    unsigned long long total = (unsigned long long)l.grid.x * l.grid.y * l.grid.z;
    w->launch = &l;
    w->threads = (int)(l.block.x * l.block.y * l.block.z);
    w->fiber = nullptr;
    // At the very end of its area, so that touching what lies behind it faults.
    sim_me.shared = w->shared_area + shared_room - (l.shared_bytes + 15) / 16 * 16;
    sim_me.block_dim = l.block;
    sim_me.grid_dim = l.grid;
    sim_me.worker = w;
    int how = sigsetjmp(w->escape, 0);
    if (how == 0) {
        sim_me.inside_kernel = 1;
        while (!progress.stop.load(std::memory_order_relaxed)) {
            unsigned long long i = progress.next.fetch_add(1, std::memory_order_relaxed);
            if (i >= total) break;
            if (reverse_order()) i = total - 1 - i;
            run_block(w, {(unsigned)(i % l.grid.x), (unsigned)(i / l.grid.x % l.grid.y),
                          (unsigned)(i / l.grid.x / l.grid.y)});
        }
        sim_me.inside_kernel = 0;
    } else {
        sim_me.inside_kernel = 0;
        if (how == 2) judge_signal(w);
        uint3 b = sim_me.block, t = sim_me.thread;
        complain("kernel %s, block (%u,%u,%u), thread (%u,%u,%u): %s", l.name, b.x, b.y, b.z, t.x, t.y, t.z,
                 w->reason.c_str());
        forget_fibers(w);
        progress.failure = w->failure;
        progress.stop = true;
    }
}

// ---- signals ---------------------------------------------------------------------------------------------------------
const int fault_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
struct sigaction earlier[4];

void on_fault(int signal, siginfo_t *info, void *machine) {
    if (sim_me.inside_kernel) {
        Worker *w = worker();
        w->fault_signal = signal;
        w->fault_code = info->si_code;
        w->fault_address = (uintptr_t)info->si_addr;
        siglongjmp(w->escape, 2);
    }
    // Not ours: whoever looked after this signal before does so still.
    for (int i = 0; i < 4; i++) {
        if (fault_signals[i] != signal) continue;
        if (earlier[i].sa_flags & SA_SIGINFO) return earlier[i].sa_sigaction(signal, info, machine);
        if (earlier[i].sa_handler != SIG_DFL && earlier[i].sa_handler != SIG_IGN) return earlier[i].sa_handler(signal);
        sigaction(signal, &earlier[i], nullptr); // it comes again, and ends the process
    }
}

// The handler must not run on a fiber's stack, which may be just what overflowed.
struct SignalStack {
    char *area = nullptr;
    SignalStack() {
        stack_t now;
        if (sigaltstack(nullptr, &now) == 0 && !(now.ss_flags & SS_DISABLE)) return;
        area = (char *)malloc(64 * 1024);
        stack_t own = {};
        own.ss_sp = area;
        own.ss_size = 64 * 1024;
        sigaltstack(&own, nullptr);
    }
    ~SignalStack() {
        if (!area) return;
        stack_t none = {};
        none.ss_flags = SS_DISABLE;
        sigaltstack(&none, nullptr);
        free(area);
    }
};

Worker *new_worker() {
    Worker *w = new Worker;
    w->fiber = nullptr;
    w->ready_first = w->ready_count = 0;
    w->shared_area = (char *)mmap(nullptr, shared_room + shared_guard, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mprotect(w->shared_area + shared_room, shared_guard, PROT_NONE);
    return w;
}
} // namespace

std::string format(const char *text, ...) {
    char out[768];
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(out, sizeof out, text, arguments);
    va_end(arguments);
    return out;
}

void fail(CUresult why, const std::string &reason) {
    worker()->failure = why;
    worker()->reason = reason;
    siglongjmp(worker()->escape, 1);
}

void install_fault_handlers() {
    struct sigaction mine = {};
    mine.sa_sigaction = on_fault;
    mine.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER; // it leaves by a jump, so nothing may stay blocked
    for (int i = 0; i < 4; i++) sigaction(fault_signals[i], &mine, &earlier[i]);
}

CUresult run_kernel(const Launch &l) {
    // The caller holds the driver's lock: one launch at a time, so the workers can be kept for the next one.
    static std::vector<Worker *> *workers = new std::vector<Worker *>;
    static std::thread::id last;
    static thread_local SignalStack stack;
    (void)stack.area;
    static size_t wanted = races_wanted() ? 1 : (size_t)setting("SIMCUDA_THREADS", 1);
    unsigned long long blocks = (unsigned long long)l.grid.x * l.grid.y * l.grid.z;
    unsigned long long work = blocks * l.block.x * l.block.y * l.block.z;
    size_t n = work < 4096 ? 1 : wanted < 1 ? 1 : wanted > 64 ? 64 : wanted;
    if (n > blocks) n = blocks;
    while (workers->size() < n) workers->push_back(new_worker());
    // A fiber remembers where the thread-local variables of its host thread are.
    if (last != std::this_thread::get_id()) forget_fibers((*workers)[0]);
    last = std::this_thread::get_id();
    race_clock.launch++;
    Progress progress;
    std::vector<std::thread> helpers;
    for (size_t i = 1; i < n; i++) {
        Worker *w = (*workers)[i];
        helpers.emplace_back([w, &l, &progress] {
            SignalStack own;
            forget_fibers(w);
            run_blocks(w, l, progress);
        });
    }
    run_blocks((*workers)[0], l, progress);
    for (std::thread &t : helpers) t.join();
    fflush(stdout); // what the kernel printed
    return progress.failure;
}

// ---- what kernels call -----------------------------------------------------------------------------------------------
extern "C" {

unsigned int sim_barrier(int kind, int predicate, int line) {
    Worker *w = worker();
    if (w->arrived == 0) {
        w->barrier_kind = kind;
        w->barrier_line = line;
        w->count = 0;
        w->all_true = true;
        w->any_true = false;
    } else if (w->barrier_line != line || w->barrier_kind != kind) {
        fail(CUDA_ERROR_LAUNCH_FAILED,
             format("deadlock: threads of one block wait at two barriers, at line %d and line %d", w->barrier_line, line));
    }
    w->count += predicate != 0;
    w->all_true = w->all_true && predicate;
    w->any_true = w->any_true || predicate;
    if (w->arrived + 1 == w->live) {
        // The last one: it lets the others go, and goes on itself.
        release_barrier(w);
    } else {
        w->at_barrier[w->arrived++] = w->fiber;
        wait(w);
    }
    return w->barrier_result;
}

unsigned long long sim_warp(int kind, unsigned int mask, unsigned long long value, unsigned int arg, int width,
                            int line) {
    Worker *w = worker();
    int thread = w->fiber->thread, warp = thread / lanes, lane = thread % lanes;
    if (!(mask >> lane & 1))
        fail(CUDA_ERROR_LAUNCH_FAILED, format("%s at line %d: the mask 0x%08x does not name the calling lane %d",
                                              warp_kind_name(kind), line, mask, lane));
    if (width < 1 || width > lanes || (width & (width - 1)))
        fail(CUDA_ERROR_LAUNCH_FAILED, format("%s at line %d: the width %d is not a power of two from 1 to 32",
                                              warp_kind_name(kind), line, width));
    w->waiting[thread] = {w->fiber, kind, line, width, mask, arg, value, 0};
    w->in_warp_operation[warp] |= 1u << lane;
    if (!try_warp(w, warp, kind, mask, lane)) wait(w);
    return w->waiting[thread].result;
}

unsigned int sim_active_lanes() {
    Worker *w = worker();
    int warp = w->fiber->thread / lanes;
    return w->exists[warp] & ~w->ended[warp];
}

void sim_yield() {
    Worker *w = worker();
    put_ready(w, w->fiber);
    wait(w);
}

} // extern "C"
