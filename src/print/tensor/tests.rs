//! The reprs in `tests/data/print/tensor.cases`, which PyTorch wrote (see `tensor_cases.py` beside it).

use super::*;
use crate::base::Scalar;
use crate::base::dtype::{C32, C64};
use crate::base::promote::set_default_dtype;
use half::{bf16, f16};

/// A comma-separated list; `-` is the empty one.
fn items(field: &str) -> Vec<&str> {
    if field == "-" { Vec::new() } else { field.split(',').collect() }
}

fn integers(field: &str) -> Vec<i64> {
    items(field).iter().map(|v| v.parse().unwrap()).collect()
}

fn bits(word: &str) -> u64 {
    u64::from_str_radix(word, 16).unwrap()
}

/// A storage of `count` elements that cycle through `words`.
fn storage(dtype: DType, count: usize, words: &[&str]) -> View {
    let words: Vec<&str> = words.iter().copied().cycle().take(count).collect();
    macro_rules! vector {
        ($read:expr) => {
            View::vector(&words.iter().map(|w| $read(w)).collect::<Vec<_>>()).unwrap()
        };
    }
    let parts = |w: &&str| w.split_once('/').map(|(re, im)| (bits(re), bits(im))).unwrap();
    match dtype {
        DType::F16 => vector!(|w: &&str| f16::from_bits(bits(w) as u16)),
        DType::BF16 => vector!(|w: &&str| bf16::from_bits(bits(w) as u16)),
        DType::F32 => vector!(|w: &&str| f32::from_bits(bits(w) as u32)),
        DType::F64 => vector!(|w: &&str| f64::from_bits(bits(w))),
        DType::C32 => {
            vector!(|w| C32::new(f32::from_bits(parts(w).0 as u32), f32::from_bits(parts(w).1 as u32)))
        }
        DType::C64 => vector!(|w| C64::new(f64::from_bits(parts(w).0), f64::from_bits(parts(w).1))),
        _ => {
            let view = View::zeros(dtype, &[count as i64]).unwrap();
            for (i, word) in words.iter().enumerate() {
                let value = bits(word);
                view.set(i, if dtype == DType::U64 { Scalar::UInt(value) } else { Scalar::Int(value as i64) });
            }
            view
        }
    }
}

fn set_options(field: &str) {
    let mut changes = OptionChanges { profile: Some("default"), ..Default::default() };
    set_print_options(&changes).unwrap();
    changes.profile = None;
    for option in items(field) {
        let (name, value) = option.split_once('=').unwrap();
        match name {
            "precision" => changes.precision = value.parse().ok(),
            "threshold" => changes.threshold = value.parse().ok().map(Scalar::Float),
            "edgeitems" => changes.edgeitems = value.parse().ok(),
            "linewidth" => changes.linewidth = value.parse().ok(),
            "profile" => changes.profile = Some(value),
            "sci_mode" => changes.sci_mode = Some(value == "True"),
            other => panic!("option {other}"),
        }
    }
    set_print_options(&changes).unwrap();
}

#[test]
fn as_torch_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/print/tensor.cases");
    let text = std::fs::read_to_string(path).unwrap();
    let (mut count, mut wrong) = (0, Vec::new());
    for case in text.split("@ ").skip(1) {
        let (header, want) = case.split_once('\n').unwrap();
        let fields: Vec<&str> = header.split(' ').collect();
        let [dtype, sizes, strides, offset, data, options, suffix] = fields[..] else { panic!("case {header}") };
        let dtype = DType::parse(dtype).unwrap();
        let (length, words) = data.split_once(':').unwrap();
        let flat = storage(dtype, length.parse().unwrap(), &items(words));
        let view = flat.with_geometry(&integers(sizes), &integers(strides), offset.parse().unwrap()).unwrap();
        set_options(options);
        set_default_dtype(if suffix == "default64" { DType::F64 } else { DType::F32 });
        let suffix = Suffix {
            device: if suffix == "meta" { Device::Meta } else { Device::Cpu },
            requires_grad: matches!(suffix, "grad" | "fn"),
            grad_fn: (suffix == "fn").then_some("MulBackward0"),
        };
        let have = repr(&view, &suffix, 0);
        count += 1;
        if have != want.trim_end_matches('\n') {
            wrong.push(format!("{header}\nwant {want}have {have}\n"));
        }
    }
    set_default_dtype(DType::F32);
    restore_print_options(PrintOptions::DEFAULT);
    assert!(count > 1500, "{count} cases");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n"));
}

#[test]
fn device_and_parameter() {
    let view = View::from_slice(&[1.0f32, 2.0, 3.0, 4.0], &[2, 2]).unwrap();
    let suffix = Suffix { device: Device::Cuda(Some(0)), requires_grad: true, ..Default::default() };
    let want = "tensor([[1., 2.],\n        [3., 4.]], device='cuda:0', requires_grad=True)";
    assert_eq!(repr(&view, &suffix, 0), want);
    assert_eq!(parameter(want), format!("Parameter containing:\n{want}"));
}

#[test]
fn options_as_torch_sets_them() {
    let set = |changes: OptionChanges| {
        set_print_options(&changes).unwrap();
        print_options()
    };
    let sci = set(OptionChanges { sci_mode: Some(true), precision: Some(2), ..Default::default() });
    assert_eq!(sci, PrintOptions { precision: 2, sci_mode: Some(true), ..PrintOptions::DEFAULT });
    // A call without `sci_mode` resets it; a profile sets four options, other arguments override it.
    let next = set(OptionChanges { edgeitems: Some(1), ..Default::default() });
    assert_eq!(next, PrintOptions { precision: 2, edgeitems: 1, ..PrintOptions::DEFAULT });
    let short = set(OptionChanges { profile: Some("short"), linewidth: Some(9), ..Default::default() });
    assert_eq!(short, PrintOptions { precision: 2, edgeitems: 2, linewidth: 9, ..PrintOptions::DEFAULT });
    let full = set(OptionChanges { profile: Some("full"), ..Default::default() });
    assert_eq!(full, PrintOptions { threshold: Scalar::Float(f64::INFINITY), ..PrintOptions::DEFAULT });
    assert!(set_print_options(&OptionChanges { precision: Some(1 << 40), ..Default::default() }).is_err());
    restore_print_options(PrintOptions::DEFAULT);
}
