// The language that a kernel finds around itself: what the CUDA compiler and NVRTC give without an include,
// written for a host compiler. Math functions are in device_math.h. The stand-in for NVRTC itself replaces
// the words __global__, __launch_bounds__ and __shared__ in the kernel's text, so they are not defined here.

#define __device__
#define __host__
#define __constant__
#define __managed__
#define __grid_constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __inline_hint__
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __attribute__((aligned(n)))
#define __nv_pure__ __attribute__((pure))
#define __restrict__ __restrict

#define threadIdx (*(const uint3 *)&sim_me.thread)
#define blockIdx (*(const uint3 *)&sim_me.block)
#define blockDim (*(const dim3 *)&sim_me.block_dim)
#define gridDim (*(const dim3 *)&sim_me.grid_dim)
static const int warpSize = 32;

// Always inlined: such functions must cost nothing even at -O1, and the line number that a default argument
// takes must be the caller's.
#define SIM_FN static inline __attribute__((always_inline))
#define SIM_LINE int sim_line = __builtin_LINE()

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;

// ---- vector types ----------------------------------------------------------------------------------------
// The alignments are CUDA's: an access of 8 or 16 bytes at once must be aligned to that.
#define SIM_VECTORS(T, name, align2, align4)                                                                   \
    struct name##1 { T x; };                                                                                   \
    struct __attribute__((aligned(align2))) name##2 { T x, y; };                                               \
    struct name##3 { T x, y, z; };                                                                             \
    struct __attribute__((aligned(align4))) name##4 { T x, y, z, w; };                                         \
    SIM_FN name##1 make_##name##1(T x) { return name##1{x}; }                                                  \
    SIM_FN name##2 make_##name##2(T x, T y) { return name##2{x, y}; }                                          \
    SIM_FN name##3 make_##name##3(T x, T y, T z) { return name##3{x, y, z}; }                                  \
    SIM_FN name##4 make_##name##4(T x, T y, T z, T w) { return name##4{x, y, z, w}; }
SIM_VECTORS(signed char, char, 2, 4)
SIM_VECTORS(unsigned char, uchar, 2, 4)
SIM_VECTORS(short, short, 4, 8)
SIM_VECTORS(unsigned short, ushort, 4, 8)
SIM_VECTORS(int, int, 8, 16)
SIM_VECTORS(long, long, 16, 16)
SIM_VECTORS(unsigned long, ulong, 16, 16)
SIM_VECTORS(long long, longlong, 16, 16)
SIM_VECTORS(unsigned long long, ulonglong, 16, 16)
SIM_VECTORS(float, float, 8, 16)
SIM_VECTORS(double, double, 16, 16)
// CUDA 13's names for vectors of four 8-byte numbers, that say how they are aligned.
#define SIM_WIDE(T, name)                                                                                      \
    struct __attribute__((aligned(16))) name##4_16a { T x, y, z, w; };                                         \
    struct __attribute__((aligned(32))) name##4_32a { T x, y, z, w; };                                         \
    SIM_FN name##4_16a make_##name##4_16a(T x, T y, T z, T w) { return name##4_16a{x, y, z, w}; }              \
    SIM_FN name##4_32a make_##name##4_32a(T x, T y, T z, T w) { return name##4_32a{x, y, z, w}; }
SIM_WIDE(long, long)
SIM_WIDE(unsigned long, ulong)
SIM_WIDE(long long, longlong)
SIM_WIDE(unsigned long long, ulonglong)
SIM_WIDE(double, double)
struct uint1 { unsigned int x; };
struct __attribute__((aligned(8))) uint2 { unsigned int x, y; };
struct __attribute__((aligned(16))) uint4 { unsigned int x, y, z, w; };
SIM_FN uint1 make_uint1(unsigned int x) { return uint1{x}; }
SIM_FN uint2 make_uint2(unsigned int x, unsigned int y) { return uint2{x, y}; }
SIM_FN uint3 make_uint3(unsigned int x, unsigned int y, unsigned int z) { return uint3{x, y, z}; }
SIM_FN uint4 make_uint4(unsigned int x, unsigned int y, unsigned int z, unsigned int w) { return uint4{x, y, z, w}; }

// ---- barriers --------------------------------------------------------------------------------------------
SIM_FN void __syncthreads(SIM_LINE) { sim_barrier(SIM_BARRIER, 0, sim_line); }
SIM_FN int __syncthreads_count(int p, SIM_LINE) { return sim_barrier(SIM_BARRIER_COUNT, p, sim_line); }
SIM_FN int __syncthreads_and(int p, SIM_LINE) { return sim_barrier(SIM_BARRIER_AND, p, sim_line); }
SIM_FN int __syncthreads_or(int p, SIM_LINE) { return sim_barrier(SIM_BARRIER_OR, p, sim_line); }
SIM_FN void __syncwarp(unsigned int mask = 0xffffffffu, SIM_LINE) { sim_warp(SIM_WARP_SYNC, mask, 0, 0, 32, sim_line); }
SIM_FN void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
SIM_FN void __threadfence_block() { __atomic_thread_fence(__ATOMIC_ACQ_REL); }
SIM_FN void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
SIM_FN void __nanosleep(unsigned int) { sim_yield(); }
SIM_FN void __trap(SIM_LINE) { sim_trap(sim_line); }
SIM_FN void __brkpt(SIM_LINE) { sim_trap(sim_line); }
#define __assertfail(what, file, line, function, size) sim_assert(what, file, line, function)
#ifdef NDEBUG
#define assert(x) ((void)0)
#else
#define assert(x) ((x) ? (void)0 : sim_assert(#x, __FILE__, __LINE__, __func__))
#endif
extern "C" int printf(const char *, ...);
SIM_FN long long clock64() { return sim_clock(); }
typedef long clock_t;
SIM_FN clock_t clock() { return (clock_t)sim_clock(); }
SIM_FN void *memcpy(void *to, const void *from, size_t n) { return __builtin_memcpy(to, from, n); }
SIM_FN void *memmove(void *to, const void *from, size_t n) { return __builtin_memmove(to, from, n); }
SIM_FN void *memset(void *to, int byte, size_t n) { return __builtin_memset(to, byte, n); }

// ---- warp operations -------------------------------------------------------------------------------------
template <class T> SIM_FN unsigned long long sim_to_bits(T v) {
    unsigned long long bits = 0;
    __builtin_memcpy(&bits, &v, sizeof v);
    return bits;
}
template <class T> SIM_FN T sim_from_bits(unsigned long long bits) {
    T v;
    __builtin_memcpy(&v, &bits, sizeof v);
    return v;
}
// The types are CUDA's own list: a short or a bool goes through int, as there.
#define SIM_SHUFFLES(T)                                                                                        \
    SIM_FN T __shfl_sync(unsigned int mask, T v, int lane, int width = 32, SIM_LINE) {                         \
        return sim_from_bits<T>(sim_warp(SIM_WARP_SHFL, mask, sim_to_bits(v), lane, width, sim_line));         \
    }                                                                                                          \
    SIM_FN T __shfl_up_sync(unsigned int mask, T v, unsigned int d, int width = 32, SIM_LINE) {                \
        return sim_from_bits<T>(sim_warp(SIM_WARP_SHFL_UP, mask, sim_to_bits(v), d, width, sim_line));         \
    }                                                                                                          \
    SIM_FN T __shfl_down_sync(unsigned int mask, T v, unsigned int d, int width = 32, SIM_LINE) {              \
        return sim_from_bits<T>(sim_warp(SIM_WARP_SHFL_DOWN, mask, sim_to_bits(v), d, width, sim_line));       \
    }                                                                                                          \
    SIM_FN T __shfl_xor_sync(unsigned int mask, T v, int x, int width = 32, SIM_LINE) {                        \
        return sim_from_bits<T>(sim_warp(SIM_WARP_SHFL_XOR, mask, sim_to_bits(v), x, width, sim_line));        \
    }                                                                                                          \
    SIM_FN unsigned int __match_any_sync(unsigned int mask, T v, SIM_LINE) {                                   \
        return (unsigned int)sim_warp(SIM_WARP_MATCH_ANY, mask, sim_to_bits(v), 0, 32, sim_line);              \
    }                                                                                                          \
    SIM_FN unsigned int __match_all_sync(unsigned int mask, T v, int *same, SIM_LINE) {                        \
        unsigned int r = (unsigned int)sim_warp(SIM_WARP_MATCH_ALL, mask, sim_to_bits(v), 0, 32, sim_line);    \
        *same = r != 0;                                                                                        \
        return r;                                                                                              \
    }
SIM_SHUFFLES(int)
SIM_SHUFFLES(unsigned int)
SIM_SHUFFLES(long)
SIM_SHUFFLES(unsigned long)
SIM_SHUFFLES(long long)
SIM_SHUFFLES(unsigned long long)
SIM_SHUFFLES(float)
SIM_SHUFFLES(double)
SIM_FN unsigned int __ballot_sync(unsigned int mask, int p, SIM_LINE) {
    return (unsigned int)sim_warp(SIM_WARP_BALLOT, mask, p != 0, 0, 32, sim_line);
}
SIM_FN int __any_sync(unsigned int mask, int p, SIM_LINE) {
    return (int)sim_warp(SIM_WARP_ANY, mask, p != 0, 0, 32, sim_line);
}
SIM_FN int __all_sync(unsigned int mask, int p, SIM_LINE) {
    return (int)sim_warp(SIM_WARP_ALL, mask, p != 0, 0, 32, sim_line);
}
SIM_FN unsigned int __activemask() { return sim_active_lanes(); }
#define SIM_WARP_REDUCE(name, T, kind)                                                                         \
    SIM_FN T name(unsigned int mask, T v, SIM_LINE) { return (T)sim_warp(kind, mask, (unsigned int)v, 0, 32, sim_line); }
#if __CUDA_ARCH__ >= 800 // as with NVRTC
SIM_WARP_REDUCE(__reduce_add_sync, int, SIM_WARP_ADD)
SIM_WARP_REDUCE(__reduce_add_sync, unsigned int, SIM_WARP_ADD)
SIM_WARP_REDUCE(__reduce_min_sync, int, SIM_WARP_MIN_SIGNED)
SIM_WARP_REDUCE(__reduce_min_sync, unsigned int, SIM_WARP_MIN_UNSIGNED)
SIM_WARP_REDUCE(__reduce_max_sync, int, SIM_WARP_MAX_SIGNED)
SIM_WARP_REDUCE(__reduce_max_sync, unsigned int, SIM_WARP_MAX_UNSIGNED)
SIM_WARP_REDUCE(__reduce_and_sync, unsigned int, SIM_WARP_AND)
SIM_WARP_REDUCE(__reduce_or_sync, unsigned int, SIM_WARP_OR)
SIM_WARP_REDUCE(__reduce_xor_sync, unsigned int, SIM_WARP_XOR)
#endif

// ---- atomics ---------------------------------------------------------------------------------------------
// Real ones, since blocks may run on several host threads. The overloads are CUDA's: there is no atomicAdd
// for long long, for one, and a kernel that needs it must cast there as well.
template <class T, class F> SIM_FN T sim_update(T *p, F f) {
    T old = __atomic_load_n(p, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(p, &old, f(old), true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {}
    return old;
}
#define SIM_ATOMIC_SIMPLE(name, T, builtin)                                                                    \
    SIM_FN T name(T *p, T v) { return builtin(p, v, __ATOMIC_SEQ_CST); }
#define SIM_ATOMIC_INTEGER(T)                                                                                  \
    SIM_ATOMIC_SIMPLE(atomicAdd, T, __atomic_fetch_add)                                                        \
    SIM_ATOMIC_SIMPLE(atomicExch, T, __atomic_exchange_n)                                                      \
    SIM_ATOMIC_SIMPLE(atomicAnd, T, __atomic_fetch_and)                                                        \
    SIM_ATOMIC_SIMPLE(atomicOr, T, __atomic_fetch_or)                                                          \
    SIM_ATOMIC_SIMPLE(atomicXor, T, __atomic_fetch_xor)
SIM_ATOMIC_INTEGER(int)
SIM_ATOMIC_INTEGER(unsigned int)
SIM_ATOMIC_INTEGER(unsigned long long)
SIM_ATOMIC_SIMPLE(atomicAnd, long long, __atomic_fetch_and)
SIM_ATOMIC_SIMPLE(atomicOr, long long, __atomic_fetch_or)
SIM_ATOMIC_SIMPLE(atomicXor, long long, __atomic_fetch_xor)
SIM_ATOMIC_SIMPLE(atomicSub, int, __atomic_fetch_sub)
SIM_ATOMIC_SIMPLE(atomicSub, unsigned int, __atomic_fetch_sub)
#define SIM_ATOMIC_MINMAX(T)                                                                                   \
    SIM_FN T atomicMin(T *p, T v) { return sim_update(p, [v](T o) { return v < o ? v : o; }); }                \
    SIM_FN T atomicMax(T *p, T v) { return sim_update(p, [v](T o) { return v > o ? v : o; }); }
SIM_ATOMIC_MINMAX(int)
SIM_ATOMIC_MINMAX(unsigned int)
SIM_ATOMIC_MINMAX(long long)
SIM_ATOMIC_MINMAX(unsigned long long)
#define SIM_ATOMIC_CAS(T)                                                                                      \
    SIM_FN T atomicCAS(T *p, T expected, T v) {                                                                \
        __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);               \
        return expected;                                                                                       \
    }
SIM_ATOMIC_CAS(int)
SIM_ATOMIC_CAS(unsigned int)
SIM_ATOMIC_CAS(unsigned long long)
SIM_ATOMIC_CAS(unsigned short)
SIM_FN unsigned int atomicInc(unsigned int *p, unsigned int top) {
    return sim_update(p, [top](unsigned int o) { return o >= top ? 0u : o + 1; });
}
SIM_FN unsigned int atomicDec(unsigned int *p, unsigned int top) {
    return sim_update(p, [top](unsigned int o) { return o == 0 || o > top ? top : o - 1; });
}
SIM_FN float atomicAdd(float *p, float v) {
    unsigned int old = sim_update((unsigned int *)p, [v](unsigned int o) {
        return (unsigned int)sim_to_bits(sim_from_bits<float>(o) + v);
    });
    return sim_from_bits<float>(old);
}
SIM_FN double atomicAdd(double *p, double v) {
    unsigned long long old = sim_update((unsigned long long *)p, [v](unsigned long long o) {
        return sim_to_bits(sim_from_bits<double>(o) + v);
    });
    return sim_from_bits<double>(old);
}
SIM_FN float atomicExch(float *p, float v) {
    return sim_from_bits<float>(atomicExch((unsigned int *)p, (unsigned int)sim_to_bits(v)));
}

// ---- loads and stores with a cache hint: the hint is nothing here ------------------------------------------
#define SIM_LOAD(name) template <class T> SIM_FN T name(const T *p) { return *p; }
#define SIM_STORE(name) template <class T> SIM_FN void name(T *p, T v) { *p = v; }
SIM_LOAD(__ldg) SIM_LOAD(__ldca) SIM_LOAD(__ldcg) SIM_LOAD(__ldcs) SIM_LOAD(__ldlu) SIM_LOAD(__ldcv)
SIM_STORE(__stwb) SIM_STORE(__stcg) SIM_STORE(__stcs) SIM_STORE(__stwt)

// ---- bits ------------------------------------------------------------------------------------------------
SIM_FN int __popc(unsigned int x) { return __builtin_popcount(x); }
SIM_FN int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
SIM_FN int __clz(int x) { return x ? __builtin_clz(x) : 32; }
SIM_FN int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
SIM_FN int __ffs(int x) { return __builtin_ffs(x); }
SIM_FN int __ffsll(long long x) { return __builtin_ffsll(x); }
SIM_FN unsigned int __brev(unsigned int x) {
    unsigned int r = 0;
    for (int i = 0; i < 32; i++) r |= (x >> i & 1u) << (31 - i);
    return r;
}
SIM_FN unsigned long long __brevll(unsigned long long x) {
    return (unsigned long long)__brev((unsigned int)x) << 32 | __brev((unsigned int)(x >> 32));
}
SIM_FN unsigned int __byte_perm(unsigned int a, unsigned int b, unsigned int s) {
    unsigned long long both = (unsigned long long)b << 32 | a;
    unsigned int r = 0;
    for (int i = 0; i < 4; i++) r |= (unsigned int)(both >> (8 * (s >> (4 * i) & 7)) & 255) << (8 * i);
    return r;
}
SIM_FN unsigned int __funnelshift_l(unsigned int low, unsigned int high, unsigned int n) {
    return (unsigned int)(((unsigned long long)high << 32 | low) << (n & 31) >> 32);
}
SIM_FN unsigned int __funnelshift_r(unsigned int low, unsigned int high, unsigned int n) {
    return (unsigned int)(((unsigned long long)high << 32 | low) >> (n & 31));
}
SIM_FN unsigned int __umulhi(unsigned int a, unsigned int b) { return (unsigned int)((unsigned long long)a * b >> 32); }
SIM_FN int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
SIM_FN unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
SIM_FN long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
SIM_FN int __mul24(int a, int b) { return (int)((unsigned int)(a << 8 >> 8) * (unsigned int)(b << 8 >> 8)); }
SIM_FN unsigned int __umul24(unsigned int a, unsigned int b) { return (a & 0xffffffu) * (b & 0xffffffu); }
SIM_FN unsigned int __sad(int a, int b, unsigned int c) { return (a > b ? (unsigned int)a - b : (unsigned int)b - a) + c; }
SIM_FN unsigned int __usad(unsigned int a, unsigned int b, unsigned int c) { return (a > b ? a - b : b - a) + c; }
SIM_FN int __hadd(int a, int b) { return (int)(((long long)a + b) >> 1); }
SIM_FN int __rhadd(int a, int b) { return (int)(((long long)a + b + 1) >> 1); }
SIM_FN unsigned int __uhadd(unsigned int a, unsigned int b) { return (unsigned int)(((unsigned long long)a + b) >> 1); }
SIM_FN unsigned int __urhadd(unsigned int a, unsigned int b) { return (unsigned int)(((unsigned long long)a + b + 1) >> 1); }
SIM_FN int __float_as_int(float x) { return (int)sim_to_bits(x); }
SIM_FN unsigned int __float_as_uint(float x) { return (unsigned int)sim_to_bits(x); }
SIM_FN float __int_as_float(int x) { return sim_from_bits<float>((unsigned int)x); }
SIM_FN float __uint_as_float(unsigned int x) { return sim_from_bits<float>(x); }
SIM_FN long long __double_as_longlong(double x) { return (long long)sim_to_bits(x); }
SIM_FN double __longlong_as_double(long long x) { return sim_from_bits<double>((unsigned long long)x); }
SIM_FN int __double2hiint(double x) { return (int)(sim_to_bits(x) >> 32); }
SIM_FN int __double2loint(double x) { return (int)sim_to_bits(x); }
SIM_FN double __hiloint2double(int high, int low) {
    return sim_from_bits<double>((unsigned long long)(unsigned int)high << 32 | (unsigned int)low);
}

// ---- how a launch gets at its arguments --------------------------------------------------------------------
// A launch gives one pointer to each argument; the types come from the kernel itself.
template <unsigned long... I> struct sim_indices {};
template <class... A, unsigned long... I>
SIM_FN void sim_apply(void (*kernel)(A...), void **p, sim_indices<I...>) { kernel(*(A *)p[I]...); }
template <class... A> SIM_FN void sim_call(void (*kernel)(A...), void **p) {
    sim_apply(kernel, p, sim_indices<__integer_pack(sizeof...(A))...>());
}
// Which of the arguments are pointers, as a mask: the driver looks whether they lead to device memory.
template <class T> struct sim_is_pointer { static const bool value = false; };
template <class T> struct sim_is_pointer<T *> { static const bool value = true; };
template <class... A> SIM_FN unsigned long long sim_pointers(void (*)(A...)) {
    unsigned long long mask = 0, bit = 1;
    ((mask |= sim_is_pointer<A>::value ? bit : 0, bit <<= 1), ...);
    return mask;
}
// The first argument of __launch_bounds__: how many threads a block may have at most.
SIM_FN int sim_first(int a = 1024, int = 0, int = 0) { return a; }
