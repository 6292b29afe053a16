// Fourier transforms of rows of complex numbers, by Stockham's algorithm: a pass for each factor of the length, between two memories.
namespace tensh {

// The factors of a length, in the order of their passes.
struct Factors {
    int64_t count, radix[32];
};

// A pass: its radix, the product of those before, the length, and what its results are multiplied by.
template <typename F, typename I>
struct Pass {
    I n, radix, before;
    int sign;
    F scale;
    // e^(sign 2 pi i t / n)
    const complex<F>* turns;
};

// z times i, or minus i.
template <typename F>
__device__ __forceinline__ complex<F> quarter(complex<F> z, int sign) {
    return sign > 0 ? complex<F>(-z.im, z.re) : complex<F>(z.im, -z.re);
}

template <typename F>
__device__ __forceinline__ void four(complex<F>& a, complex<F>& b, complex<F>& c, complex<F>& d, int sign) {
    const complex<F> p = a + c, q = a - c, r = b + d, s = quarter(b - d, sign);
    a = p + r;
    b = q + s;
    c = p - r;
    d = q - s;
}

// The transforms of R numbers.
template <typename F, typename I, int R>
__device__ __forceinline__ void small(complex<F>* v, const Pass<F, I>& pass) {
    if (R == 2) {
        const complex<F> a = v[0];
        v[0] = a + v[1];
        v[1] = a - v[1];
    } else if (R == 4) {
        four(v[0], v[1], v[2], v[3], pass.sign);
    } else if (R == 8) {
        four(v[0], v[2], v[4], v[6], pass.sign);
        four(v[1], v[3], v[5], v[7], pass.sign);
        const F half = F(0.70710678118654752440);
        const complex<F> p = quarter(v[3], pass.sign), q = quarter(v[7], pass.sign);
        const complex<F> odd[4] = {v[1], complex<F>((v[3].re + p.re) * half, (v[3].im + p.im) * half), quarter(v[5], pass.sign),
                                   complex<F>((q.re - v[7].re) * half, (q.im - v[7].im) * half)};
        const complex<F> even[4] = {v[0], v[2], v[4], v[6]};
        for (int k = 0; k < 4; k++) {
            v[k] = even[k] + odd[k];
            v[k + 4] = even[k] - odd[k];
        }
    } else {
        complex<F> out[R];
        for (int q = 0; q < R; q++) {
            out[q] = v[0];
            for (int p = 1; p < R; p++) out[q] = out[q] + v[p] * pass.turns[I(p * q % R) * (pass.n / R)];
        }
        for (int q = 0; q < R; q++) v[q] = out[q];
    }
}

// The butterflies of a pass over so many rows, shared out to the threads.
template <typename F, typename I, int R>
__device__ void butterflies(const Pass<F, I>& pass, const complex<F>* in, complex<F>* out, I rows, I thread, I threads) {
    const I each = pass.n / R, step = each / pass.before;
    for (I t = thread; t < rows * each; t += threads) {
        const I row = t / each, j = t % each, k = j % pass.before;
        const complex<F>* from = in + row * pass.n + j;
        complex<F> v[R];
        v[0] = from[0];
        for (int q = 1; q < R; q++) v[q] = k == 0 ? from[q * each] : from[q * each] * pass.turns[k * q * step];
        small<F, I, R>(v, pass);
        complex<F>* to = out + row * pass.n + (j - k) * R + k;
        for (int q = 0; q < R; q++) to[q * pass.before] = pass.scale == F(1) ? v[q] : v[q] * pass.scale;
    }
}

// A pass of any radix: a thread adds up all of a number.
template <typename F, typename I>
__device__ void sums(const Pass<F, I>& pass, const complex<F>* in, complex<F>* out, I rows, I thread, I threads) {
    const I each = pass.n / pass.radix, step = each / pass.before;
    for (I t = thread; t < rows * pass.n; t += threads) {
        const I row = t / pass.n, i = t % pass.n, q = i / each, j = i % each, k = j % pass.before;
        const complex<F>* from = in + row * pass.n + j;
        // Where in the turn the next number stands, and how far it is to the one behind it.
        const I turn = (k * step + q * each) % pass.n;
        I at = 0, p = 0;
        complex<F> sum = complex<F>(F(0));
        // Some at a time, so that little is rounded away.
        while (p < pass.radix) {
            const I end = pass.radix - p < 64 ? pass.radix : p + 64;
            complex<F> some = complex<F>(F(0));
            for (; p < end; p++) {
                some = some + from[p * each] * pass.turns[at];
                at += turn;
                if (at >= pass.n) at -= pass.n;
            }
            sum = sum + some;
        }
        out[row * pass.n + (j - k) * pass.radix + k + q * pass.before] = pass.scale == F(1) ? sum : sum * pass.scale;
    }
}

template <typename F, typename I>
__device__ void run_pass(const Pass<F, I>& pass, const complex<F>* in, complex<F>* out, I rows, I thread, I threads) {
    switch (pass.radix) {
        case 2: butterflies<F, I, 2>(pass, in, out, rows, thread, threads); break;
        case 3: butterflies<F, I, 3>(pass, in, out, rows, thread, threads); break;
        case 4: butterflies<F, I, 4>(pass, in, out, rows, thread, threads); break;
        case 5: butterflies<F, I, 5>(pass, in, out, rows, thread, threads); break;
        case 7: butterflies<F, I, 7>(pass, in, out, rows, thread, threads); break;
        case 8: butterflies<F, I, 8>(pass, in, out, rows, thread, threads); break;
        default: sums<F, I>(pass, in, out, rows, thread, threads);
    }
}

// All passes of short rows in shared memory: a block takes as many rows as fit into ROOM numbers. In place.
template <typename F, int ROOM>
__device__ void transform_rows(complex<F>* data, const complex<F>* turns, const Factors& factors, uint64_t rows, uint32_t n, int sign,
                               F scale) {
    __shared__ complex<F> memory[2 * ROOM];
    complex<F>*in = memory, *out = memory + ROOM;
    const uint32_t most = ROOM / n;
    const uint64_t first = uint64_t(blockIdx.x) * most;
    const uint32_t count = rows - first < most ? uint32_t(rows - first) : most;
    for (uint32_t i = threadIdx.x; i < count * n; i += blockDim.x) in[i] = data[first * n + i];
    Pass<F, uint32_t> pass = {n, 1, 1, sign, F(1), turns};
    for (int64_t f = 0; f < factors.count; f++) {
        __syncthreads();
        pass.radix = uint32_t(factors.radix[f]);
        if (f + 1 == factors.count) pass.scale = scale;
        run_pass<F, uint32_t>(pass, in, out, count, threadIdx.x, blockDim.x);
        pass.before *= pass.radix;
        complex<F>* other = in;
        in = out;
        out = other;
    }
    __syncthreads();
    for (uint32_t i = threadIdx.x; i < count * n; i += blockDim.x) data[first * n + i] = in[i];
}

template <typename F>
__device__ void make_turns(complex<F>* turns, uint64_t n, int sign) {
    const uint64_t t = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (t >= n) return;
    double s, c;
    ::sincospi(2.0 * double(t) / double(n), &s, &c);
    turns[t] = complex<F>(F(c), F(sign > 0 ? s : -s));
}

// What enters: the elements that are there, then zeros; of the first half of what is Hermitian, all of it.
template <bool HERMITIAN, typename F, typename Load>
__device__ void enter(const Load& load, complex<F>* out, uint64_t total, uint64_t n, uint64_t have) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= total) return;
    const uint64_t row = i / n, k = i % n, half = n / 2 + 1, at = HERMITIAN && k >= half ? n - k : k;
    complex<F> z = at < have ? cast<complex<F>>(load(load.row(row), at)) : complex<F>(F(0));
    if (HERMITIAN) {
        if (at == 0 || 2 * at == n) z.im = F(0);
        if (k >= half) z.im = -z.im;
    }
    out[i] = z;
}

// The transform of a real signal made exactly Hermitian: real ends, conjugate for the inverse, and what mirrors the first half.
template <typename F>
__device__ void mirror(const complex<F>* in, complex<F>* out, uint64_t total, uint64_t n, uint64_t width, bool conjugate) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= total) return;
    const uint64_t row = i / width, k = i % width, at = k > n / 2 ? n - k : k;
    complex<F> z = in[row * n + at];
    if (at == 0 || 2 * at == n) z.im = F(0);
    if ((k > n / 2) != conjugate) z.im = -z.im;
    out[i] = z;
}

}  // namespace tensh
