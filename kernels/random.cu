// Random numbers, equal to PyTorch's on CUDA: the words of Philox 4x32-10 (J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", 2011), numbers made of them with cuRAND's arithmetic, and which thread draws which element.
namespace tensh {

struct words {
    uint32_t w[4];
};

// Four words: the key is the seed; the counter's upper half is the thread's number, the lower counts the blocks that a thread draws.
__device__ __forceinline__ words philox(uint64_t seed, uint64_t thread, uint64_t block) {
    uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
    words c = {{uint32_t(block), uint32_t(block >> 32), uint32_t(thread), uint32_t(thread >> 32)}};
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const uint64_t a = uint64_t(0xd2511f53u) * c.w[0], b = uint64_t(0xcd9e8d57u) * c.w[2];
        const words next = {{uint32_t(b >> 32) ^ c.w[1] ^ k0, uint32_t(b), uint32_t(a >> 32) ^ c.w[3] ^ k1, uint32_t(a)}};
        c = next;
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
    return c;
}

// In (0, 1]. Products with a power of two are exact, so that it does not matter whether sums are fused with them.
__device__ __forceinline__ float unit(uint32_t x) {
    return float(x) * 2.3283064365386963e-10f + 1.1641532182693481e-10f;
}
__device__ __forceinline__ double unit(uint32_t x, uint32_t y) {
    const uint64_t z = uint64_t(x) ^ uint64_t(y) << 21;
    return double(z) * 1.1102230246251565e-16 + 5.5511151231257827e-17;
}

// What a block of words gives: `count` numbers of a type.
struct words32 {
    typedef uint32_t type;
    static constexpr int count = 4;
    uint32_t v[4];
    __device__ __forceinline__ words32(words c) : v{c.w[0], c.w[1], c.w[2], c.w[3]} {}
};
struct words64 {
    typedef uint64_t type;
    static constexpr int count = 2;
    uint64_t v[2];
    __device__ __forceinline__ words64(words c) : v{uint64_t(c.w[0]) << 32 | c.w[1], uint64_t(c.w[2]) << 32 | c.w[3]} {}
};
struct uniform32 {
    typedef float type;
    static constexpr int count = 4;
    float v[4];
    __device__ __forceinline__ uniform32(words c) : v{unit(c.w[0]), unit(c.w[1]), unit(c.w[2]), unit(c.w[3])} {}
};
struct uniform64 {
    typedef double type;
    static constexpr int count = 2;
    double v[2];
    __device__ __forceinline__ uniform64(words c) : v{unit(c.w[0], c.w[1]), unit(c.w[2], c.w[3])} {}
};
// By Box and Muller's method.
struct normal32 {
    typedef float type;
    static constexpr int count = 4;
    float v[4];
    __device__ __forceinline__ normal32(words c) {
        pair(c.w[0], c.w[1], v);
        pair(c.w[2], c.w[3], v + 2);
    }
    static __device__ __forceinline__ void pair(uint32_t x, uint32_t y, float* out) {
        const float angle = fma(float(y), 2.3283064365386963e-10f * 6.2831855f, 2.3283064365386963e-10f * 6.2831855f / 2);
        const float radius = sqrt(-2.0f * log(unit(x)));
        float sine, cosine;
        ::__sincosf(angle, &sine, &cosine);
        out[0] = sine * radius;
        out[1] = cosine * radius;
    }
};
struct normal64 {
    typedef double type;
    static constexpr int count = 2;
    double v[2];
    __device__ __forceinline__ normal64(words c) {
        const double angle = 2 * unit(c.w[2], c.w[3]);
        const double radius = sqrt(-2.0 * log(unit(c.w[0], c.w[1])));
        double sine, cosine;
        ::sincospi(angle, &sine, &cosine);
        v[0] = sine * radius;
        v[1] = cosine * radius;
    }
};

// Functions of uniform numbers; those of floats are the hardware's fast ones.
__device__ __forceinline__ float exponential(float u) {
    return u >= 1.0f - limits<float>::epsilon / 2 ? -limits<float>::epsilon / 2 : ::__logf(u);
}
__device__ __forceinline__ double exponential(double u) {
    return u >= 1.0 - limits<double>::epsilon / 2 ? -limits<double>::epsilon / 2 : log(u);
}
__device__ __forceinline__ float cauchy(float u, float median, float sigma) {
    const float most = 1.0f - limits<float>::epsilon, least = limits<float>::epsilon;
    u = u > most ? most : u;
    u = u < least ? least : u;
    return fma(sigma, ::__tanf(3.14159265358979323846f * (u - 0.5f)), median);
}
__device__ __forceinline__ double cauchy(double u, double median, double sigma) {
    return fma(sigma, tan(3.14159265358979323846 * (u - 0.5)), median);
}
__device__ __forceinline__ float geometric(float u, float p) {
    return ::ceilf(::__logf(u) / ::__logf(1.0f + -p));
}
__device__ __forceinline__ double geometric(double u, double p) {
    return ::ceil(log(u) / log1p(-p));
}
__device__ __forceinline__ float fast_exp(float x) {
    return ::__expf(x);
}
__device__ __forceinline__ double fast_exp(double x) {
    return exp(x);
}

// Between memory and registers, for each type of element.
template <typename S>
struct element {
    typedef S held;
    static __device__ __forceinline__ S load(S x) { return x; }
    template <typename R>
    static __device__ __forceinline__ S store(R x) { return cast<S>(x); }
};
template <>
struct element<half_t> {
    typedef float held;
    static __device__ __forceinline__ float load(half_t x) { return widen(x); }
    static __device__ __forceinline__ half_t store(float x) { return narrow_half(x); }
};
template <>
struct element<bfloat_t> {
    typedef float held;
    static __device__ __forceinline__ float load(bfloat_t x) { return widen(x); }
    static __device__ __forceinline__ bfloat_t store(float x) { return narrow_bfloat(x); }
};

// Every element of `n`: a thread's block of words goes to elements as far apart as there are threads.
template <typename Draw, typename Write>
__device__ __forceinline__ void draw_all(uint64_t n, uint64_t seed, uint64_t block, Write write) {
    const uint64_t threads = uint64_t(gridDim.x) * blockDim.x, thread = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    for (uint64_t first = thread; first < n; first += threads * Draw::count, block++) {
        const Draw draw(philox(seed, thread, block));
#pragma unroll
        for (int k = 0; k < Draw::count; k++) {
            const uint64_t i = first + threads * k;
            if (i < n) write(i, draw.v[k]);
        }
    }
}

// Dropout of elements in memory's order: a thread takes `V` neighbours at a time, and a block of words for each four of them.
template <int V, typename R, typename S>
__device__ __forceinline__ void drop_vectors(const S* in, S* out, bool* kept, uint64_t n, R p, R scale, uint64_t seed, uint64_t block) {
    struct alignas(V * sizeof(S)) vector {
        S v[V];
    };
    struct alignas(V) flags {
        bool v[V];
    };
    const uint64_t threads = uint64_t(gridDim.x) * blockDim.x, thread = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    for (uint64_t i = thread; i < n / V; i += threads) {
        const vector x = reinterpret_cast<const vector*>(in)[i];
        vector y;
        flags keep;
#pragma unroll
        for (int part = 0; part < (V + 3) / 4; part++) {
            const uniform32 u(philox(seed, thread, block++));
#pragma unroll
            for (int k = 0; k < 4 && part * 4 + k < V; k++) {
                const bool stays = u.v[k] < p;
                keep.v[part * 4 + k] = stays;
                y.v[part * 4 + k] = element<S>::store(element<S>::load(x.v[part * 4 + k]) * R(stays) * scale);
            }
        }
        reinterpret_cast<vector*>(out)[i] = y;
        if (kept) reinterpret_cast<flags*>(kept)[i] = keep;
    }
}

// The bits of keys that they are sorted by.
template <typename K, typename U>
__device__ __forceinline__ void mask_keys(const K* keys, U* out, uint64_t n, uint64_t mask, uint64_t flip) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < n) out[i] = U((uint64_t(keys[i]) & mask) ^ flip);
}

// The numbers in the order of their keys; the first thread of each run of equal keys puts that run in a random order.
template <typename U, typename S>
__device__ __forceinline__ void write_order(const U* keys, const int64_t* numbers, S* out, uint64_t n, uint64_t seed, uint64_t block) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n || (i > 0 && keys[i] == keys[i - 1])) return;
    uint64_t run = 1;
    while (i + run < n && keys[i + run] == keys[i]) run++;
    for (uint64_t k = 0; k < run; k++) out[i + k] = element<S>::store(cast<typename element<S>::held>(numbers[i + k]));
    uint64_t drawn = 0;
    words c;
    for (uint64_t k = run - 1; k > 0; k--, drawn++) {
        if (drawn % 4 == 0) c = philox(seed, i, block + drawn / 4);
        const uint64_t other = c.w[drawn % 4] % uint32_t(k + 1);
        const S moved = out[i + k];
        out[i + k] = out[i + other];
        out[i + other] = moved;
    }
}

// The sum of a value of each thread, in the order of PyTorch's blocks: 32 neighbours by halves, then their sums likewise.
template <typename R>
__device__ __forceinline__ R block_sum(R value, R* shared) {
    const uint32_t lane = threadIdx.x % 32;
    for (int level = 0; level < 2; level++) {
        shared[threadIdx.x] = value;
        __syncthreads();
        for (uint32_t offset = 16; offset > 0; offset /= 2) {
            if (lane < offset) shared[threadIdx.x] += shared[threadIdx.x + offset];
            __syncthreads();
        }
        value = threadIdx.x < blockDim.x / 32 ? shared[threadIdx.x * 32] : R(0);
        __syncthreads();
        if (level == 0 && threadIdx.x >= 32) value = R(0);
    }
    shared[threadIdx.x] = value;
    __syncthreads();
    const R sum = shared[0];
    __syncthreads();
    return sum;
}

// A row's probabilities, and their sums up to each place, the whole being 1; notes in `flag` what no probabilities are.
template <typename R, typename Load>
__device__ __forceinline__ void cumulate(const Load& load, R* shares, R* sums, uint64_t columns, uint32_t* flag) {
    __shared__ R shared[1024];
    shares += blockIdx.x * columns;
    sums += blockIdx.x * columns;
    const auto row = load.row(blockIdx.x);
    R sum = R(0);
    for (uint64_t i = threadIdx.x; i < columns; i += blockDim.x) {
        const R p = load(row, i);
        if (!(p >= R(0) && p < infinity<R>())) raise(flag);
        sum += p;
    }
    sum = block_sum(sum, shared);
    if (!(sum > R(0))) raise(flag);
    R before = R(0);
    for (uint64_t first = 0; first < columns; first += blockDim.x) {
        const uint64_t i = first + threadIdx.x;
        const R share = i < columns ? R(load(row, i)) / sum : R(0);
        if (i < columns) shares[i] = share;
        shared[threadIdx.x] = share;
        __syncthreads();
        for (uint32_t step = 1; step < blockDim.x; step *= 2) {
            const R other = threadIdx.x >= step ? shared[threadIdx.x - step] : R(0);
            __syncthreads();
            shared[threadIdx.x] += other;
            __syncthreads();
        }
        if (i < columns) sums[i] = before + shared[threadIdx.x];
        before += shared[blockDim.x - 1];
        __syncthreads();
    }
}

// A place of each row for each sample: where the sums first reach a uniform number, or the last place before it that has a share.
template <typename R>
__device__ __forceinline__ void sample(const R* shares, const R* sums, int64_t* out, uint64_t rows, uint64_t columns, uint64_t samples,
                                       uint64_t seed, uint64_t block) {
    const uint64_t at = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x, width = uint64_t(gridDim.x) * blockDim.x;
    if (at >= samples) return;
    for (uint64_t row = blockIdx.y; row < rows; row += gridDim.y, block++) {
        const R u = R(unit(philox(seed, uint32_t(blockIdx.y * width + at), block).w[0]));
        const R* sum = sums + row * columns;
        uint64_t start = 0, end = columns;
        while (start < end) {
            const uint64_t middle = start + (end - start) / 2;
            if (sum[middle] < u) {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        if (start == columns) start--;
        while (start > 0 && shares[row * columns + start] == R(0)) start--;
        out[row * samples + at] = int64_t(start);
    }
}

}  // namespace tensh
