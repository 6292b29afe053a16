//! Arrays and scalars as NumPy 2.4 prints them: every row of `tests/data/numpy_print.tsv`, made by
//! `tests/data/numpy_print.py`. `TENSH_NUMPY_CASES=FILE` takes another table, for a longer search.

use tensh::base::dtype::C64;
use tensh::base::{DType, Scalar};
use tensh::numpy::print::{Elements, FloatMode, PrintOptions, array_repr, array_str};
use tensh::numpy::print_scalar::{scalar_repr, scalar_str};

fn float(bits: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(bits, 16).unwrap())
}

fn decoded(dtype: DType, text: &str) -> Scalar {
    match dtype {
        DType::Bool => Scalar::Bool(text == "1"),
        d if d.is_float() => Scalar::Float(float(text)),
        d if d.is_complex() => Scalar::Complex(C64::new(float(&text[..16]), float(&text[16..]))),
        _ => text.parse().map_or_else(|_| Scalar::UInt(text.parse().unwrap()), Scalar::Int),
    }
}

fn counted(dtype: DType, i: usize) -> Scalar {
    match dtype {
        DType::Bool => Scalar::Bool(i != 0),
        DType::I8 => Scalar::Int(i64::from(i as i8)),
        d if d.is_float() => Scalar::Float(i as f64),
        d if d.is_complex() => Scalar::Complex(C64::new(i as f64, 0.0)),
        _ => Scalar::Int(i as i64),
    }
}

fn options(text: &str) -> PrintOptions {
    let mut out = PrintOptions::default();
    for (name, value) in text.split(',').filter_map(|pair| pair.split_once('=')) {
        match name {
            "precision" => out.precision = value.parse().unwrap(),
            "threshold" => out.threshold = value.parse().unwrap(),
            "edgeitems" => out.edgeitems = value.parse().unwrap(),
            "linewidth" => out.linewidth = value.parse().unwrap(),
            "suppress" => out.suppress = value == "True",
            "sign" => out.sign = value.chars().next().unwrap(),
            "nanstr" => out.nanstr = value.into(),
            "infstr" => out.infstr = value.into(),
            "floatmode" => {
                out.floatmode = match value {
                    "fixed" => FloatMode::Fixed,
                    "unique" => FloatMode::Unique,
                    "maxprec" => FloatMode::MaxPrec,
                    _ => FloatMode::MaxPrecEqual,
                }
            }
            other => panic!("the table sets {other}"),
        }
    }
    out
}

#[test]
fn arrays_are_numpys() {
    let path = std::env::var("TENSH_NUMPY_CASES").unwrap_or_else(|_| "tests/data/numpy_print.tsv".into());
    let table = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    for line in table.lines() {
        let [function, dtype, shape, chosen, elements, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let dtype = DType::parse(dtype).unwrap();
        let shape: Vec<i64> = shape.split(',').filter_map(|n| n.parse().ok()).collect();
        let values: Vec<Scalar> = match elements {
            "-" | "arange" => Vec::new(),
            _ => elements.split(' ').map(|e| decoded(dtype, e)).collect(),
        };
        let get = |i: usize| if elements == "arange" { counted(dtype, i) } else { values[i] };
        let array = Elements { dtype, shape: &shape, get: &get };
        let options = options(chosen);
        let got = match function {
            "repr" => array_repr(array, &options),
            "str" => array_str(array, &options),
            "scalar_repr" => scalar_repr(values[0], dtype),
            _ => scalar_str(values[0], dtype),
        };
        let expected = expected.replace("\\n", "\n");
        if got != expected {
            wrong.push(format!("{function} {dtype} {shape:?} {chosen} {values:?}\n{got}|\nwanted\n{expected}|"));
        }
    }
    assert!(table.lines().count() > 500);
    assert!(wrong.is_empty(), "{} rows differ\n{}", wrong.len(), wrong[..wrong.len().min(15)].join("\n"));
}
