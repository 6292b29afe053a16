// Finds races: two threads of a launch touch the same byte, one of them writes, and nothing puts one before the other.
//
// With SIMCUDA_RACES=1 kernels are compiled with the compiler's instrumentation for threads (-fsanitize=thread), and the
// functions that it calls at each access are these, in place of that sanitizer's own: they know barriers and warps. What comes before
// what: accesses of one thread; those of a block on both sides of __syncthreads; those of a warp on both sides of a warp operation that
// both lanes take part in; and those of another block that wrote, called __threadfence and then touched a word by an atomic
// operation (or as volatile) that this block has since read in such a way. Atomic and volatile accesses do not race with each other.
#include <cstdio>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include <dlfcn.h>

#include "sim.h"

RaceClock race_clock;

namespace {

const uint32_t warp_size = 32;

struct Access {
    uint32_t block, barrier, warp;
    uint16_t thread;
    bool volatile_or_atomic;
    void *place;
};

// Who has read a byte since it was last written.
enum Readers : uint8_t { nobody, one_thread, one_warp, one_block, several_blocks };

struct Byte {
    uint32_t launch = 0; // what is of an earlier launch counts no more
    bool written = false;
    Readers readers = nobody;
    Access write, read;
};

const uintptr_t page_bytes = 1 << 12;
struct Page {
    Byte bytes[page_bytes];
};

enum Kind { neither, shared, global };

typedef std::vector<bool> Blocks;

struct Shadow {
    std::unordered_map<uintptr_t, Page *> pages;
    uintptr_t last_number = 0;
    Page *last = nullptr;
    // Blocks whose writes whoever reads a word by an atomic operation has before it, by the word's address.
    std::unordered_map<uintptr_t, Blocks> released;
    Blocks acquired;                         // by the block that runs
    bool fenced[max_threads_per_block] = {}; // since the thread last wrote
    uint32_t block = 0, launch = 0;
    // The block of device memory that was looked at last.
    CUdeviceptr start = 0;
    size_t size = 0;
    // Writes that meet another one, with what was there: only a race if they change it, which shows when they are done.
    struct Doubt {
        uintptr_t address;
        Kind kind;
        unsigned char was;
        Access earlier, now;
    };
    std::vector<Doubt> doubts;
};

Shadow &shadow() {
    static Shadow *one = new Shadow;
    return *one;
}

void join(Blocks &into, const Blocks &from) {
    if (into.size() < from.size()) into.resize(from.size());
    for (size_t i = 0; i < from.size(); i++)
        if (from[i]) into[i] = true;
}

// Forgets what belongs to an earlier block or launch.
void follow(Shadow &s) {
    if (s.launch != race_clock.launch) {
        s.released.clear();
        s.size = 0;
    }
    if (s.launch != race_clock.launch || s.block != race_clock.block) {
        s.acquired.clear();
        memset(s.fenced, 0, sizeof s.fenced);
    }
    s.launch = race_clock.launch;
    s.block = race_clock.block;
}

Kind kind_of(Shadow &s, uintptr_t a) {
    const RaceClock &c = race_clock;
    if (a - c.stack < c.stack_bytes) return neither;
    if (a - c.dynamic < c.dynamic_bytes || a - c.statics < c.statics_bytes) return shared;
    if (a - s.start < s.size) return global;
    if (a - (uintptr_t)&sim_me < sizeof sim_me) return neither;
    int device;
    CUdeviceptr start;
    size_t size;
    if (!memory_find(a, &start, &size, &device)) return neither;
    s.start = start;
    s.size = size;
    return global;
}

Byte &byte_at(Shadow &s, uintptr_t a) {
    uintptr_t number = a / page_bytes;
    if (number != s.last_number) {
        Page *&page = s.pages[number];
        if (!page) page = new Page;
        s.last_number = number;
        s.last = page;
    }
    return s.last->bytes[a % page_bytes];
}

bool before(const Shadow &s, const Access &earlier, const Access &now) {
    if (earlier.block != now.block) return earlier.block < s.acquired.size() && s.acquired[earlier.block];
    return earlier.thread == now.thread || earlier.barrier < now.barrier ||
           (earlier.thread / warp_size == now.thread / warp_size && earlier.warp < now.warp);
}

bool all_before(const Shadow &s, const Byte &b, const Access &now) {
    const Access &r = b.read;
    switch (b.readers) {
    case nobody: return true;
    case one_thread: return before(s, r, now);
    case one_warp:
        if (r.block != now.block) return before(s, r, now);
        return r.barrier < now.barrier || (r.thread / warp_size == now.thread / warp_size && r.warp < now.warp);
    case one_block: return r.block != now.block ? before(s, r, now) : r.barrier < now.barrier;
    default: return false;
    }
}

// The line of a kernel's text, by the tools that come with the compiler.
std::string line_of(void *place) {
    Dl_info module;
    if (!dladdr(place, &module) || !module.dli_fname) return "?";
    std::string command = format("addr2line -e '%s' 0x%zx 2>/dev/null", module.dli_fname,
                                 (size_t)((char *)place - (char *)module.dli_fbase - 1));
    FILE *out = popen(command.c_str(), "r");
    char text[256] = "";
    if (out) {
        if (!fgets(text, sizeof text, out)) text[0] = 0;
        pclose(out);
    }
    text[strcspn(text, "\n")] = 0;
    const char *name = strrchr(text, '/');
    return name ? name + 1 : *text ? text : "?";
}

std::string words(const Access &a, const char *what) {
    return format("%s at %s by thread %u of block %u (barriers %u, warp operations %u)", what, line_of(a.place).c_str(),
                  (unsigned)a.thread, a.block, a.barrier, a.warp);
}

[[noreturn]] void race(uintptr_t address, Kind kind, const Access &earlier, const char *was, const Access &now,
                       const char *is) {
    std::string where = kind == shared ? "of shared memory" : memory_describe(address);
    fail(CUDA_ERROR_LAUNCH_FAILED, "race at address " + format("0x%zx ", (size_t)address) + where + ": " + words(now, is) +
                                       ", not ordered after the " + words(earlier, was));
}

void read_byte(Shadow &s, uintptr_t at, Kind kind, Byte &b, const Access &now) {
    if (b.written && (kind == global || b.write.block == now.block) && !before(s, b.write, now) &&
        !(b.write.volatile_or_atomic && now.volatile_or_atomic))
        race(at, kind, b.write, "write", now, "read");
    Access &r = b.read;
    if (b.readers == nobody || (kind == shared && r.block != now.block) || all_before(s, b, now)) {
        b.readers = one_thread;
    } else if (r.block != now.block) {
        b.readers = several_blocks;
    } else if (b.readers < one_block && r.thread != now.thread) {
        b.readers = r.thread / warp_size == now.thread / warp_size ? one_warp : one_block;
    }
    bool strong = b.readers == one_thread ? now.volatile_or_atomic : r.volatile_or_atomic && now.volatile_or_atomic;
    r = now;
    r.volatile_or_atomic = strong;
}

void write_byte(Shadow &s, uintptr_t at, Kind kind, Byte &b, const Access &now) {
    bool mine = kind == global || b.write.block == now.block;
    if (b.written && mine && !before(s, b.write, now) && !(b.write.volatile_or_atomic && now.volatile_or_atomic)) {
        s.doubts.push_back({at, kind, *(unsigned char *)at, b.write, now});
    }
    if (b.readers && (kind == global || b.read.block == now.block) && !all_before(s, b, now) &&
        !(b.read.volatile_or_atomic && now.volatile_or_atomic))
        race(at, kind, b.read, "read", now, "write");
    b.written = true;
    b.readers = nobody;
    b.write = now;
}

// The writes that were in doubt have been done by now.
void settle(Shadow &s) {
    if (s.doubts.empty()) return;
    std::vector<Shadow::Doubt> doubts;
    doubts.swap(s.doubts);
    for (const Shadow::Doubt &d : doubts)
        if (*(unsigned char *)d.address != d.was) race(d.address, d.kind, d.earlier, "write", d.now, "write");
}

enum How { plain, strong };

void touched(void *address, size_t bytes, bool writes, How how, void *place) {
    if (!sim_me.inside_kernel) return;
    Shadow &s = shadow();
    settle(s);
    follow(s);
    uintptr_t a = (uintptr_t)address;
    Kind kind = kind_of(s, a);
    if (kind == neither) return;
    const RaceClock &c = race_clock;
    Access now = {c.block, c.barrier, c.warp[c.thread], (uint16_t)c.thread, how == strong, place};
    for (uintptr_t at = a; at < a + bytes; at++) {
        Byte &b = byte_at(s, at);
        if (b.launch != c.launch) {
            b.launch = c.launch;
            b.written = false;
            b.readers = nobody;
        }
        if (writes) write_byte(s, at, kind, b, now);
        else read_byte(s, at, kind, b, now);
    }
    if (kind == global && writes && how == plain) s.fenced[c.thread] = false;
}

// What an atomic or volatile access does to the order of blocks.
void synchronises(void *address, bool writes, bool reads) {
    Shadow &s = shadow();
    if (!sim_me.inside_kernel || kind_of(s, (uintptr_t)address) != global) return;
    Blocks &word = s.released[(uintptr_t)address];
    if (reads) join(s.acquired, word);
    if (writes && s.fenced[race_clock.thread]) {
        join(word, s.acquired);
        if (word.size() <= race_clock.block) word.resize(race_clock.block + 1);
        word[race_clock.block] = true;
    }
}

void volatile_access(void *address, size_t bytes, bool writes, void *place) {
    touched(address, bytes, writes, strong, place);
    synchronises(address, writes, !writes);
}

void atomic_access(void *address, size_t bytes, bool writes, void *place) {
    touched(address, bytes, writes, strong, place);
    synchronises(address, writes, true);
}

} // namespace

void races_settle() {
    if (sim_me.inside_kernel) settle(shadow());
}

bool races_wanted() {
    static bool yes = setting("SIMCUDA_RACES", 0) != 0;
    return yes;
}

// ---- what instrumented code calls ------------------------------------------------------------------------------------
#define HERE __builtin_return_address(0)

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_read_range(void *a, unsigned long n) { touched(a, n, false, plain, HERE); }
void __tsan_write_range(void *a, unsigned long n) { touched(a, n, true, plain, HERE); }

#define SIM_ACCESSES(n)                                                                                         \
    void __tsan_read##n(void *a) { touched(a, n, false, plain, HERE); }                                         \
    void __tsan_write##n(void *a) { touched(a, n, true, plain, HERE); }                                         \
    void __tsan_unaligned_read##n(void *a) { touched(a, n, false, plain, HERE); }                               \
    void __tsan_unaligned_write##n(void *a) { touched(a, n, true, plain, HERE); }                               \
    void __tsan_volatile_read##n(void *a) { volatile_access(a, n, false, HERE); }                               \
    void __tsan_volatile_write##n(void *a) { volatile_access(a, n, true, HERE); }                               \
    void __tsan_unaligned_volatile_read##n(void *a) { volatile_access(a, n, false, HERE); }                     \
    void __tsan_unaligned_volatile_write##n(void *a) { volatile_access(a, n, true, HERE); }
SIM_ACCESSES(1)
SIM_ACCESSES(2)
SIM_ACCESSES(4)
SIM_ACCESSES(8)
SIM_ACCESSES(16)

// The device's fence is the strongest order; a block's fence orders nothing between blocks.
void __tsan_atomic_thread_fence(int order) {
    if (sim_me.inside_kernel && order == __ATOMIC_SEQ_CST) {
        follow(shadow());
        shadow().fenced[race_clock.thread] = true;
    }
}
void __tsan_atomic_signal_fence(int) {}

#define SIM_UPDATE(bits, T, name)                                                                               \
    T __tsan_atomic##bits##_##name(T *a, T v, int) {                                                            \
        atomic_access(a, sizeof *a, true, HERE);                                                                \
        return __atomic_##name(a, v, __ATOMIC_SEQ_CST);                                                         \
    }
#define SIM_ATOMICS(bits, T)                                                                                    \
    T __tsan_atomic##bits##_load(const T *a, int) {                                                             \
        atomic_access((void *)a, sizeof *a, false, HERE);                                                       \
        return __atomic_load_n(a, __ATOMIC_SEQ_CST);                                                            \
    }                                                                                                           \
    void __tsan_atomic##bits##_store(T *a, T v, int) {                                                          \
        atomic_access(a, sizeof *a, true, HERE);                                                                \
        __atomic_store_n(a, v, __ATOMIC_SEQ_CST);                                                               \
    }                                                                                                           \
    T __tsan_atomic##bits##_exchange(T *a, T v, int) {                                                          \
        atomic_access(a, sizeof *a, true, HERE);                                                                \
        return __atomic_exchange_n(a, v, __ATOMIC_SEQ_CST);                                                     \
    }                                                                                                           \
    int __tsan_atomic##bits##_compare_exchange_strong(T *a, T *expected, T v, int, int) {                       \
        atomic_access(a, sizeof *a, true, HERE);                                                                \
        return __atomic_compare_exchange_n(a, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);          \
    }                                                                                                           \
    int __tsan_atomic##bits##_compare_exchange_weak(T *a, T *expected, T v, int, int) {                         \
        atomic_access(a, sizeof *a, true, HERE);                                                                \
        return __atomic_compare_exchange_n(a, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);          \
    }                                                                                                           \
    SIM_UPDATE(bits, T, fetch_add)                                                                              \
    SIM_UPDATE(bits, T, fetch_sub)                                                                              \
    SIM_UPDATE(bits, T, fetch_and)                                                                              \
    SIM_UPDATE(bits, T, fetch_or)                                                                               \
    SIM_UPDATE(bits, T, fetch_xor)
SIM_ATOMICS(8, unsigned char)
SIM_ATOMICS(16, unsigned short)
SIM_ATOMICS(32, unsigned int)
SIM_ATOMICS(64, unsigned long)

} // extern "C"
