//! The reprs of torch's small objects: sizes, devices, dtype limits, named results.

use super::number::general;
use super::python::join;
pub use super::python::{list, tuple};
use crate::base::limits::{FloatInfo, IntInfo};
use crate::base::{DType, Device};
use std::fmt::Display;

/// `torch.Size([2, 3])`.
pub fn size(sizes: &[i64]) -> String {
    format!("torch.Size({})", list(sizes))
}

/// `device(type='cuda', index=0)`.
pub fn device(device: Device) -> String {
    match device.index() {
        Some(index) => format!("device(type='{}', index={index})", device.kind()),
        None => format!("device(type='{}')", device.kind()),
    }
}

/// A named result, each field's repr on a line of its own: `torch.return_types.max(`, `values=tensor(3.),`, ...
pub fn return_type<T: Display>(function: &str, fields: &[(&str, T)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, repr)| format!("{name}={repr}")).collect();
    format!("torch.return_types.{function}(\n{})", join(&fields, ",\n"))
}

/// `finfo(resolution=1e-06, min=-3.40282e+38, ...)`.
pub fn finfo(info: &FloatInfo) -> String {
    let number = |x| general(x, 6);
    format!(
        "finfo(resolution={}, min={}, max={}, eps={}, smallest_normal={}, tiny={}, dtype={})",
        number(info.resolution),
        number(-info.max),
        number(info.max),
        number(info.eps),
        number(info.smallest_normal),
        number(info.smallest_normal),
        info.dtype.name()
    )
}

/// `iinfo(min=-128, max=127, dtype=int8)`; like torch's, it shows six digits.
pub fn iinfo(info: &IntInfo) -> String {
    let (min, max) = (general(info.min as f64, 6), general(info.max as f64, 6));
    format!("iinfo(min={min}, max={max}, dtype={})", info.dtype.name())
}

/// `torch.float32`.
pub fn dtype(dtype: DType) -> String {
    dtype.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::{float_info, int_info};

    #[test]
    fn sizes_and_devices() {
        assert_eq!(size(&[2, 3]), "torch.Size([2, 3])");
        assert_eq!(size(&[]), "torch.Size([])");
        assert_eq!(tuple(&[5]), "(5,)");
        assert_eq!(device(Device::Cuda(Some(0))), "device(type='cuda', index=0)");
        assert_eq!(device(Device::Cuda(None)), "device(type='cuda')");
        assert_eq!(device(Device::Cpu), "device(type='cpu')");
        assert_eq!(dtype(DType::F32), "torch.float32");
    }

    #[test]
    fn named_results() {
        let fields = [("values", "tensor([[1., 2.],\n        [3., 4.]])"), ("indices", "tensor(1)")];
        let want = "torch.return_types.max(\nvalues=tensor([[1., 2.],\n        [3., 4.]]),\nindices=tensor(1))";
        assert_eq!(return_type("max", &fields), want);
    }

    #[test]
    fn limits() {
        // As PyTorch 2.11 prints them.
        let floats = [
            "finfo(resolution=0.001, min=-65504, max=65504, eps=0.000976562, smallest_normal=6.10352e-05, \
             tiny=6.10352e-05, dtype=float16)",
            "finfo(resolution=0.01, min=-3.38953e+38, max=3.38953e+38, eps=0.0078125, smallest_normal=1.17549e-38, \
             tiny=1.17549e-38, dtype=bfloat16)",
            "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, \
             tiny=1.17549e-38, dtype=float32)",
            "finfo(resolution=1e-15, min=-1.79769e+308, max=1.79769e+308, eps=2.22045e-16, \
             smallest_normal=2.22507e-308, tiny=2.22507e-308, dtype=float64)",
        ];
        let have: Vec<String> = DType::ALL
            .iter()
            .filter(|d| d.is_float())
            .filter_map(|d| float_info(*d))
            .map(|info| finfo(&info))
            .collect();
        assert_eq!(have, floats);
        let ints = [
            "iinfo(min=0, max=255, dtype=uint8)",
            "iinfo(min=-128, max=127, dtype=int8)",
            "iinfo(min=-32768, max=32767, dtype=int16)",
            "iinfo(min=-2.14748e+09, max=2.14748e+09, dtype=int32)",
            "iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)",
            "iinfo(min=0, max=65535, dtype=uint16)",
            "iinfo(min=0, max=4.29497e+09, dtype=uint32)",
            "iinfo(min=0, max=1.84467e+19, dtype=uint64)",
        ];
        let have: Vec<String> = DType::ALL.iter().filter_map(|d| int_info(*d)).map(|info| iinfo(&info)).collect();
        assert_eq!(have, ints);
    }
}
