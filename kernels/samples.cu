// Samples that take as many random words as they need, equal to PyTorch's on CUDA: each thread has a stream of its own.
namespace tensh {

// A thread's words, one after the other.
struct stream {
    uint64_t seed, thread, block;
    words now;
    int used = 0;
    // The second of a pair of normal numbers.
    float spare = 0;
    bool spared = false;

    __device__ __forceinline__ stream(uint64_t seed, uint64_t thread, uint64_t block)
        : seed(seed), thread(thread), block(block), now(philox(seed, thread, block)) {}

    __device__ __forceinline__ uint32_t word() {
        if (used == 4) {
            now = philox(seed, thread, ++block);
            used = 0;
        }
        const uint32_t w = used == 0 ? now.w[0] : used == 1 ? now.w[1] : used == 2 ? now.w[2] : now.w[3];
        used++;
        return w;
    }
    // In (0, 1].
    __device__ __forceinline__ float uniform() { return unit(word()); }
    // In [0, 1).
    __device__ __forceinline__ float below_one() { return float(word() & 0xffffff) * 5.9604644775390625e-8f; }
    __device__ __forceinline__ float normal() {
        if (spared) {
            spared = false;
            return spare;
        }
        float both[2];
        const uint32_t x = word(), y = word();
        normal32::pair(x, y, both);
        spare = both[1];
        spared = true;
        return both[0];
    }
};

// The hardware's approximations, which a simulated device has not.
#if defined(__CUDA_ARCH__) && !defined(SIMCUDA)
#define TENSH_NEAR(name, instruction, plain)                                \
    __device__ __forceinline__ float name(float x) {                        \
        asm(instruction ".approx.ftz.f32 %0, %1;" : "=f"(x) : "f"(x));      \
        return x;                                                           \
    }
#else
#define TENSH_NEAR(name, instruction, plain) \
    __device__ __forceinline__ float name(float x) { return plain; }
#endif
TENSH_NEAR(near_exp2, "ex2", exp2(x))
TENSH_NEAR(near_log2, "lg2", log2(x))
TENSH_NEAR(near_reciprocal, "rcp", 1.0f / x)
TENSH_NEAR(near_root, "rsqrt", 1.0f / sqrt(x))
#undef TENSH_NEAR
__device__ __forceinline__ float near_exp(float x) {
    return near_exp2(float(x * 1.4426950408889634));
}
__device__ __forceinline__ float near_log(float x) {
    return float(near_log2(x) * 0.6931471805599453);
}

// Poisson's counts as cuRAND draws them. The regularized gamma function of x near a is taken as a power of a logistic function, whose slope
// and place depend on a.
struct near_gamma {
    float a, slope, place;
    __device__ __forceinline__ near_gamma(float a) : a(a) {
        slope = 1.4324803507554091f * near_root(a - 0.12400979329415655f) + 0.00025361074907033f;
        place = 0.21096734870196546f * near_root(a - 1.9738116408999942f) + 0.9420173407788753f;
    }
    __device__ __forceinline__ float at(float x) const {
        float t = 1.0f + near_exp(slope * (a - x) - place);
        t = t * t;
        return near_reciprocal(t);
    }
    __device__ __forceinline__ float inverse(float y) const {
        const float t = place + near_log(near_root(y) - 1.0f);
        return -t * near_reciprocal(slope) + a;
    }
};

// The logarithm of (a - 1)!: of small ones by a table, else by Stirling's series (J. Hart et al., "Computer approximations", 1968, 5404).
__device__ inline double log_factorial_below(int32_t a) {
    static const double table[] = {
        0.0, 0.0, 0.6931471805599453, 1.791759469228055, 3.1780538303479458, 4.787491742782046, 6.579251212010101, 8.525161361065415,
        10.60460290274525,
    };
    if (a <= 8) return table[a < 1 ? 0 : a - 1];
    const double inverse = 1.0 / a, z = inverse * inverse;
    double sum = -0.1633436431e-2;
    sum = sum * z + 0.83645878922e-3;
    sum = sum * z - 0.5951896861197e-3;
    sum = sum * z + 0.793650576493454e-3;
    sum = sum * z - 0.277777777735865004e-2;
    sum = sum * z + 0.833333333333331018375e-1;
    sum = sum * inverse + 0.918938533204672;
    const double rising = 0.5 * log(double(a)) * (a - 0.5);
    return (rising - a) + (rising + sum);
}

__device__ inline uint32_t poisson(stream& s, double rate) {
    if (rate < 64) {
        // D. Knuth's: as many factors as it takes.
        uint32_t count = 0;
        float product = exp(float(rate));
        do {
            count++;
            product *= s.uniform();
        } while (product > 1.0f);
        return count - 1;
    }
    if (rate > 4000) return uint32_t(sqrt(rate) * normal64(s.now).v[0] + rate + 0.5);
    const float a = float(rate), log_rate = near_log(a);
    const near_gamma gamma(a);
    for (;;) {
        const float x = floor(gamma.inverse(s.uniform()));
        float z = s.uniform();
        const float most = (gamma.at(x + 1.0f) - gamma.at(x)) * 1.3f;
        z = z * most;
        const float share = near_exp(-a + x * log_rate - float(log_factorial_below(int32_t(1.0f + x))));
        if (z < share && most >= 1e-20) return uint32_t(x);
    }
}

// A sample of the gamma distribution (G. Marsaglia, W. Tsang, "A simple method for generating gamma variables", 2000); `one_more` is
// alpha + 1 as memory holds it.
template <typename R>
__device__ inline R gamma_sample(stream& s, R alpha, R one_more) {
    R scale = R(1);
    if (alpha < R(1)) {
        if (alpha == R(0)) return R(0);
        scale *= pow(R(1) - R(s.uniform()), R(1) / alpha);
        alpha = one_more;
    }
    const R d = alpha - 1.0f / 3.0f;
    // Of what is no number, or below zero, no sample would ever be taken.
    if (!(d > R(0))) return nan<R>();
    const R c = R(1) / sqrt(R(9) * d);
    for (;;) {
        R x, y;
        do {
            x = R(s.normal());
            y = R(1) + c * x;
        } while (y <= R(0));
        const R v = y * y * y, u = R(1) - R(s.uniform()), square = x * x;
        if (u < R(1) - R(0.0331f) * square * square) return scale * d * v;
        if (log(u) < R(0.5) * square + d * (R(1) - v + log(v))) return scale * d * v;
    }
}

template <typename R>
__device__ __forceinline__ R at_least(R least, R x) {
    return least > x ? least : x;
}

// What Stirling's formula for the logarithm of k! leaves.
template <typename R>
__device__ inline R stirling_rest(R k) {
    static const R table[] = {
        R(0.0810614667953272), R(0.0413406959554092),   R(0.0276779256849983),  R(0.02079067210376509), R(0.0166446911898211),
        R(0.0138761288230707), R(0.0118967099458917),   R(0.0104112652619720),  R(0.00925546218271273), R(0.00833056343336287),
    };
    if (k < 10) return table[k < 0 ? 0 : int32_t(k)];
    const R square = (k + 1) * (k + 1);
    return R((1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1));
}

// Successes by the numbers of trials up to each of them.
template <typename R>
__device__ inline R few_successes(stream& s, R trials, R p) {
    const R log_failure = log1p(-p);
    R sum = R(0), count = R(0);
    for (;;) {
        sum += ceil(log(R(s.below_one())) / log_failure);
        if (sum > trials) return count;
        count += 1;
    }
}

// Successes by transformed rejection (W. Hoermann, "The generation of binomial random variates", 1993); what is written in double precision
// is computed in it.
template <typename R>
__device__ inline R many_successes(stream& s, R trials, R p) {
    const R deviation = sqrt(trials * p * (1 - p));
    const R b = R(1.15 + 2.53 * deviation);
    const R a = R(-0.0873 + 0.0248 * b + 0.01 * p);
    const R c = R(trials * p + 0.5);
    const R sure = R(0.92 - 4.2 / b);
    const R odds = p / (1 - p);
    const R alpha = R((2.83 + 5.1 / b) * deviation);
    const R middle = floor((trials + 1) * p);
    for (;;) {
        const R u = R(R(s.below_one()) - 0.5);
        R v = R(s.below_one());
        const R side = R(0.5 - abs(u));
        const R k = floor((2 * a / side + b) * u + c);
        if (k < 0 || k > trials) continue;
        if (side >= 0.07 && v <= sure) return k;
        v = log(v * alpha / (a / (side * side) + b));
        const R most = R((middle + 0.5) * log((middle + 1) / (odds * (trials - middle + 1))) +
                         (trials + 1) * log((trials - middle + 1) / (trials - k + 1)) +
                         (k + 0.5) * log(odds * (trials - k + 1) / (k + 1)) + stirling_rest(middle) + stirling_rest(trials - middle) -
                         stirling_rest(k) - stirling_rest(trials - k));
        if (v <= most) return k;
    }
}

template <typename R>
__device__ inline R binomial(stream& s, R trials, R p) {
    if (trials != trials || p != p) return nan<R>();
    if (trials <= 0 || p <= 0) return R(0);
    if (p >= 1) return trials;
    const bool rare = p <= 0.5;
    const R q = rare ? p : R(1.0 - p);
    const R count = trials * q >= 10 ? many_successes(s, trials, q) : few_successes(s, trials, q);
    return rare ? count : trials - count;
}

}  // namespace tensh
