//! `torch.cuda.nvtx`: marks for a profiler. None is attached, and the functions say what PyTorch's say then.

use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use std::any::Any;

/// The depth of a range that nobody keeps.
const UNTRACKED: Value = Value::Int(-2);

crate::builtin_table! {
    /// Functions of `torch.cuda.nvtx`.
    FUNCTIONS of "torch.cuda.nvtx" {
        "range_push" ("msg") "Begins a range; its depth." => |_, _| Ok(UNTRACKED);
        "range_pop" ("") "Ends the range begun last; its depth." => |_, _| Ok(UNTRACKED);
        "range_start" ("msg") "Begins a range; its number." => |_, _| Ok(Value::Int(0));
        "range_end" ("range_id") "Ends a range." => |_, _| Ok(Value::None);
        "mark" ("msg") "A mark." => |_, _| Ok(Value::None);
        "range" ("msg, *args") "A block that is a range." => |_, _| Ok(Value::object(Range));
    }
}

/// A block that is a range.
struct Range;

impl Object for Range {
    fn type_name(&self) -> &str {
        "contextlib._GeneratorContextManager"
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        Ok(Some(Value::None))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
