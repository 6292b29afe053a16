// A stand-in for cuFFT: plain Fourier transforms over the simulated device's memory, with sums in long double. As
// cublas.cpp it lies next to libcuda.so and uses a few of its functions. Stricter than the real one: a transform
// from complex to real numbers always leaves rubbish in its input, which that is allowed to do.
#include <cmath>
#include <cstdint>
#include <cstring>

#include <map>
#include <numeric>
#include <vector>

#include "library.h"

typedef long double Real;
struct Complex {
    Real re, im;
};

enum {
    CUFFT_SUCCESS = 0,
    CUFFT_INVALID_PLAN = 1,
    CUFFT_INVALID_TYPE = 3,
    CUFFT_INVALID_VALUE = 4,
    CUFFT_EXEC_FAILED = 6,
    CUFFT_SETUP_FAILED = 7,
    CUFFT_INVALID_SIZE = 8,
    CUFFT_UNALIGNED_DATA = 9,
};

enum Type { C2C = 41, R2C = 42, C2R = 44, Z2Z = 105, D2Z = 106, Z2D = 108 };

namespace {

// One side of a transform: sizes of the memory that it lies in, steps between numbers and between transforms.
struct Side {
    std::vector<long long> embed;
    long long stride, apart;
};

struct Plan {
    void *stream = nullptr;
    int type = 0; // none before it is made
    std::vector<long long> n;
    Side in, out;
    long long batch = 0;
};

std::map<int, Plan> &plans() {
    static auto *all = new std::map<int, Plan>;
    return *all;
}

int last_plan = 0;

bool is_double(int type) { return type > 100; }
bool from_real(int type) { return type == R2C || type == D2Z; }
bool to_real(int type) { return type == C2R || type == Z2D; }

// e^(2 pi i t / n), exact at the quarters and alike in all eighths.
Complex turn(long long t, long long n) {
    t = (t % n + n) % n;
    if (8 * t > 4 * n) {
        Complex z = turn(n - t, n);
        return {z.re, -z.im};
    }
    if (8 * t > 2 * n) {
        Complex z = turn(n - 2 * t, 2 * n); // half a turn less t
        return {-z.re, z.im};
    }
    if (8 * t > n) {
        Complex z = turn(n - 4 * t, 4 * n); // a quarter less t
        return {z.im, z.re};
    }
    const Real angle = 2 * 3.14159265358979323846264338327950288L * (Real)t / (Real)n;
    return {std::cos(angle), std::sin(angle)};
}

// The transform of every `step`th of n numbers, by the factors of n.
void transform(const Complex *in, long long step, long long n, const std::vector<Complex> &turns, Complex *out) {
    if (n == 1) {
        out[0] = in[0];
        return;
    }
    long long p = 2;
    while (n % p && p * p <= n) p++;
    if (n % p) p = n;
    const long long m = n / p, whole = (long long)turns.size();
    std::vector<Complex> parts((size_t)n);
    for (long long r = 0; r < p; r++) transform(in + r * step, step * p, m, turns, &parts[(size_t)(r * m)]);
    for (long long k = 0; k < n; k++) {
        Complex sum = parts[(size_t)(k % m)];
        for (long long r = 1; r < p; r++) {
            const Complex z = parts[(size_t)(r * m + k % m)], w = turns[(size_t)(r * k % n * (whole / n))];
            sum.re += z.re * w.re - z.im * w.im;
            sum.im += z.re * w.im + z.im * w.re;
        }
        out[k] = sum;
    }
}

// Rows of n numbers along one dimension of a block of numbers.
void along(std::vector<Complex> &block, const std::vector<long long> &sizes, size_t dim, int sign) {
    const long long n = sizes[dim];
    long long inner = 1;
    for (size_t d = dim + 1; d < sizes.size(); d++) inner *= sizes[d];
    std::vector<Complex> turns((size_t)n), row((size_t)n), done((size_t)n);
    for (long long t = 0; t < n; t++) turns[(size_t)t] = turn(sign * t, n);
    for (long long first = 0; first < (long long)block.size(); first++) {
        if (first / inner % n) continue;
        for (long long k = 0; k < n; k++) row[(size_t)k] = block[(size_t)(first + k * inner)];
        transform(row.data(), 1, n, turns, done.data());
        for (long long k = 0; k < n; k++) block[(size_t)(first + k * inner)] = done[(size_t)k];
    }
}

// Where number i of a block of these sizes lies, counted from the transform's first.
long long place(const Side &side, const std::vector<long long> &sizes, long long i) {
    long long at = 0, step = 1;
    for (size_t d = sizes.size(); d-- > 0; i /= sizes[d], step *= side.embed[d]) at += i % sizes[d] * step;
    return at * side.stride;
}

Real number(const void *p, bool wide, long long i) { return wide ? ((const double *)p)[i] : ((const float *)p)[i]; }

void put(void *p, bool wide, long long i, Real v) {
    if (wide) ((double *)p)[i] = (double)v;
    else ((float *)p)[i] = (float)v;
}

long long product(const std::vector<long long> &sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), 1LL, [](long long a, long long b) { return a * b; });
}

std::vector<long long> half(std::vector<long long> n) {
    n.back() = n.back() / 2 + 1;
    return n;
}

std::vector<long long> in_sizes(const Plan &p) { return to_real(p.type) ? half(p.n) : p.n; }
std::vector<long long> out_sizes(const Plan &p) { return from_real(p.type) ? half(p.n) : p.n; }

// The whole signal from the first half of its last dimension, each number the conjugate of that at the opposite place.
std::vector<Complex> whole(const std::vector<Complex> &part, const std::vector<long long> &n) {
    const auto sizes = half(n);
    std::vector<Complex> out((size_t)product(n));
    for (size_t i = 0; i < out.size(); i++) {
        const long long k = (long long)i % n.back();
        const bool mirrored = k >= sizes.back();
        long long rest = (long long)i / n.back(), at = mirrored ? n.back() - k : k, step = sizes.back();
        for (size_t d = n.size() - 1; d-- > 0; rest /= n[d], step *= n[d])
            at += (mirrored ? (n[d] - rest % n[d]) % n[d] : rest % n[d]) * step;
        out[i] = part[(size_t)at];
        if (mirrored) out[i].im = -out[i].im;
    }
    return out;
}

void run(const Plan &p, void *in, void *out, int sign) {
    const bool wide = is_double(p.type);
    const auto sizes = in_sizes(p), results = out_sizes(p);
    std::vector<std::vector<Complex>> blocks;
    for (long long b = 0; b < p.batch; b++) {
        std::vector<Complex> block((size_t)product(sizes));
        for (size_t i = 0; i < block.size(); i++) {
            const long long at = b * p.in.apart + place(p.in, sizes, (long long)i);
            if (from_real(p.type)) block[i] = {number(in, wide, at), 0};
            else block[i] = {number(in, wide, 2 * at), number(in, wide, 2 * at + 1)};
        }
        blocks.push_back(std::move(block));
    }
    if (to_real(p.type)) {
        for (long long b = 0; b < p.batch; b++)
            for (long long i = 0; i < product(sizes); i++)
                for (int part = 0; part < 2; part++)
                    put(in, wide, 2 * (b * p.in.apart + place(p.in, sizes, i)) + part, NAN);
    }
    for (long long b = 0; b < p.batch; b++) {
        auto block = to_real(p.type) ? whole(blocks[(size_t)b], p.n) : std::move(blocks[(size_t)b]);
        for (size_t d = p.n.size(); d-- > 0;) along(block, p.n, d, sign);
        for (long long i = 0; i < product(results); i++) {
            const long long k = i % results.back(), row = i / results.back();
            Complex z = block[(size_t)(row * p.n.back() + k)];
            // The ends of a real signal's transform are real.
            if (from_real(p.type) && p.n.size() == 1 && 2 * k % p.n.back() == 0) z.im = 0;
            const long long at = b * p.out.apart + place(p.out, results, i);
            if (to_real(p.type)) {
                put(out, wide, at, z.re);
            } else {
                put(out, wide, 2 * at, z.re);
                put(out, wide, 2 * at + 1, z.im);
            }
        }
    }
}

size_t bytes(const Plan &p, const Side &side, const std::vector<long long> &sizes, bool real) {
    const long long last = (p.batch - 1) * side.apart + place(side, sizes, product(sizes) - 1);
    return (size_t)(last + 1) * (real ? 1 : 2) * (is_double(p.type) ? 8 : 4);
}

int execute(int handle, int type, void *in, void *out, int sign) {
    auto found = plans().find(handle);
    if (found == plans().end() || found->second.type == 0) return CUFFT_INVALID_PLAN;
    const Plan &p = found->second;
    if (p.type != type) return CUFFT_INVALID_TYPE;
    if (sign != 1 && sign != -1) return CUFFT_INVALID_VALUE;
    const uintptr_t aligned = is_double(type) ? 16 : 8;
    if ((uintptr_t)in % aligned || (uintptr_t)out % aligned) return CUFFT_UNALIGNED_DATA;
    if (sim_enter()) return CUFFT_EXEC_FAILED;
    const bool fine = !sim_check_stream(p.stream) &&
                      sim_check((unsigned long long)in, bytes(p, p.in, in_sizes(p), from_real(type)), "cufft, input") &&
                      sim_check((unsigned long long)out, bytes(p, p.out, out_sizes(p), to_real(type)), "cufft, output");
    if (fine) run(p, in, out, sign);
    sim_leave();
    return fine ? CUFFT_SUCCESS : CUFFT_EXEC_FAILED;
}

template <class I>
int make(int handle, int rank, const I *n, const I *in_embed, I in_stride, I in_apart, const I *out_embed, I out_stride,
         I out_apart, int type, I batch, size_t *work) {
    auto found = plans().find(handle);
    if (found == plans().end() || found->second.type) return CUFFT_INVALID_PLAN;
    if (type != C2C && type != R2C && type != C2R && type != Z2Z && type != D2Z && type != Z2D) return CUFFT_INVALID_TYPE;
    if (rank < 1 || rank > 3 || !n) return CUFFT_INVALID_VALUE;
    Plan p;
    p.type = type, p.batch = batch, p.n.assign(n, n + rank), p.stream = found->second.stream;
    for (long long size : p.n)
        if (size < 2) return CUFFT_INVALID_SIZE; // a length of one is not promised to work
    if (batch < 1) return CUFFT_INVALID_SIZE;
    // Without sizes of the memory the numbers lie one behind the other.
    auto side = [&](const I *embed, I stride, I apart, const std::vector<long long> &sizes) {
        if (!in_embed || !out_embed) return Side{sizes, 1, product(sizes)};
        return Side{{embed, embed + rank}, stride, apart};
    };
    p.in = side(in_embed, in_stride, in_apart, in_sizes(p));
    p.out = side(out_embed, out_stride, out_apart, out_sizes(p));
    for (const Side *s : {&p.in, &p.out})
        if (s->stride < 1 || (batch > 1 && s->apart < 1)) return CUFFT_INVALID_VALUE;
    for (int d = 1; d < rank; d++)
        if (p.in.embed[(size_t)d] < in_sizes(p)[(size_t)d] || p.out.embed[(size_t)d] < out_sizes(p)[(size_t)d])
            return CUFFT_INVALID_SIZE;
    found->second = p;
    if (work) *work = 0;
    return CUFFT_SUCCESS;
}

} // namespace

extern "C" {

int cufftCreate(int *plan) {
    if (sim_enter()) return CUFFT_SETUP_FAILED;
    plans()[++last_plan];
    *plan = last_plan;
    sim_leave();
    return CUFFT_SUCCESS;
}

int cufftDestroy(int plan) { return plans().erase(plan) ? CUFFT_SUCCESS : CUFFT_INVALID_PLAN; }

int cufftMakePlanMany64(int plan, int rank, long long *n, long long *in_embed, long long in_stride, long long in_apart,
                        long long *out_embed, long long out_stride, long long out_apart, int type, long long batch, size_t *work) {
    return make(plan, rank, n, in_embed, in_stride, in_apart, out_embed, out_stride, out_apart, type, batch, work);
}

int cufftMakePlanMany(int plan, int rank, int *n, int *in_embed, int in_stride, int in_apart, int *out_embed, int out_stride,
                      int out_apart, int type, int batch, size_t *work) {
    return make(plan, rank, n, in_embed, in_stride, in_apart, out_embed, out_stride, out_apart, type, batch, work);
}

int cufftMakePlan1d(int plan, int n, int type, int batch, size_t *work) {
    return make<int>(plan, 1, &n, nullptr, 1, 0, nullptr, 1, 0, type, batch, work);
}

int cufftPlanMany(int *plan, int rank, int *n, int *in_embed, int in_stride, int in_apart, int *out_embed, int out_stride,
                  int out_apart, int type, int batch) {
    const int status = cufftCreate(plan);
    if (status) return status;
    return make(*plan, rank, n, in_embed, in_stride, in_apart, out_embed, out_stride, out_apart, type, batch, nullptr);
}

int cufftPlan1d(int *plan, int n, int type, int batch) {
    return cufftPlanMany(plan, 1, &n, nullptr, 1, 0, nullptr, 1, 0, type, batch);
}

int cufftSetStream(int plan, void *stream) {
    auto found = plans().find(plan);
    if (found == plans().end()) return CUFFT_INVALID_PLAN;
    found->second.stream = stream;
    return CUFFT_SUCCESS;
}

int cufftGetSize(int plan, size_t *work) {
    *work = 0;
    return plans().count(plan) ? CUFFT_SUCCESS : CUFFT_INVALID_PLAN;
}

int cufftGetVersion(int *version) {
    *version = 12000;
    return CUFFT_SUCCESS;
}

int cufftExecC2C(int plan, void *in, void *out, int direction) { return execute(plan, C2C, in, out, direction); }
int cufftExecZ2Z(int plan, void *in, void *out, int direction) { return execute(plan, Z2Z, in, out, direction); }
int cufftExecR2C(int plan, void *in, void *out) { return execute(plan, R2C, in, out, -1); }
int cufftExecD2Z(int plan, void *in, void *out) { return execute(plan, D2Z, in, out, -1); }
int cufftExecC2R(int plan, void *in, void *out) { return execute(plan, C2R, in, out, 1); }
int cufftExecZ2D(int plan, void *in, void *out) { return execute(plan, Z2D, in, out, 1); }

} // extern "C"
