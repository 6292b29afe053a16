//! Box and Muller's method in `f32` as torch's vector kernel runs it, bit for bit.
//!
//! Logarithm, sine and cosine are those of Cephes in single precision (Moshier), in the form of Pommier's
//! `avx_mathfun`, with each multiplication that feeds an addition fused with it, as torch's build has them.

/// Turns 16 uniform numbers in `[0, 1)` into 16 normal ones: eight radii from the first half, angles from the second.
#[inline(always)]
pub(super) fn transform(d: &mut [f32; 16], mean: f32, std: f32) {
    let (mut low, mut high) = ([0.0; 8], [0.0; 8]);
    for j in 0..8 {
        let radius = (-2.0 * log(1.0 - d[j])).sqrt();
        let (sin, cos) = sin_cos(std::f32::consts::TAU * d[j + 8]);
        low[j] = (radius * cos).mul_add(std, mean);
        high[j] = (radius * sin).mul_add(std, mean);
    }
    d[..8].copy_from_slice(&low);
    d[8..].copy_from_slice(&high);
}

/// Natural logarithm of a number in `(0, 1]`.
#[inline(always)]
fn log(x: f32) -> f32 {
    const P: [f32; 9] = [
        7.037_683_629_2e-2,
        -1.151_461_031e-1,
        1.167_699_874e-1,
        -1.242_014_084_6e-1,
        1.424_932_278_7e-1,
        -1.666_805_766_5e-1,
        2.000_071_476_5e-1,
        -2.499_999_399_3e-1,
        3.333_333_117_4e-1,
    ];
    let bits = x.max(f32::MIN_POSITIVE).to_bits();
    let mut e = ((bits >> 23) as i32 - 126) as f32;
    let m = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
    let low = m < std::f32::consts::FRAC_1_SQRT_2;
    e -= if low { 1.0 } else { 0.0 };
    let x = (m - 1.0) + if low { m } else { 0.0 };
    let z = x * x;
    let mut y = P[0];
    for p in &P[1..] {
        y = y.mul_add(x, *p);
    }
    y *= x;
    y = y.mul_add(z, e * -2.121_944_40e-4);
    y -= z * 0.5;
    e.mul_add(0.693_359_375, x + y)
}

/// Sine and cosine of an angle that is not negative.
#[inline(always)]
fn sin_cos(x: f32) -> (f32, f32) {
    let j = ((x * 1.273_239_544_735_16) as i32 + 1) & !1;
    let y = j as f32;
    // x - y * pi/4, with pi/4 in three parts.
    let x = y.mul_add(-0.785_156_25, x);
    let x = y.mul_add(-2.418_756_484_985_351_562_5e-4, x);
    let x = y.mul_add(-3.774_894_977_445_941_08e-8, x);
    let z = x * x;
    let mut c =
        2.443_315_711_809_948e-5f32.mul_add(z, -1.388_731_625_493_765e-3).mul_add(z, 4.166_664_568_298_827e-2) * z;
    c = c.mul_add(z, -(z * 0.5)) + 1.0;
    let mut s = (-1.951_529_589_1e-4f32).mul_add(z, 8.332_160_873_6e-3).mul_add(z, -1.666_665_461_1e-1) * z;
    s = s.mul_add(x, x);
    let (sin, cos) = if j & 2 == 0 { (s, c) } else { (c, s) };
    let flip = |v: f32, minus: i32| f32::from_bits(v.to_bits() ^ ((minus as u32 & 4) << 29));
    (flip(sin, j), flip(cos, !(j - 2)))
}
