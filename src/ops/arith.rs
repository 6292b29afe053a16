//! Arithmetic: sums, products, quotients, powers, rounding.

use crate::{prim, rows};

prim! {
    /// Sum.
    ADD, "add_stub", 2 same, Promote, "x + y";
    bool |x, y| x | y, int |x, y| x.wrapping_add(y), float |x, y| x + y, complex |x, y| x + y
}
prim! {
    /// Difference.
    SUB, "sub_stub", 2 same, NotBool, "x - y";
    int |x, y| x.wrapping_sub(y), float |x, y| x - y, complex |x, y| x - y
}
prim! {
    /// Product.
    MUL, "mul_cpu", 2 same, Promote, "x * y";
    bool |x, y| x & y, int |x, y| x.wrapping_mul(y), float |x, y| x * y, complex |x, y| x * y
}
prim! {
    /// Square root.
    SQRT, "sqrt_cpu", 1 same, Float, "sqrt(x)";
    float |x| x.sqrt(), complex |x| x.sqrt()
}
prim! {
    /// Less than.
    LT, "lt_cpu", 2 bool, Compare, "x < y";
    bool |x, y| !x & y, int |x, y| x < y, float |x, y| x < y
}

rows! {
    /// Square root of each element.
    /// >>> torch.sqrt(torch.tensor([4., 9.]))
    /// tensor([2., 3.])
    "sqrt" [fn method inplace out] "(Tensor self) -> Tensor" => prim SQRT;
    /// Adds other, scaled by alpha, to input.
    /// >>> torch.add(torch.tensor([1, 2]), 10)
    /// tensor([11, 12])
    "add" [fn method inplace out]
        "(Tensor self, Operand other) -> Tensor" => prim ADD,
        "(Tensor self, Operand other, *, Scalar alpha=1) -> Tensor" => tensh "input + other * alpha";
    /// Subtracts other, scaled by alpha, from input.
    /// >>> torch.sub(torch.tensor([1, 2]), 10)
    /// tensor([-9, -8])
    "sub" aka ["subtract"] [fn method inplace out]
        "(Tensor self, Operand other) -> Tensor" => prim SUB,
        "(Tensor self, Operand other, *, Scalar alpha=1) -> Tensor" => tensh "input - other * alpha";
    /// Product.
    /// >>> torch.mul(torch.tensor([1, 2]), 10)
    /// tensor([10, 20])
    "mul" aka ["multiply"] [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim MUL;
    /// Whether input is less than other.
    /// >>> torch.lt(torch.tensor([1, 2]), 2)
    /// tensor([ True, False])
    "lt" aka ["less"] [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim LT;
}
