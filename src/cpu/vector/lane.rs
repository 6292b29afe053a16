//! What the functions need of a float: its bits as an integer, and the coefficients for its precision.

use super::power::{double, single};
use num_traits::Float;

/// A float that fills a lane of a vector register.
pub trait Lane: Float + Send + Sync + 'static {
    /// 1.5 * 2^p, p bits of fraction: adding it rounds to an integer, which the low bits then hold.
    const SHIFTER: Self;
    /// ln 2 in two parts.
    const LN_2: [Self; 2];
    /// log2 e in two parts.
    const LOG2_E: [Self; 2];
    /// log10 e in two parts.
    const LOG10_E: [Self; 2];
    /// log10 2 in two parts.
    const LOG10_2: [Self; 2];
    /// pi/2 in three parts.
    const HALF_PI: [Self; 3];
    /// 2/pi.
    const TWO_OVER_PI: Self;
    /// Arguments of `exp` below give 0, above infinity.
    const EXP_RANGE: [Self; 2];
    /// As `EXP_RANGE` for `exp2`.
    const EXP2_RANGE: [Self; 2];
    /// `(exp(r) - 1 - r) / r^2` for |r| to ln 2 / 2.
    const EXP: &'static [Self];
    /// `(ln(1 + f) - f + f^2 / 2) / f^3` from sqrt 1/2 - 1 to sqrt 2 - 1.
    const LOG: &'static [Self];
    /// `(sin(r) / r - 1) / r^2` in r^2 for |r| to pi/4.
    const SIN: &'static [Self];
    /// `(cos(r) - 1 + r^2 / 2) / r^4` in r^2 for |r| to pi/4.
    const COS: &'static [Self];
    /// `erf(x) / x - 1` in x^2 for |x| to 1.
    const ERF: &'static [Self];
    /// `ln(erfc(x))` from 1 to where `erf` is 1.
    const LOG_ERFC: &'static [Self];
    /// `(1 + 2 x) exp(x^2) erfc(x)` in `(x - 3) / (x + 3)` for all positive x.
    const ERFCX: &'static [Self];
    /// `erfinv(x) / x` in `w - ERFINV_MIDDLE[0]`, for `w = -ln(1 - x^2)` up to twice that.
    const ERFINV_NEAR: &'static [Self];
    /// The same in `sqrt(w) - ERFINV_MIDDLE[1]`, for the larger w.
    const ERFINV_FAR: &'static [Self];
    /// Middles of the two ranges of `erfinv`.
    const ERFINV_MIDDLE: [Self; 2];
    /// `(atan(x) / x - 1) / x^2` in x^2 for |x| to 1/2.
    const ATAN: &'static [Self];
    /// `(asin(x) / x - 1) / x^2` in x^2 for |x| to 1/2.
    const ASIN: &'static [Self];
    /// Where `erf` is 1.
    const ERF_END: Self;
    /// Where sines leave the range of their reduction.
    const FAR: Self;
    /// Where `expm1` is -1.
    const EXPM1_LOW: Self;
    /// Where hyperbolic functions come near to infinity.
    const HYPERBOLIC_END: Self;

    /// A constant, rounded to this type.
    fn of(x: f64) -> Self;

    /// Whether this is `f64`.
    const DOUBLE: bool;

    /// As `f64`, exactly.
    fn wide(self) -> f64;

    /// The nearest whole number, the even one of two.
    fn half_even(self) -> Self;

    /// [`super::pow`] of this type.
    fn raised(self, y: Self) -> Self;

    /// `2^(n / 2)` and `2^(n - n / 2)`: together `2^n` for every `n` that `exp` meets; `shifted` is [`Lane::SHIFTER`]` + n`.
    fn halved_power(shifted: Self) -> (Self, Self);

    /// `2^n` for an `n` that has it among the normal numbers; `shifted` is [`Lane::SHIFTER`]` + n`.
    fn power(shifted: Self) -> Self;

    /// Whether the integer in `shifted` has bit `k`.
    fn has_bit(shifted: Self, k: u32) -> bool;

    /// Mantissa from sqrt 1/2 to sqrt 2, and exponent, of a positive normal number.
    fn split(self) -> (Self, Self);
}

/// `c[0] + c[1] x + c[2] x^2 + ...`, by Horner's rule.
#[inline(always)]
pub fn polynomial<T: Lane>(x: T, c: &[T]) -> T {
    let mut sum = c[c.len() - 1];
    let mut i = c.len() - 1;
    while i > 0 {
        i -= 1;
        sum = sum.mul_add(x, c[i]);
    }
    sum
}

/// `a + b` and what its rounding lost, for |a| above |b|.
#[inline(always)]
pub fn sum<T: Lane>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    (sum, (a - sum) + b)
}

macro_rules! bits {
    ($t:ident, $bits:ident, $fraction:literal, $bias:literal) => {
        const DOUBLE: bool = $fraction == 52;

        #[inline(always)]
        fn of(x: f64) -> $t {
            x as $t
        }

        #[inline(always)]
        fn wide(self) -> f64 {
            f64::from(self)
        }

        #[inline(always)]
        fn half_even(self) -> $t {
            self.round_ties_even()
        }

        #[inline(always)]
        fn halved_power(shifted: $t) -> ($t, $t) {
            // Both halves are counted from an exponent that keeps them positive: shifts of signed integers are slow.
            const OFFSET: $bits = 4 * $bias;
            let n = shifted.to_bits().wrapping_sub(Self::SHIFTER.to_bits()).wrapping_add(OFFSET);
            let half = n >> 1;
            let power = |n: $bits| $t::from_bits(n.wrapping_sub(OFFSET / 2).wrapping_add($bias) << $fraction);
            (power(half), power(n - half))
        }

        #[inline(always)]
        fn power(shifted: $t) -> $t {
            let n = shifted.to_bits().wrapping_sub(Self::SHIFTER.to_bits());
            $t::from_bits(n.wrapping_add($bias) << $fraction)
        }

        #[inline(always)]
        fn has_bit(shifted: $t, k: u32) -> bool {
            shifted.to_bits() & (1 << k) != 0
        }

        #[inline(always)]
        fn split(self) -> ($t, $t) {
            let bits = self.to_bits();
            let above = bits.wrapping_sub(std::$t::consts::FRAC_1_SQRT_2.to_bits());
            let biased = above.wrapping_add($bias << $fraction) >> $fraction;
            let mantissa = bits.wrapping_sub(biased.wrapping_sub($bias) << $fraction);
            let exponent = $t::from_bits(Self::SHIFTER.to_bits().wrapping_add(biased)) - (Self::SHIFTER + $bias as $t);
            ($t::from_bits(mantissa), exponent)
        }
    };
}

impl Lane for f32 {
    const SHIFTER: f32 = 12_582_912.0;
    const LN_2: [f32; 2] = [std::f32::consts::LN_2, -1.904_654_2e-9];
    const LOG2_E: [f32; 2] = [std::f32::consts::LOG2_E, 1.925_963e-8];
    const LOG10_E: [f32; 2] = [std::f32::consts::LOG10_E, -1.010_305e-8];
    const LOG10_2: [f32; 2] = [std::f32::consts::LOG10_2, -1.432_098_9e-8];
    const HALF_PI: [f32; 3] = [1.570_796_4, -4.371_139e-8, -1.715_124_5e-15];
    const TWO_OVER_PI: f32 = std::f32::consts::FRAC_2_PI;
    const EXP_RANGE: [f32; 2] = [-104.0, 89.0];
    const EXP2_RANGE: [f32; 2] = [-151.0, 128.5];
    // One term more than two units in the last place need: large results are printed with all their digits.
    const EXP: &'static [f32] = &[0.5, 0.166_666_66, 0.041_666_709, 0.008_333_084, 0.001_389_389_7, 0.000_198_976_85];
    const LOG: &'static [f32] = &[
        0.333_333_31,
        -0.249_999_97,
        0.200_007_16,
        -0.166_678_03,
        0.142_490_58,
        -0.124_256_87,
        0.116_854_2,
        -0.114_797_34,
        0.069_716_12,
    ];
    const SIN: &'static [f32] = &[-0.166_666_67, 0.008_333_332, -0.000_198_400_39, 2.724_378_2e-6];
    const COS: &'static [f32] = &[0.041_666_664, -0.001_388_827_9, 2.454_287_1e-5];
    const ERF: &'static [f32] =
        &[0.128_379_17, -0.376_126_26, 0.112_835_944, -0.026_854_212, 0.005_189_087, -0.000_801_686_4, 7.875_875e-5];
    const LOG_ERFC: &'static [f32] = &[
        0.000_416_329_22,
        -1.130_675_2,
        -0.630_953,
        -0.111_055_02,
        0.027_099_524,
        -0.005_064_947,
        0.000_685_836_65,
        -6.229_835e-5,
        3.321_684_5e-6,
        -7.582_682e-8,
    ];
    const ERFCX: &'static [f32] = &[
        1.253_008,
        -0.135_621_1,
        -0.047_562_156,
        0.129_644_72,
        -0.119_275_28,
        0.068_313_2,
        -0.023_763_56,
        0.002_506_778_6,
        0.001_875_060_3,
        -0.000_734_082_1,
        -9.253_769e-5,
        8.007_455e-5,
    ];
    const ERFINV_NEAR: &'static [f32] = &[
        1.501_409_4,
        0.246_640_28,
        -0.004_177_393,
        -0.001_252_726_4,
        0.000_218_349_39,
        -4.972_42e-6,
        -3.463_985_2e-6,
        4.681_313_6e-7,
        2.333_596_8e-8,
        -8.931_926e-9,
    ];
    const ERFINV_FAR: &'static [f32] = &[
        2.832_976_8,
        1.001_675,
        0.009_445_744,
        -0.007_639_139,
        0.005_682_678_4,
        -0.003_587_815_7,
        0.001_497_222_5,
        -7.604_79e-5,
        -0.000_319_926_68,
        0.000_129_241_76,
    ];
    const ERFINV_MIDDLE: [f32; 2] = [2.5, 3.0];
    const ATAN: &'static [f32] =
        &[-0.333_333_34, 0.199_998_75, -0.142_797_81, 0.110_066_21, -0.082_341_82, 0.042_233_463];
    const ASIN: &'static [f32] =
        &[0.166_666_66, 0.075_000_95, 0.044_599_38, 0.031_100_929, 0.017_147_858, 0.033_693_317];
    const ERF_END: f32 = 4.0;
    const FAR: f32 = 100_000.0;
    const EXPM1_LOW: f32 = -20.0;
    const HYPERBOLIC_END: f32 = 85.0;

    #[inline(always)]
    fn raised(self, y: f32) -> f32 {
        single(self, y)
    }

    bits!(f32, u32, 23, 127);
}

impl Lane for f64 {
    const SHIFTER: f64 = 6_755_399_441_055_744.0;
    const LN_2: [f64; 2] = [std::f64::consts::LN_2, 2.3190468138462996e-17];
    const LOG2_E: [f64; 2] = [std::f64::consts::LOG2_E, 2.0355273740931033e-17];
    const LOG10_E: [f64; 2] = [std::f64::consts::LOG10_E, 1.098319650216765e-17];
    const LOG10_2: [f64; 2] = [std::f64::consts::LOG10_2, -2.8037281277851704e-18];
    const HALF_PI: [f64; 3] = [std::f64::consts::FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];
    const TWO_OVER_PI: f64 = std::f64::consts::FRAC_2_PI;
    const EXP_RANGE: [f64; 2] = [-746.0, 710.0];
    const EXP2_RANGE: [f64; 2] = [-1076.0, 1024.5];
    const EXP: &'static [f64] = &[
        0.5,
        0.1666666666666667,
        0.04166666666666667,
        0.008333333333326084,
        0.0013888888888883711,
        0.0001984126987500228,
        2.480158732567746e-05,
        2.755725517000089e-06,
        2.755727347871858e-07,
        2.5105312729622103e-08,
        2.09147553258932e-09,
    ];
    const LOG: &'static [f64] = &[
        0.3333333333333333,
        -0.25,
        0.2000000000000003,
        -0.1666666666666733,
        0.1428571428570442,
        -0.1249999999984733,
        0.11111111112337002,
        -0.10000000016420213,
        0.09090909019479117,
        -0.08333332354422016,
        0.0769230969141413,
        -0.0714289216095518,
        0.06666650538328303,
        -0.06249226979539214,
        0.058818014360272404,
        -0.05565901252124541,
        0.052807708267708225,
        -0.0492373912393695,
        0.04546769069313739,
        -0.04746971388683683,
        0.05549871051036759,
        -0.04912734982185643,
        0.020158811150077303,
    ];
    const SIN: &'static [f64] = &[
        -0.16666666666666666,
        0.008333333333333331,
        -0.00019841269841264567,
        2.7557319218954762e-06,
        -2.505210610025599e-08,
        1.6058510875319195e-10,
        -7.585486485235938e-13,
    ];
    const COS: &'static [f64] = &[
        0.041666666666666664,
        -0.0013888888888887241,
        2.480158729853226e-05,
        -2.7557317151858866e-07,
        2.0876121534608454e-09,
        -1.1380868171449914e-11,
    ];
    const ERF: &'static [f64] = &[
        0.1283791670955126,
        -0.37612638903183754,
        0.1128379167095512,
        -0.02686617064512984,
        0.0052239776254232985,
        -0.000854832702193483,
        0.00012055332902888736,
        -1.4925647567519332e-05,
        1.6462045441468418e-06,
        -1.6364642158167616e-07,
        1.4792401209404813e-08,
        -1.216456005728345e-09,
        8.709045129053106e-11,
        -4.230945824295338e-12,
    ];
    const LOG_ERFC: &'static [f64] = &[
        1.1529302677826999e-07,
        -1.128380455076063,
        -0.6366129410606134,
        -0.10279550843921087,
        0.019182979681726695,
        0.00011105108699695785,
        -0.0015574640733884647,
        0.0004321757554563736,
        0.00012128495989973108,
        -0.00017775656572027938,
        0.00010193177986611916,
        -4.132809981478898e-05,
        1.32583200022958e-05,
        -3.5055275531982346e-06,
        7.772705085265745e-07,
        -1.4549175471639304e-07,
        2.3002140514167913e-08,
        -3.0594993606388015e-09,
        3.3966019299214597e-10,
        -3.109021743227408e-11,
        2.304887215444856e-12,
        -1.348647615796271e-13,
        5.9910210696997776e-15,
        -1.8974537839731407e-16,
        3.814222820192356e-18,
        -3.65456075832826e-20,
    ];
    const ERFCX: &'static [f64] = &[
        1.2530080582697296,
        -0.13562110612458117,
        -0.04756229435345087,
        0.1296451587027606,
        -0.11927366341530699,
        0.06830802734397848,
        -0.023770514918645888,
        0.002529391816066239,
        0.0018886903591561553,
        -0.0007798322721083991,
        -0.00010515979981501177,
        0.00012509935235563107,
        4.949484992570595e-06,
        -2.0100567931289227e-05,
        -7.315105164159062e-07,
        3.472414602875686e-06,
        3.568383915399222e-07,
        -6.166496077604355e-07,
        -1.4160064940266003e-07,
        1.0187000600072898e-07,
        4.180784698845596e-08,
        -1.3326364813003892e-08,
        -8.500397929772675e-09,
        9.885798831139475e-10,
        8.864219016427204e-10,
    ];
    const ERFINV_NEAR: &'static [f64] = &[
        1.6536545626831027,
        0.24015818242558834,
        -0.006033670871426851,
        -0.0007407025341546431,
        0.00018673420801981186,
        -1.3882523393957483e-05,
        -1.3654691758785656e-06,
        4.23478816822246e-07,
        -2.907039127564132e-08,
        -4.1126604371632185e-09,
        1.051223377050429e-09,
        -5.414303283919504e-11,
        -1.2978805369932565e-11,
        2.6305268312595183e-12,
        -8.07192593899004e-14,
        -4.0020031087558496e-14,
        6.521333511502239e-15,
        -3.94018812230432e-17,
        -1.2215637192404172e-16,
        1.5510787009902526e-17,
        6.075050702072414e-19,
        -3.4734793888538036e-19,
        1.999259988861535e-20,
        3.194015548136271e-21,
        -3.5932028927020693e-22,
    ];
    const ERFINV_FAR: &'static [f64] = &[
        4.09222342366813,
        1.0099782771612558,
        0.0007127499726582938,
        -0.0006078940274719667,
        0.00021217671329246506,
        -6.44197506377199e-05,
        2.198012812608073e-05,
        -1.0197665645175116e-05,
        5.8072682196000156e-06,
        -3.2111256146765807e-06,
        1.4901755967912898e-06,
        -5.152663655471063e-07,
        9.328923312096178e-08,
        2.5619938257105645e-08,
        -3.01405070416084e-08,
        1.34306821408621e-08,
        -3.068594982618047e-09,
        -1.8561898824626732e-10,
        4.633588202462859e-10,
        -1.883174363163382e-10,
        3.360788974000706e-11,
        2.81399318679569e-12,
        -4.009290983519373e-12,
        1.6270086154419017e-12,
        -3.254676811004631e-13,
        -4.045085959412038e-14,
        3.5077039045764526e-14,
        -5.0912166575456105e-15,
    ];
    const ERFINV_MIDDLE: [f64; 2] = [3.125, 4.25];
    const ATAN: &'static [f64] = &[
        -0.3333333333333333,
        0.19999999999999998,
        -0.14285714285713721,
        0.111111111110443,
        -0.09090909086760027,
        0.07692307536735414,
        -0.06666662847313956,
        0.05882288384165499,
        -0.052623826183325846,
        0.047551667497355815,
        -0.043050967853253415,
        0.038024522415742425,
        -0.0304411701206551,
        0.018844492353459127,
        -0.006380982349039842,
    ];
    const ASIN: &'static [f64] = &[
        0.16666666666666666,
        0.07500000000000118,
        0.044642857142551465,
        0.030381944475572607,
        0.022372157441539663,
        0.01735281659729397,
        0.013963778957563368,
        0.011566472648606428,
        0.009621733032539884,
        0.009320195384402203,
        0.003042413637418563,
        0.019560681547532377,
        -0.01925063602437728,
        0.02961776313674739,
    ];
    const ERF_END: f64 = 6.0;
    const FAR: f64 = 1e9;
    const EXPM1_LOW: f64 = -45.0;
    const HYPERBOLIC_END: f64 = 700.0;

    #[inline(always)]
    fn raised(self, y: f64) -> f64 {
        double(self, y)
    }

    bits!(f64, u64, 52, 1023);
}
