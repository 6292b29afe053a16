"""Writes reference.txt: PyTorch's values of the special functions, as `function dtype arguments value`.

Run with the reference Python: python reference.py > reference.txt
"""
import torch

S = torch.special
X = [0.0, -0.0, 0.1, 0.75, 1.0, 2.3, 4.5, 7.9, 8.1, 12.25, 31.0, 120.0, -0.3, -1.5, -6.2, float("inf"), -float("inf"), float("nan")]
ONE = {k: getattr(S, k) for k in (
    "erf erfc erfinv erfcx log_ndtr ndtri digamma i0 i0e i1 i1e bessel_j0 bessel_j1 bessel_y0 bessel_y1 airy_ai "
    "spherical_bessel_j0 modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 "
    "scaled_modified_bessel_k0 scaled_modified_bessel_k1 sinc entr logit"
).split()}
ONE |= {"lgamma": torch.lgamma, "trigamma": lambda x: S.polygamma(1, x), "sigmoid": torch.sigmoid}
TWO = {k: getattr(S, k) for k in (
    "gammainc gammaincc zeta xlogy xlog1py chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v "
    "chebyshev_polynomial_w hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p "
    "shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_w"
).split()}
TWO |= {k: getattr(torch, k) for k in "floor_divide remainder logaddexp hypot nextafter".split()}

for dtype in (torch.float32, torch.float64):
    for name, f in ONE.items():
        for x in X:
            print(name, str(dtype)[6:], x, f(torch.tensor(x, dtype=dtype)).item())
    for name, f in TWO.items():
        for x, y in [(0.3, 2.0), (2.5, 5.0), (0.7, 12.0), (30.0, 28.0), (4.0, -3.0), (-7.5, 2.0), (3.0, 0.0), (-0.0, 3.0), (1.0, 7.0)]:
            if name != "zeta" or x > 1:
                print(name, str(dtype)[6:], x, y, f(torch.tensor(x, dtype=dtype), torch.tensor(y, dtype=dtype)).item())
