//! What is known of a tensor without its elements.

use super::args::Out;
use crate::base::{DType, Device, Scalar};
use crate::rows;

rows! {
    /// Whether the dtype is a floating one.
    /// >>> torch.is_floating_point(torch.tensor([1.]))
    /// True
    "is_floating_point" [fn method] "(Tensor self) -> bool" => layout |a| Ok(a.view(0)?.dtype().is_float().into());
    /// Whether the dtype is complex.
    /// >>> torch.is_complex(torch.tensor([1j]))
    /// True
    "is_complex" [fn method] "(Tensor self) -> bool" => layout |a| Ok(a.view(0)?.dtype().is_complex().into());
    /// Whether the dtype has a sign.
    /// >>> torch.is_signed(torch.tensor([1]))
    /// True
    "is_signed" [fn method] "(Tensor self) -> bool" => layout |a| {
        let dtype = a.view(0)?.dtype();
        Ok((!dtype.is_unsigned() && dtype != DType::Bool).into())
    };
    /// Whether conjugation waits; tensh conjugates at once.
    /// >>> torch.is_conj(torch.tensor([1j]))
    /// False
    "is_conj" [fn method] "(Tensor self) -> bool" => layout |_| Ok(false.into());
    /// Whether negation waits; tensh negates at once.
    /// >>> torch.is_neg(torch.tensor([1]))
    /// False
    "is_neg" [fn method] "(Tensor self) -> bool" => layout |_| Ok(false.into());
    /// Whether the tensor was made in inference mode.
    /// >>> torch.is_inference(torch.tensor([1]))
    /// False
    "is_inference" [fn method] "(Tensor self) -> bool" => kernel |a| Ok(a.view(0)?.storage().is_inference().into());
    /// Whether both tensors have the same sizes.
    /// >>> torch.is_same_size(torch.ones(2), torch.zeros(2))
    /// True
    "is_same_size" [fn method] "(Tensor self, Tensor other) -> bool" => layout |a| Ok((a.view(0)?.sizes() == a.view(1)?.sizes()).into());
    /// The GPU's number, -1 on the CPU.
    /// >>> torch.get_device(torch.tensor([1]))
    /// -1
    "get_device" [fn method] "(Tensor self) -> int" => layout |a| {
        Ok(Out::Scalar(Scalar::Int(match a.view(0)?.device() {
            Device::Cuda(index) => i64::from(index.unwrap_or(0)),
            _ => -1,
        })))
    };
}
