//! The C types of dtypes, in memory and in registers, and the ways between them.

use crate::base::DType;

/// The type that registers hold a dtype in.
pub fn register(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "bool",
        DType::U8 => "uint8_t",
        DType::I8 => "int8_t",
        DType::I16 => "int16_t",
        DType::I32 => "int32_t",
        DType::I64 => "int64_t",
        DType::U16 => "uint16_t",
        DType::U32 => "uint32_t",
        DType::U64 => "uint64_t",
        DType::F16 | DType::BF16 | DType::F32 => "float",
        DType::F64 => "double",
        DType::C32 => "complex<float>",
        DType::C64 => "complex<double>",
    }
}

/// The type that a dtype has in memory.
pub fn stored(dtype: DType) -> &'static str {
    match dtype {
        DType::F16 => "half_t",
        DType::BF16 => "bfloat_t",
        other => register(other),
    }
}

/// A stored element as its register's type.
pub fn loaded(dtype: DType, element: &str) -> String {
    if dtype.is_half() { format!("widen({element})") } else { element.to_owned() }
}

/// A register's value as it is stored.
pub fn narrowed(dtype: DType, value: &str) -> String {
    match dtype {
        DType::F16 => format!("narrow_half({value})"),
        DType::BF16 => format!("narrow_bfloat({value})"),
        _ => value.to_owned(),
    }
}

/// An expression's value brought to a dtype's register.
pub fn rounded(dtype: DType, expression: &str) -> String {
    match dtype {
        DType::F16 => format!("round_half({expression})"),
        DType::BF16 => format!("round_bfloat({expression})"),
        _ => format!("static_cast<{}>({expression})", register(dtype)),
    }
}

/// `S`, a dtype's elements in memory, `R`, its registers, and `Io`, the way between them.
pub fn io(dtype: DType) -> String {
    format!(
        "typedef {} S;\ntypedef {} R;\nstruct Io {{\n    static __device__ __forceinline__ R read(S x) {{ return {}; }}\n    static \
         __device__ __forceinline__ S write(R x) {{ return {}; }}\n}};\n",
        stored(dtype),
        register(dtype),
        loaded(dtype, "x"),
        narrowed(dtype, "x")
    )
}
