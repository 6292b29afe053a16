// Kernels for selftest.cpp. They keep to what NVRTC compiles too: no headers, no host functions.

typedef unsigned int u32;
typedef unsigned long long u64;

namespace tensh {

struct Strides {
    long long shape[8], stride[8];
    int rank, total;
};

template <class T> __device__ __forceinline__ T warp_sum(T v) {
    for (int d = 16; d > 0; d >>= 1) v += __shfl_down_sync(0xffffffffu, v, d);
    return v;
}

extern "C" __global__ void __launch_bounds__(256) fused(const float *__restrict__ a, const float *b, float *out, int n, float k) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        out[i] = fmaxf(a[i] * k + b[i], 0.0f);
}

extern "C" __global__ void gather_strided(const float *a, float *out, Strides s) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= s.total) return;
    long long rest = i, at = 0;
    for (int d = s.rank - 1; d >= 0; d--) {
        at += rest % s.shape[d] * s.stride[d];
        rest /= s.shape[d];
    }
    out[i] = a[at];
}

namespace inner {
extern "C" __launch_bounds__(1024, 2) __global__ void block_sum(const float *a, float *out, int n) {
    __shared__ float part[32];
    float s = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) s += a[i];
    s = warp_sum(s);
    if (threadIdx.x % warpSize == 0) part[threadIdx.x / warpSize] = s;
    __syncthreads();
    if (threadIdx.x < 32) {
        s = threadIdx.x < blockDim.x / 32 ? part[threadIdx.x] : 0.0f;
        s = warp_sum(s);
        if (threadIdx.x == 0) atomicAdd(out, s);
    }
}
} // namespace inner

extern "C" __global__ void matmul(const float *a, const float *b, float *c, int n) {
    __shared__ float ta[16][17], tb[16][17];
    int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
    float s = 0;
    for (int k = 0; k < n; k += 16) {
        ta[threadIdx.y][threadIdx.x] = row < n && k + threadIdx.x < n ? a[row * n + k + threadIdx.x] : 0.0f;
        tb[threadIdx.y][threadIdx.x] = column < n && k + threadIdx.y < n ? b[(k + threadIdx.y) * n + column] : 0.0f;
        __syncthreads();
#pragma unroll
        for (int j = 0; j < 16; j++) s += ta[threadIdx.y][j] * tb[j][threadIdx.x];
        __syncthreads();
    }
    if (row < n && column < n) c[row * n + column] = s;
}

// Reverses each block's part through dynamic shared memory.
extern "C" __global__ void reverse_block(const double *a, double *out) {
    extern __shared__ __align__(16) unsigned char raw[];
    double *tile = reinterpret_cast<double *>(raw);
    tile[threadIdx.x] = a[blockIdx.x * blockDim.x + threadIdx.x];
    __syncthreads();
    out[blockIdx.x * blockDim.x + threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

} // namespace tensh

extern __shared__ int outside[];
extern "C" __global__ void shared_outside(int *out) {
    outside[threadIdx.x] = threadIdx.x * 3;
    __syncthreads();
    out[threadIdx.x] = outside[(threadIdx.x + 1) % blockDim.x];
}

__constant__ float table[4] = {1.0f, 2.0f, 4.0f, 8.0f};
__device__ int launches = 0;

extern "C" __global__ void globals(float *out) {
    if (threadIdx.x == 0) atomicAdd(&launches, 1);
    out[threadIdx.x] = table[threadIdx.x % 4];
}

// One number for each property of warps and barriers; out has 32 rows of blockDim.x.
extern "C" __global__ void warps(u64 *out) {
    int t = threadIdx.x, lane = t % 32, n = blockDim.x, row = 0;
    u32 all = 0xffffffffu;
#define PUT(x) out[row++ * n + t] = (u64)(x)
    PUT(__shfl_sync(all, t, 3));
    PUT(__shfl_sync(all, t, 1, 8));
    PUT(__shfl_up_sync(all, t, 2));
    PUT(__shfl_up_sync(all, t, 1, 16));
    PUT(__shfl_down_sync(all, t, 2));
    PUT(__shfl_down_sync(all, t, 3, 4));
    PUT(__shfl_xor_sync(all, t, 1));
    PUT(__shfl_xor_sync(all, t, 5, 8));
    PUT(__shfl_sync(all, t * 0x100000001ull, 31));
    PUT(__shfl_down_sync(all, (double)t * 0.5, 1) * 2.0);
    PUT(__ballot_sync(all, lane % 3 == 0));
    PUT(__any_sync(all, lane == 31));
    PUT(__all_sync(all, lane < 31));
#if __CUDA_ARCH__ >= 800
    PUT(__reduce_add_sync(all, lane));
    PUT(__reduce_max_sync(all, -lane) + 100);
#else
    row += 2;
#endif
    PUT(__match_any_sync(all, lane / 8));
    PUT(__syncthreads_count(t % 2));
    PUT(__syncthreads_and(t >= 0));
    PUT(__syncthreads_or(t == 40));
    u32 mine = lane < 16 ? 0xffffu : 0xffff0000u;
    PUT(__shfl_xor_sync(mine, t, 8));
    if (lane < 16) PUT(__ballot_sync(0xffffu, lane & 1));
    else PUT(__ballot_sync(0xffff0000u, lane & 2));
    __syncwarp();
    PUT(__activemask() >> lane & 1u);
}

// Threads past n leave before the others meet at a barrier, which a GPU allows.
extern "C" __global__ void early_leave(int *out, int n) {
    __shared__ int shared[64];
    if ((int)threadIdx.x >= n) return;
    shared[threadIdx.x] = threadIdx.x;
    __syncthreads();
    out[threadIdx.x] = shared[n - 1 - threadIdx.x];
}

extern "C" __global__ void atomics(int *i, u32 *u, u64 *l, float *f, double *d, unsigned short *h) {
    int t = blockIdx.x * blockDim.x + threadIdx.x;
    atomicAdd(i, t);
    atomicMin(i + 1, t);
    atomicMax(i + 2, t);
    atomicAdd(u, 1u);
    atomicOr(u + 1, 1u << (t & 31));
    atomicXor(u + 2, (u32)t);
    atomicAnd(u + 3, ~(u32)(t & 7));
    atomicInc(u + 4, 6u);
    atomicAdd(l, (u64)t << 32);
    atomicAdd(f, 0.5f);
    atomicAdd(d, 0.25);
    // A maximum of floats by compare-and-swap.
    int *bits = (int *)(f + 1), old = *bits, seen;
    do {
        seen = old;
        if (__int_as_float(seen) >= (float)t) break;
        old = atomicCAS(bits, seen, __float_as_int((float)t));
    } while (old != seen);
    unsigned short had = *h, was;
    do {
        was = had;
        had = atomicCAS(h, was, (unsigned short)(was + 1));
    } while (had != was);
}

extern "C" __global__ void bits(long long *out) {
    int row = 0;
#undef PUT
#define PUT(x) out[row++] = (long long)(x)
    PUT(__popc(0xf0f0u));
    PUT(__popcll(~0ull));
    PUT(__clz(1));
    PUT(__clz(0));
    PUT(__clzll(1));
    PUT(__ffs(8));
    PUT(__ffsll(0));
    PUT(__brev(1u));
    PUT(__brevll(1ull) >> 32);
    PUT(__umulhi(0xffffffffu, 0xffffffffu));
    PUT(__mulhi(-2, 0x40000000));
    PUT(__umul64hi(~0ull, ~0ull));
    PUT(__mul64hi(-1ll, 5ll));
    PUT(__byte_perm(0x33221100u, 0x77665544u, 0x7531u));
    PUT(__funnelshift_l(0x80000000u, 1u, 1u));
    PUT(__float_as_int(1.0f));
    PUT(__double_as_longlong(1.0));
    PUT(__float2int_rn(2.5f));
    PUT(__float2int_rz(-2.9f));
    PUT(__float2int_rz(1e20f));
    PUT(__double2ll_rd(-0.5));
    PUT(max(-1, 1u));
    PUT(min(3ll, 2ll));
    PUT(sizeof(float4) * 100 + alignof(float4));
    PUT(sizeof(uchar4) * 100 + alignof(double2));
    PUT(isnan(sqrtf(-1.0f)) + 2 * isinf(1.0f / 0.0f) + 4 * signbit(-0.0f));
}

extern "C" __global__ void special(double *out, double x) {
    int row = 0;
#undef PUT
#define PUT(v) out[row++] = (double)(v)
    PUT(erfinv(x));
    PUT(erfcinv(x));
    PUT(erfcx(x));
    PUT(erfcx(30.0));
    PUT(normcdf(x));
    PUT(normcdfinv(x));
    PUT(normcdfinv(1e-300));
    PUT(cyl_bessel_i0(x));
    PUT(cyl_bessel_i1(60.0));
    PUT(sinpi(x));
    PUT(cospi(x));
    PUT(cospi(0.5));
    PUT(rsqrt(x));
    PUT(rcbrt(x));
    PUT(j0(x));
    PUT(y1(x));
    PUT(lgamma(x));
    PUT(exp10(x));
    PUT(fma(x, x, -1.0));
    PUT(__fmaf_rn(2.0f, 3.0f, 1.0f) + __expf(0.0f) + rsqrtf(4.0f) + normcdff(0.0f) + sinpif(0.5f) + powf(2.0f, 3.0f));
    float s, c;
    sincospif(0.25f, &s, &c);
    PUT(s - c);
    PUT(copysign(fmod(7.5, 2.0), -1.0) + ldexp(1.0, 4) + hypot(3.0, 4.0) + remainder(5.0, 3.0) + rint(2.5) + trunc(-1.5));
}

extern "C" __global__ void vectors(const float4 *a, float4 *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        float4 v = __ldg(a + i);
        out[i] = make_float4(v.w, v.z, v.y, v.x);
    }
}

extern "C" __global__ void untouched_shared(u32 *out) {
    __shared__ u32 never[32];
    extern __shared__ u32 never_dynamic[];
    out[threadIdx.x] = never[threadIdx.x] ^ never_dynamic[threadIdx.x] ^ 0xcbcbcbcbu;
    never[threadIdx.x] = never_dynamic[threadIdx.x] = threadIdx.x;
}

// ---- kernels that go wrong -----------------------------------------------------------------------------------------
extern "C" __global__ void no_bound(float *a) { a[blockIdx.x * blockDim.x + threadIdx.x] = 1.0f; }
extern "C" __global__ void past_end(float *a, int n) { a[n + threadIdx.x] = 1.0f; }
extern "C" __global__ void null_pointer(float *a) { a[threadIdx.x] += 1.0f; }
extern "C" __global__ void shared_past_end(float *out, int n) {
    extern __shared__ float dynamic[];
    dynamic[threadIdx.x + n] = 1.0f;
    out[threadIdx.x] = dynamic[threadIdx.x];
}
extern "C" __global__ void array_past_end(float *out, int n) {
    __shared__ float fixed[8];
    fixed[threadIdx.x + n] = 1.0f;
    out[threadIdx.x] = fixed[threadIdx.x % 8];
}
extern "C" __global__ void misaligned(const float *a, float4 *out) { *out = *(const float4 *)(a + 1); }
extern "C" __global__ void two_barriers(int *out) {
    if (threadIdx.x < 16) {
        __syncthreads();
        out[threadIdx.x] = 1;
    } else {
        out[threadIdx.x] = 2;
        __syncthreads();
    }
}
extern "C" __global__ void barrier_and_shuffle(int *out) {
    int v = threadIdx.x;
    if (threadIdx.x < 8) __syncthreads();
    else v = __shfl_sync(0xffffffffu, v, 0);
    out[threadIdx.x] = v;
}
extern "C" __global__ void mask_without_self(int *out) {
    if (threadIdx.x < 20) out[threadIdx.x] = __shfl_sync(0xffffu, (int)threadIdx.x, 0);
}
extern "C" __global__ void mask_with_ended(int *out, int n) {
    if ((int)threadIdx.x >= n) return;
    out[threadIdx.x] = __shfl_down_sync(0xffffffffu, (int)threadIdx.x, 1);
}
extern "C" __global__ void bad_width(int *out) { out[threadIdx.x] = __shfl_sync(0xffffffffu, (int)threadIdx.x, 0, 12); }
extern "C" __global__ void traps(int *out) {
    if (threadIdx.x == 5) __trap();
    out[threadIdx.x] = 1;
}
extern "C" __global__ void asserts(int *out) {
    assert(threadIdx.x < 7);
    out[threadIdx.x] = 1;
}
extern "C" __global__ void deep(float *out, int n) {
    volatile float big[4096];
    for (int i = 0; i < 4096; i++) big[i] = i + n;
    out[threadIdx.x] = big[n % 4096];
}
__device__ __noinline__ float again(float x, int n) {
    volatile float local[64];
    local[n % 64] = x;
    return n <= 0 ? x : again(x + 1.0f, n - 1) + local[n % 64];
}
extern "C" __global__ void endless_recursion(float *out, int n) { out[0] = again(1.0f, n); }
extern "C" __global__ void divides(int *out, int by) { out[threadIdx.x] = 7 / by; }
extern "C" __global__ void says(int n) { printf("hello from thread %d of %d\n", (int)threadIdx.x, n); }

// Races, and their cure: each is wrong where `cured` is 0.
extern "C" __global__ void race_barrier(int *out, int cured) {
    __shared__ int all[64];
    all[threadIdx.x] = threadIdx.x;
    if (cured) __syncthreads();
    out[threadIdx.x] = all[63 - threadIdx.x];
}
extern "C" __global__ void race_warp(int *out, int cured) {
    __shared__ int all[64];
    const int lane = threadIdx.x % 32, first = threadIdx.x - lane;
    all[threadIdx.x] = lane;
    if (cured) __syncwarp();
    out[threadIdx.x] = all[first + 31 - lane];
}
extern "C" __global__ void race_again(int *out, int cured) {
    __shared__ int one;
    for (int i = 0; i < 3; i++) {
        if (threadIdx.x == 0) one = i;
        __syncthreads();
        out[blockIdx.x * 64 + threadIdx.x] = one;
        if (cured) __syncthreads();
    }
}
extern "C" __global__ void race_blocks(int *out, int cured) { out[cured ? blockIdx.x * 64 + threadIdx.x : threadIdx.x] = blockIdx.x + 1; }
extern "C" __global__ void race_same(int *out, int cured) { *out = cured ? 7 : threadIdx.x + 7; }
extern "C" __global__ void race_atomic(int *out, int cured) {
    if (cured || threadIdx.x) atomicAdd(out, 1);
    else *out += 1;
}
// The block that ends last adds up what all have written.
extern "C" __global__ void race_fence(int *out, int cured) {
    __shared__ int last;
    out[1 + blockIdx.x * blockDim.x + threadIdx.x] = 1;
    if (cured) __threadfence();
    else __threadfence_block();
    __syncthreads();
    if (threadIdx.x == 0) last = atomicAdd(out, 1) == gridDim.x - 1;
    __syncthreads();
    if (!last || threadIdx.x) return;
    int sum = 0;
    for (unsigned i = 0; i < gridDim.x * blockDim.x; i++) sum += out[1 + i];
    out[0] = sum;
}
