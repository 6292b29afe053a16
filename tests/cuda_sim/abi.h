// What a compiled kernel and the simulated driver have in common.
//
// This text is read twice: by the C++ files of the driver, and (put before the kernel's own text by the
// stand-in for NVRTC) by every kernel. It must therefore include nothing.
#ifndef SIMCUDA_ABI_H
#define SIMCUDA_ABI_H

struct uint3 {
    unsigned int x, y, z;
};

struct dim3 {
    unsigned int x, y, z;
#ifdef __cplusplus
    constexpr dim3(unsigned int a = 1, unsigned int b = 1, unsigned int c = 1) : x(a), y(b), z(c) {}
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
    constexpr operator uint3() const { return uint3{x, y, z}; }
#endif
};

// Where the running thread of the kernel is. There is one for each host thread; the scheduler rewrites
// `thread` at each change of fiber.
struct sim_state {
    uint3 thread, block, block_dim, grid_dim;
    char *shared;      // the dynamic shared memory of the block
    void *worker;      // the scheduler's own data, no business of kernels
    int inside_kernel; // tells the signal handler whose fault it is
};

// Small, and in one library only: so the cheap form of thread-local access may be used.
extern "C" __attribute__((tls_model("initial-exec"))) __thread sim_state sim_me;

// Kinds of barrier: what __syncthreads and its three relatives give back.
enum { SIM_BARRIER, SIM_BARRIER_COUNT, SIM_BARRIER_AND, SIM_BARRIER_OR };

// Kinds of warp operation. All lanes that meet must have asked for the same kind.
enum {
    SIM_WARP_SYNC,
    SIM_WARP_SHFL,
    SIM_WARP_SHFL_UP,
    SIM_WARP_SHFL_DOWN,
    SIM_WARP_SHFL_XOR,
    SIM_WARP_BALLOT,
    SIM_WARP_ANY,
    SIM_WARP_ALL,
    SIM_WARP_MATCH_ANY,
    SIM_WARP_MATCH_ALL,
    SIM_WARP_ADD,
    SIM_WARP_AND,
    SIM_WARP_OR,
    SIM_WARP_XOR,
    SIM_WARP_MIN_SIGNED,
    SIM_WARP_MAX_SIGNED,
    SIM_WARP_MIN_UNSIGNED,
    SIM_WARP_MAX_UNSIGNED,
    SIM_WARP_KINDS
};

extern "C" {
unsigned int sim_barrier(int kind, int predicate, int line);
unsigned long long sim_warp(int kind, unsigned int mask, unsigned long long value, unsigned int arg, int width,
                            int line);
unsigned int sim_active_lanes();
void sim_yield();
void sim_trap(int line) __attribute__((noreturn));
void sim_assert(const char *what, const char *file, int line, const char *function) __attribute__((noreturn));
long long sim_clock();

// Special functions that libm lacks, written in double precision in math.cpp.
double sim_erfinv(double);
double sim_erfcinv(double);
double sim_erfcx(double);
double sim_normcdf(double);
double sim_normcdfinv(double);
double sim_bessel_i0(double);
double sim_bessel_i1(double);
double sim_sinpi(double);
double sim_cospi(double);
}
#endif
