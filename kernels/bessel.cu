// Bessel functions of integer order and Airy's. The modified ones are Chebyshev series on two ranges (Cephes, i0.c, i1.c, k0.c,
// k1.c), Airy's is Cephes's airy.c.
namespace tensh {
namespace bessel {

// A Chebyshev series in x on [-2, 2], highest order first (Cephes's chbevl).
template <typename T, int N>
__device__ __forceinline__ T chebyshev(T x, const T (&table)[N]) {
    T b0 = table[0], b1 = T(0), b2 = T(0);
#pragma unroll
    for (int i = 1; i < N; i++) {
        b2 = b1;
        b1 = b0;
        b0 = fma(x, b1, -b2) + table[i];
    }
    return T(0.5) * (b0 - b2);
}

// exp(-x) I0(x) on [0, 8].
template <typename T>
__device__ inline T i0e_near(T x) {
    const T table[] = {
        -4.4153416464793395e-18, 3.3307945188222384e-17, -2.431279846547955e-16, 1.715391285555133e-15,
        -1.1685332877993451e-14, 7.676185498604936e-14, -4.856446783111929e-13, 2.95505266312964e-12,
        -1.726826291441556e-11, 9.675809035373237e-11, -5.189795601635263e-10, 2.6598237246823866e-09,
        -1.300025009986248e-08, 6.046995022541919e-08, -2.670793853940612e-07, 1.1173875391201037e-06,
        -4.4167383584587505e-06, 1.6448448070728896e-05, -5.754195010082104e-05, 0.00018850288509584165,
        -0.0005763755745385824, 0.0016394756169413357, -0.004324309995050576, 0.010546460394594998,
        -0.02373741480589947, 0.04930528423967071, -0.09490109704804764, 0.17162090152220877, -0.3046826723431984,
        0.6767952744094761
    };
    return chebyshev(x / 2 - 2, table);
}
// exp(-x) sqrt(x) I0(x) from 8 on.
template <typename T>
__device__ inline T i0e_far(T x) {
    const T table[] = {
        -7.233180487874754e-18, -4.830504485944182e-18, 4.46562142029676e-17, 3.461222867697461e-17,
        -2.8276239805165836e-16, -3.425485619677219e-16, 1.7725601330565263e-15, 3.8116806693526224e-15,
        -9.554846698828307e-15, -4.150569347287222e-14, 1.54008621752141e-14, 3.8527783827421426e-13,
        7.180124451383666e-13, -1.7941785315068062e-12, -1.3215811840447713e-11, -3.1499165279632416e-11,
        1.1889147107846439e-11, 4.94060238822497e-10, 3.3962320257083865e-09, 2.266668990498178e-08,
        2.0489185894690638e-07, 2.8913705208347567e-06, 6.889758346916825e-05, 0.0033691164782556943,
        0.8044904110141088
    };
    return chebyshev(32 / x - 2, table);
}
// exp(-x) I1(x) / x on [0, 8]; single precision has its own tables.
__device__ inline double i1e_near(double x) {
    const double table[] = {
        2.7779141127610464e-18, -2.111421214358166e-17, 1.5536319577362005e-16, -1.1055969477353862e-15,
        7.600684294735408e-15, -5.042185504727912e-14, 3.223793365945575e-13, -1.9839743977649436e-12,
        1.1736186298890901e-11, -6.663489723502027e-11, 3.625590281552117e-10, -1.8872497517228294e-09,
        9.381537386495773e-09, -4.445059128796328e-08, 2.0032947535521353e-07, -8.568720264695455e-07,
        3.4702513081376785e-06, -1.3273163656039436e-05, 4.781565107550054e-05, -0.00016176081582589674,
        0.0005122859561685758, -0.0015135724506312532, 0.004156422944312888, -0.010564084894626197,
        0.024726449030626516, -0.05294598120809499, 0.1026436586898471, -0.17641651835783406, 0.25258718644363365
    };
    return chebyshev(x / 2 - 2, table);
}
__device__ inline float i1e_near(float x) {
    const float table[] = {
        9.381537386495773e-09f, -4.445059128796328e-08f, 2.0032947535521353e-07f, -8.568720264695455e-07f,
        3.4702513081376785e-06f, -1.3273163656039436e-05f, 4.781565107550054e-05f, -0.00016176081582589674f,
        0.0005122859561685758f, -0.0015135724506312532f, 0.004156422944312888f, -0.010564084894626197f,
        0.024726449030626516f, -0.05294598120809499f, 0.1026436586898471f, -0.17641651835783406f, 0.25258718644363365f
    };
    return chebyshev(x / 2 - 2, table);
}
// exp(-x) sqrt(x) I1(x) from 8 on.
__device__ inline double i1e_far(double x) {
    const double table[] = {
        7.517296310842105e-18, 4.414348323071708e-18, -4.6503053684893586e-17, -3.209525921993424e-17,
        2.96262899764595e-16, 3.3082023109209285e-16, -1.8803547755107825e-15, -3.8144030724370075e-15,
        1.0420276984128802e-14, 4.272440016711951e-14, -2.1015418427726643e-14, -4.0835511110921974e-13,
        -7.198551776245908e-13, 2.0356285441470896e-12, 1.4125807436613782e-11, 3.2526035830154884e-11,
        -1.8974958123505413e-11, -5.589743462196584e-10, -3.835380385964237e-09, -2.6314688468895196e-08,
        -2.512236237870209e-07, -3.882564808877691e-06, -0.00011058893876262371, -0.009761097491361469,
        0.7785762350182801
    };
    return chebyshev(32 / x - 2, table);
}
__device__ inline float i1e_far(float x) {
    const float table[] = {
        -3.835380385964237e-09f, -2.6314688468895196e-08f, -2.512236237870209e-07f, -3.882564808877691e-06f,
        -0.00011058893876262371f, -0.009761097491361469f, 0.7785762350182801f
    };
    return chebyshev(32 / x - 2, table);
}

// The first kind, with "e" scaled by exp(-|x|).
template <typename T>
__device__ inline T i0e(T x) {
    x = abs(x);
    return x <= 8 ? i0e_near(x) : i0e_far(x) / sqrt(x);
}
template <typename T>
__device__ inline T i0(T x) {
    x = abs(x);
    return x <= 8 ? exp(x) * i0e_near(x) : exp(x) * i0e_far(x) / sqrt(x);
}
template <typename T>
__device__ inline T i1e(T x) {
    T size = abs(x), value = size <= 8 ? i1e_near(size) * size : i1e_far(size) / sqrt(size);
    return x < 0 ? -value : value;
}
template <typename T>
__device__ inline T i1(T x) {
    T size = abs(x), grown = exp(size);
    T value = size <= 8 ? grown * size * i1e_near(size) : grown * i1e_far(size) / sqrt(size);
    return x < 0 ? -value : value;
}

// K0(x) + ln(x / 2) I0(x) on [0, 2], in x^2 - 2.
template <typename T>
__device__ inline T k0_rest(T x) {
    const T table[] = {
        1.374465435613523e-16, 4.25981614279661e-14, 1.0349695257633842e-11, 1.904516377220209e-09,
        2.5347910790261494e-07, 2.286212103119452e-05, 0.001264615411446926, 0.0359799365153615, 0.3442898999246285,
        -0.5353273932339028
    };
    return chebyshev(fma(x, x, T(-2)), table);
}
// exp(x) sqrt(x) K0(x) from 2 on.
template <typename T>
__device__ inline T k0e_far(T x) {
    const T table[] = {
        5.300433772686263e-18, -1.6475804301524212e-17, 5.2103915050390274e-17, -1.678231096805412e-16,
        5.512055978524319e-16, -1.848593377343779e-15, 6.3400764774050706e-15, -2.2275133269916698e-14,
        8.032890775363575e-14, -2.9800969231727303e-13, 1.140340588208475e-12, -4.514597883373944e-12,
        1.8559491149547177e-11, -7.957489244477107e-11, 3.577397281400301e-10, -1.69753450938906e-09,
        8.574034017414225e-09, -4.660489897687948e-08, 2.766813639445015e-07, -1.8317555227191195e-06,
        1.39498137188765e-05, -0.00012849549581627802, 0.0015698838857300533, -0.0314481013119645, 2.4403030820659555
    };
    return chebyshev(8 / x - 2, table);
}
// x (K1(x) - ln(x / 2) I1(x)) on [0, 2], in x^2 - 2.
template <typename T>
__device__ inline T k1_rest(T x) {
    const T table[] = {
        -7.023863479386288e-18, -2.427449850519366e-15, -6.666901694199329e-13, -1.4114883926335278e-10,
        -2.213387630734726e-08, -2.4334061415659684e-06, -0.0001730288957513052, -0.006975723859639864,
        -0.12261118082265715, -0.3531559607765449, 1.5253002273389478
    };
    return chebyshev(fma(x, x, T(-2)), table);
}
// exp(x) sqrt(x) K1(x) from 2 on.
template <typename T>
__device__ inline T k1e_far(T x) {
    const T table[] = {
        -5.756744483665017e-18, 1.7940508731475592e-17, -5.689462558442859e-17, 1.838093544366639e-16,
        -6.057047248373319e-16, 2.038703165624334e-15, -7.019837090418314e-15, 2.4771544244813043e-14,
        -8.976705182324994e-14, 3.3484196660784293e-13, -1.2891739609510289e-12, 5.13963967348173e-12,
        -2.1299678384275683e-11, 9.218315187605006e-11, -4.1903547593418965e-10, 2.015049755197033e-09,
        -1.0345762465678097e-08, 5.7410841254500495e-08, -3.5019606030878126e-07, 2.406484947837217e-06,
        -1.936197974166083e-05, 0.00019521551847135162, -0.002857816859622779, 0.10392373657681724, 2.7206261904844427
    };
    return chebyshev(8 / x - 2, table);
}
template <typename T>
__device__ inline T k0_near(T x) {
    return fma(-log(T(0.5) * x), exp(x) * i0e_near(x), k0_rest(x));
}
template <typename T>
__device__ inline T k1_near(T x) {
    return fma(log(T(0.5) * x), i1e_near(x) * x * exp(x), k1_rest(x) / x);
}

// The second kind, with "e" scaled by exp(x).
template <typename T>
__device__ inline T k0(T x) {
    if (x <= 0) return x == 0 ? infinity<T>() : nan<T>();
    return x <= 2 ? k0_near(x) : exp(-x) * k0e_far(x) / sqrt(x);
}
template <typename T>
__device__ inline T k1(T x) {
    if (x <= 0) return x == 0 ? infinity<T>() : nan<T>();
    return x <= 2 ? k1_near(x) : exp(-x) * k1e_far(x) / sqrt(x);
}
template <typename T>
__device__ inline T k0e(T x) {
    if (x <= 0) return x == 0 ? infinity<T>() : nan<T>();
    return x <= 2 ? k0_near(x) * exp(x) : k0e_far(x) / sqrt(x);
}
template <typename T>
__device__ inline T k1e(T x) {
    if (x <= 0) return x == 0 ? infinity<T>() : nan<T>();
    return x <= 2 ? k1_near(x) * exp(x) : k1e_far(x) / sqrt(x);
}

// Those that are not modified are the device's own, but for the edges, which are torch's: infinity has no value.
#define TENSH_BESSEL(T, j0_, j1_, y0_, y1_)                                                               \
    __device__ inline T j0(T x) { return isinf(x) ? nan<T>() : ::j0_(x); }                                \
    __device__ inline T j1(T x) { return isinf(x) ? nan<T>() : ::j1_(x); }                                \
    __device__ inline T y0(T x) {                                                                         \
        return x == 0 ? -infinity<T>() : x < 0 || isinf(x) ? nan<T>() : ::y0_(x);                         \
    }                                                                                                     \
    __device__ inline T y1(T x) {                                                                         \
        return x == 0 ? -infinity<T>() : x < 0 || isinf(x) ? nan<T>() : ::y1_(x);                         \
    }
TENSH_BESSEL(float, j0f, j1f, y0f, y1f)
TENSH_BESSEL(double, j0, j1, y0, y1)
#undef TENSH_BESSEL

// Spherical, first kind, order 0: sin(x) / x, near 0 by Taylor's series.
template <typename T>
__device__ inline T spherical_j0(T x) {
    const T table[] = {T(1.0 / 6227020800.0), T(-1.0 / 39916800.0), T(1.0 / 362880.0), T(-1.0 / 5040.0),
                       T(1.0 / 120.0), T(-1.0 / 6.0), T(1)};
    if (abs(x) < T(0.5)) return polynomial(x * x, table);
    return isinf(x) ? T(0) : sin(x) / x;
}

// Ai from 2.09 on: decay.
template <typename T>
__device__ inline T airy_decay(T x) {
    const T an[] = {
        0.346538101525629, 12.007595273964581, 76.27960536152345, 168.08922493463058, 159.75639135016442,
        70.53609068404442, 14.026469116338967, 1.0
    };
    const T ad[] = {
        0.5675945326387702, 14.75625625848472, 84.51389701414746, 177.31808814540045, 164.2346928715297,
        71.47784008255756, 14.095913560783403, 1.0
    };
    T zeta = 2 * x * sqrt(x) / 3, z = 1 / zeta;
    T ratio = polynomial(z, an) / polynomial(z, ad);
    return T(0.5641895835477563) * ratio / (2 * sqrt(sqrt(x)) * exp(zeta));
}
// Ai below -2.09: a wave.
template <typename T>
__device__ inline T airy_wave(T x) {
    const T afn[] = {
        -0.1316963234183318, -0.6264565444319123, -0.6931580360369335, -0.2797799815451191, -0.04919001326095003,
        -0.004062659235948854, -0.0001592764962392621, -2.776491081552329e-06, -1.6778769848911465e-08
    };
    const T afd[] = {
        13.356042070655324, 32.682503279522464, 26.736704094149957, 9.187074029072596, 1.4752914677166642,
        0.11568717379518804, 0.004402916416152112, 7.547203482874142e-05, 4.5185009297058035e-07
    };
    const T agn[] = {
        0.01973399320916857, 0.39110302961568827, 1.0657989759959559, 0.9391692298166502, 0.35146565610554764,
        0.06338889196289255, 0.005858041130483885, 0.000282851600836737, 6.98793669997261e-06, 8.117892395543892e-08,
        3.415517847659236e-10
    };
    const T agd[] = {
        9.30892908077442, 19.835292871831214, 15.564662893286462, 5.476860694229755, 0.9542936116189619,
        0.08645808263523921, 0.004126565238242226, 0.00010125908511650914, 1.1716673321441352e-06, 4.9183457006293e-09
    };
    T t = -2 * x * sqrt(-x) / 3, z = 1 / t, zz = z * z;
    T f = polynomial(zz, afn) / polynomial(zz, afd), g = z * polynomial(zz, agn) / polynomial(zz, agd);
    T angle = t + T(0.25) * T(3.14159265358979323846);
    return T(0.5641895835477563) / sqrt(sqrt(-x)) * fma(sin(angle), fma(zz, f, T(1)), -(cos(angle) * g));
}
// Ai between: two Maclaurin series.
template <typename T>
__device__ inline T airy_series(T x) {
    T z = x * x * x, f = T(1), g = x, m = T(1), p = x, k = T(1);
    for (int i = 0; i < 12; i++) {
        m = m * z / (k + 1);
        p = p * z / (k + 2);
        m = m / (k + 2);
        p = p / (k + 3);
        k += 3;
        f += m;
        g += p;
        if (!(abs(m / f) > limits<T>::epsilon)) break;
    }
    return fma(T(0.35502805388781724), f, -(T(0.2588194037928068) * g));
}
template <typename T>
__device__ inline T airy_ai(T x) {
    if (x != x || isinf(x)) return nan<T>();
    if (x > T(103.892)) return T(0);
    return x >= T(2.09) ? airy_decay(x) : x < T(-2.09) ? airy_wave(x) : airy_series(x);
}

}  // namespace bessel
}  // namespace tensh
