//! Evaluates expressions.

use super::code::{Attribute, Binary, Code, Compare, MakeFunction, Node, Piece};
use super::compare;
use super::dict::Map;
use super::hash::{Key, same_key};
use super::interp::{Frame, Interp};
use super::number::scalar::{self, Kind, Scalar};
use super::raise::Res;
use super::set::{Set, Table};
use super::value::{Func, Value};
use crate::base::Span;
use crate::base::error::type_error;
use crate::lang::ast::{CmpOp, UnOp};
use crate::print::number::push_int;
use std::rc::Rc;

impl Interp {
    /// The value of an expression. Each kind has a function of its own, so that this one needs no frame.
    ///
    /// # Errors
    /// What it raises, with its place.
    pub(super) fn eval(&mut self, f: &mut Frame, node: &Node) -> Res {
        match &node.code {
            Code::Const(value) => Ok(value.clone()),
            Code::Local(slot) => match &f.locals[*slot as usize] {
                Value::Unset => Err(self.unbound(f, *slot, node.span)),
                value => Ok(value.clone()),
            },
            Code::Global(slot) => match self.globals.load(*slot) {
                Value::Unset => Err(self.undefined(f, *slot, node.span)),
                value => Ok(value.clone()),
            },
            Code::Cell(_) => self.cell_node(f, node),
            Code::Binary(b) => {
                let scalar = self.binary_node(f, b);
                self.value_of(scalar)
            }
            Code::Compare(c) => {
                let scalar = self.compare_node(f, c);
                self.value_of(scalar)
            }
            Code::Call(call) => self.call_node(f, call, node),
            Code::MethodCall(call) => self.method_node(f, call, node),
            Code::Subscript(item) => self.subscript_node(f, item, node),
            Code::Attribute(a) => {
                let value = self.operand(f, &a.value)?;
                self.attribute_node(f, a, &value)
            }
            Code::Ternary(t) => self.ternary(f, t),
            Code::And(items) => self.short_circuit(f, items, false),
            Code::Or(items) => self.short_circuit(f, items, true),
            Code::Unary(..) => self.unary_node(f, node),
            _ => self.eval_rare(f, node),
        }
    }

    /// As [`Interp::eval`], the kinds of operand that loops are made of without a call of it.
    #[inline(always)]
    pub(super) fn operand(&mut self, f: &mut Frame, node: &Node) -> Res {
        match &node.code {
            Code::Local(slot) if f.locals[*slot as usize].is_set() => Ok(f.locals[*slot as usize].clone()),
            Code::Const(value) => Ok(value.clone()),
            Code::Binary(b) => {
                let scalar = self.binary_node(f, b);
                self.value_of(scalar)
            }
            _ => self.eval(f, node),
        }
    }

    #[inline(never)]
    fn cell_node(&mut self, f: &Frame, node: &Node) -> Res {
        let Code::Cell(slot) = &node.code else { return Ok(Value::None) };
        match &f.locals[*slot as usize] {
            Value::Cell(cell) => match &*cell.borrow() {
                Value::Unset => Err(self.unbound(f, *slot, node.span)),
                value => Ok(value.clone()),
            },
            _ => Err(self.unbound(f, *slot, node.span)),
        }
    }

    /// As [`Interp::eval`]: a number comes in registers, anything else is held until [`Interp::value_of`] takes it.
    #[inline(always)]
    pub(super) fn scalar(&mut self, f: &mut Frame, node: &Node) -> Scalar {
        match self.at_hand(f, node) {
            Some(scalar) => scalar,
            None => self.any_scalar(f, node),
        }
    }

    /// The operands that loops over numbers are made of; `None` for what is to be evaluated otherwise.
    #[inline(always)]
    fn at_hand(&mut self, f: &mut Frame, node: &Node) -> Option<Scalar> {
        match &node.code {
            Code::Local(slot) => Scalar::of(&f.locals[*slot as usize]),
            Code::Const(value) => Scalar::of(value),
            Code::Binary(b) => Some(self.binary_node(f, b)),
            _ => None,
        }
    }

    #[inline(never)]
    fn any_scalar(&mut self, f: &mut Frame, node: &Node) -> Scalar {
        match &node.code {
            Code::Subscript(item) => return self.subscript_scalar(f, item, node),
            Code::Cell(slot) => {
                if let Value::Cell(cell) = &f.locals[*slot as usize]
                    && let Some(scalar) = Scalar::of(&cell.borrow())
                {
                    return scalar;
                }
            }
            _ => {}
        }
        let result = self.eval(f, node);
        self.scalar_of(result)
    }

    /// Turns a result to a number, or holds it.
    #[inline(always)]
    pub(super) fn scalar_of(&mut self, result: Res) -> Scalar {
        match result {
            Ok(Value::Int(i)) => Scalar::int(i),
            Ok(Value::Float(x)) => Scalar::float(x),
            Ok(Value::Bool(b)) => Scalar::bool(b),
            Ok(value) => {
                self.held = value;
                Scalar::HELD
            }
            Err(raise) => {
                self.raised = Some(raise);
                Scalar::RAISED
            }
        }
    }

    /// The value that a scalar is or gives word of.
    #[inline(always)]
    pub(super) fn value_of(&mut self, scalar: Scalar) -> Res {
        match scalar.value() {
            Some(value) => Ok(value),
            None => self.take_held(scalar),
        }
    }

    #[inline(never)]
    fn take_held(&mut self, scalar: Scalar) -> Res {
        match self.raised.take() {
            Some(raise) if scalar.kind == Kind::Raised => Err(raise),
            _ => Ok(std::mem::replace(&mut self.held, Value::Unset)),
        }
    }

    #[inline(never)]
    fn binary_node(&mut self, f: &mut Frame, b: &Binary) -> Scalar {
        let Some(left) = self.at_hand(f, &b.left) else { return self.binary_values(f, b) };
        if !left.is_here() {
            return self.binary_rare(f, b, left, None);
        }
        let right = self.scalar(f, &b.right);
        match scalar::binary(b.op, left, right) {
            Some(result) => result,
            None => self.binary_rare(f, b, left, Some(right)),
        }
    }

    /// `a op b` of operands that are to be evaluated as values: as a rule no numbers.
    #[inline(never)]
    fn binary_values(&mut self, f: &mut Frame, b: &Binary) -> Scalar {
        let left = self.any_scalar(f, &b.left);
        if !left.is_here() {
            return self.binary_rare(f, b, left, None);
        }
        let right = self.scalar(f, &b.right);
        match scalar::binary(b.op, left, right) {
            Some(result) => result,
            None => self.binary_rare(f, b, left, Some(right)),
        }
    }

    /// `a op b` by the operands' types; the right operand where it is evaluated.
    #[inline(never)]
    fn binary_rare(&mut self, f: &mut Frame, b: &Binary, left: Scalar, right: Option<Scalar>) -> Scalar {
        let result = self.operands(f, left, right, &b.right).and_then(|(left, right)| {
            self.here(f, b.left.span.to(b.right.span));
            self.binary(b.op, &left, &right)
                .map_err(|e| self.locate(e, f, b.span, &[(&b.left, &left), (&b.right, &right)], true))
        });
        self.scalar_of(result)
    }

    /// The values of two operands, the right one evaluated now where it is not yet.
    fn operands(&mut self, f: &mut Frame, left: Scalar, right: Option<Scalar>, node: &Node) -> Res<(Value, Value)> {
        // A right operand that is held came after a left one that is a number.
        let left = self.value_of(left)?;
        let right = match right {
            Some(right) => self.value_of(right)?,
            None => self.eval(f, node)?,
        };
        Ok((left, right))
    }

    #[inline(never)]
    fn compare_node(&mut self, f: &mut Frame, c: &Compare) -> Scalar {
        if asks_of_values(c.op) {
            return self.compare_values(f, c);
        }
        let Some(left) = self.at_hand(f, &c.left) else { return self.compare_values(f, c) };
        if !left.is_here() {
            return self.compare_any(f, c, left, None);
        }
        self.compare_scalar(f, c, left)
    }

    #[inline(always)]
    fn compare_scalar(&mut self, f: &mut Frame, c: &Compare, left: Scalar) -> Scalar {
        let right = self.scalar(f, &c.right);
        match scalar::compare(c.op, left, right) {
            Some(answer) => Scalar::bool(answer),
            None => self.compare_any(f, c, left, Some(right)),
        }
    }

    /// `a < b` of operands that are to be evaluated as values: as a rule no numbers.
    #[inline(never)]
    fn compare_values(&mut self, f: &mut Frame, c: &Compare) -> Scalar {
        if let (Some(left), Some(right)) = (at_hand(f, &c.left), at_hand(f, &c.right))
            && left.is_set()
            && right.is_set()
        {
            // Variables and literals can be looked at where they are.
            return self.compared(f, c, left, right);
        }
        let left = match self.operand(f, &c.left) {
            Ok(left) => left,
            Err(raise) => return self.scalar_of(Err(raise)),
        };
        if let Some(left) = Scalar::of(&left).filter(|_| !asks_of_values(c.op)) {
            return self.compare_scalar(f, c, left);
        }
        match self.operand(f, &c.right) {
            Ok(right) => self.compared(f, c, &left, &right),
            Err(raise) => self.scalar_of(Err(raise)),
        }
    }

    /// `a < b` of values.
    #[inline(always)]
    fn compared(&mut self, f: &Frame, c: &Compare, left: &Value, right: &Value) -> Scalar {
        match (c.op, left, right) {
            (CmpOp::Is, ..) => Scalar::bool(left.is(right)),
            (CmpOp::IsNot, ..) => Scalar::bool(!left.is(right)),
            (CmpOp::Eq, Value::Str(_), Value::Str(_)) => Scalar::bool(same_key(left, right)),
            (CmpOp::In | CmpOp::NotIn, ..) => match self.contains(right, left) {
                Ok(found) => Scalar::bool(found == (c.op == CmpOp::In)),
                Err(raise) => {
                    let raise = self.locate(raise, f, c.span, &[(&c.left, left), (&c.right, right)], true);
                    self.scalar_of(Err(raise))
                }
            },
            _ => {
                let result = self.compare_rare(f, (c.op, c.span), (&c.left, left), (&c.right, right));
                self.scalar_of(result)
            }
        }
    }

    #[inline(never)]
    fn compare_any(&mut self, f: &mut Frame, c: &Compare, left: Scalar, right: Option<Scalar>) -> Scalar {
        let result = self
            .operands(f, left, right, &c.right)
            .and_then(|(left, right)| self.compare_rare(f, (c.op, c.span), (&c.left, &left), (&c.right, &right)));
        self.scalar_of(result)
    }

    #[inline(never)]
    fn compare_rare(&mut self, f: &Frame, op: (CmpOp, Span), left: (&Node, &Value), right: (&Node, &Value)) -> Res {
        self.compare(op.0, left.1, right.1).map_err(|e| self.locate(e, f, op.1, &[left, right], true))
    }

    #[inline(never)]
    fn ternary(&mut self, f: &mut Frame, t: &[Node; 3]) -> Res {
        let [test, then, orelse] = t;
        if self.test(f, test)? { self.eval(f, then) } else { self.eval(f, orelse) }
    }

    #[inline(never)]
    fn unary_node(&mut self, f: &mut Frame, node: &Node) -> Res {
        let Code::Unary(op, operand) = &node.code else { return Ok(Value::None) };
        let value = self.operand(f, operand)?;
        match (op, &value, Scalar::of(&value).and_then(Scalar::truth)) {
            (UnOp::Not, _, Some(answer)) => Ok(Value::Bool(!answer)),
            (UnOp::Neg, Value::Int(i), _) if *i != i64::MIN => Ok(Value::Int(-i)),
            (UnOp::Neg, Value::Float(x), _) => Ok(Value::Float(-x)),
            _ => self.unary(*op, &value).map_err(|e| self.locate(e, f, node.span, &[(operand, &value)], true)),
        }
    }

    /// The kinds of expression that loops are not made of; apart, so that [`Interp::eval`] keeps a small frame.
    #[inline(never)]
    fn eval_rare(&mut self, f: &mut Frame, node: &Node) -> Res {
        match &node.code {
            Code::Tuple(items) => Ok(Value::tuple(self.elements(f, items)?)),
            Code::List(items) => Ok(Value::list(self.elements(f, items)?)),
            Code::Set(items) => {
                let literals = items.len() > 2 && items.iter().all(|n| matches!(n.code, Code::Const(Value::Int(_))));
                let values = self.elements(f, items)?;
                let table = if literals { Table::from_literals(values) } else { Table::from_values(values) };
                let table = table.map_err(|e| self.locate(e, f, node.span, &[], false))?;
                Ok(Value::Set(Rc::new(Set::new(table, false))))
            }
            Code::Dict(entries) => self.dict_display(f, entries),
            Code::Star(inner) => {
                let error = type_error("can't use starred expression here");
                Err(self.locate(error.into(), f, inner.span, &[], false))
            }
            Code::Chain(chain) => {
                let (first, rest) = &**chain;
                let mut left_node = first;
                let mut left = self.eval(f, first)?;
                let mut result = Value::Bool(true);
                for (i, (op, span, right_node)) in rest.iter().enumerate() {
                    let right = self.eval(f, right_node)?;
                    result = match compare::quick(*op, &left, &right) {
                        Some(answer) => Value::Bool(answer),
                        None => self.compare_rare(f, (*op, *span), (left_node, &left), (right_node, &right))?,
                    };
                    if i + 1 < rest.len() && !self.truth_at(f, node.span, &result)? {
                        break;
                    }
                    (left_node, left) = (right_node, right);
                }
                Ok(result)
            }
            Code::Function(make) => self.make_function(f, make),
            Code::Walrus(pair) => {
                let value = self.eval(f, &pair.1)?;
                self.assign(f, &pair.0, value.clone())?;
                Ok(value)
            }
            Code::Slice(parts) => {
                let mut part = |node: &Option<Node>| match node {
                    Some(node) => self.eval(f, node),
                    None => Ok(Value::None),
                };
                let (start, stop, step) = (part(&parts[0])?, part(&parts[1])?, part(&parts[2])?);
                Ok(Value::slice(start, stop, step))
            }
            Code::Comp(comp) => self.comprehension(f, comp),
            Code::Generator(pair) => self.generator(f, &pair.0, &pair.1),
            Code::Format(pieces) => Ok(Value::from(self.format_pieces(f, pieces)?)),
            _ => Ok(Value::None),
        }
    }

    /// Whether an expression is true.
    #[inline(always)]
    pub(super) fn test(&mut self, f: &mut Frame, node: &Node) -> Res<bool> {
        let scalar = match &node.code {
            Code::Compare(c) => match short_compare(f, c) {
                Some(answer) => return Ok(answer),
                None => self.compare_node(f, c),
            },
            _ => match self.at_hand(f, node) {
                Some(scalar) => scalar,
                None => self.test_any(f, node),
            },
        };
        match scalar.truth() {
            Some(answer) => Ok(answer),
            None => self.test_rare(f, node, scalar),
        }
    }

    #[inline(never)]
    fn test_any(&mut self, f: &mut Frame, node: &Node) -> Scalar {
        match &node.code {
            Code::And(items) => self.test_each(f, items, false),
            Code::Or(items) => self.test_each(f, items, true),
            _ => self.any_scalar(f, node),
        }
    }

    /// As [`Interp::short_circuit`], where only the truth is asked for: a bool, or the last operand.
    #[inline(never)]
    fn test_each(&mut self, f: &mut Frame, items: &[Node], stop: bool) -> Scalar {
        let Some((last, first)) = items.split_last() else { return Scalar::bool(!stop) };
        for item in first {
            let scalar = match &item.code {
                Code::Compare(c) => self.compare_node(f, c),
                _ => self.scalar(f, item),
            };
            let answer = match scalar.truth() {
                Some(answer) => Ok(answer),
                None => self.value_of(scalar).and_then(|value| self.truth_at(f, item.span, &value)),
            };
            match answer {
                Ok(answer) if answer == stop => return Scalar::bool(stop),
                Ok(_) => {}
                Err(raise) => return self.scalar_of(Err(raise)),
            }
        }
        match &last.code {
            Code::Compare(c) => self.compare_node(f, c),
            _ => self.scalar(f, last),
        }
    }

    #[inline(never)]
    fn test_rare(&mut self, f: &Frame, node: &Node, scalar: Scalar) -> Res<bool> {
        let value = self.value_of(scalar)?;
        self.truth(&value).map_err(|e| self.locate(e, f, node.span, &[(node, &value)], false))
    }

    fn truth_at(&mut self, f: &Frame, span: Span, value: &Value) -> Res<bool> {
        self.truth(value).map_err(|e| self.locate(e, f, span, &[], false))
    }

    /// `and` stops at the first false operand, `or` at the first true one.
    #[inline(never)]
    fn short_circuit(&mut self, f: &mut Frame, items: &[Node], stop: bool) -> Res {
        let mut value = Value::None;
        for (i, item) in items.iter().enumerate() {
            value = self.operand(f, item)?;
            if i + 1 == items.len() {
                break;
            }
            let answer = match Scalar::of(&value).and_then(Scalar::truth) {
                Some(answer) => answer,
                None => self.truth_at(f, item.span, &value)?,
            };
            if answer == stop {
                break;
            }
        }
        Ok(value)
    }

    /// The elements of a display, starred ones spread.
    fn elements(&mut self, f: &mut Frame, items: &[Node]) -> Res<Vec<Value>> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match &item.code {
                Code::Star(inner) => {
                    let value = self.eval(f, inner)?;
                    if self.try_walk(&value)?.is_none() {
                        let message = format!("Value after * must be an iterable, not {}", value.type_name());
                        return Err(self.locate(type_error(message).into(), f, inner.span, &[], false));
                    }
                    let spread = self.collect(&value).map_err(|e| self.locate(e, f, inner.span, &[], false))?;
                    out.extend(spread);
                }
                _ => out.push(self.operand(f, item)?),
            }
        }
        Ok(out)
    }

    fn dict_display(&mut self, f: &mut Frame, entries: &[(Option<Node>, Node)]) -> Res {
        let mut map = Map::with_capacity_and_hasher(entries.len(), Default::default());
        for (key, value) in entries {
            match key {
                Some(key_node) => {
                    let key = self.eval(f, key_node)?;
                    let value = self.eval(f, value)?;
                    map.insert(Key::new(key).map_err(|e| self.locate(e, f, key_node.span, &[], false))?, value);
                }
                None => match self.eval(f, value)? {
                    Value::Dict(dict) => map.extend(dict.map.borrow().iter().map(|(k, v)| (k.clone(), v.clone()))),
                    other => {
                        let message = format!("'{}' object is not a mapping", other.type_name());
                        return Err(self.locate(type_error(message).into(), f, value.span, &[], false));
                    }
                },
            }
        }
        Ok(Value::dict(map))
    }

    pub(super) fn make_function(&mut self, f: &mut Frame, make: &MakeFunction) -> Res {
        let mut defaults = Vec::with_capacity(make.defaults.len());
        for node in &make.defaults {
            defaults.push(self.eval(f, node)?);
        }
        let cells = make.captures.iter().map(|slot| f.locals[*slot as usize].clone()).collect();
        Ok(Value::Func(Rc::new(Func {
            code: make.code.clone(),
            defaults: defaults.into(),
            cells,
            attrs: std::cell::RefCell::default(),
        })))
    }

    pub(super) fn attribute_node(&mut self, f: &Frame, a: &Attribute, value: &Value) -> Res {
        self.get_attr(value, &a.name).map_err(|e| self.locate(e, f, a.span, &[(&a.value, value)], false))
    }

    fn format_pieces(&mut self, f: &mut Frame, pieces: &[Piece]) -> Res<String> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Value(node, conversion, spec) => {
                    let value = self.operand(f, node)?;
                    match (&value, conversion, &**spec) {
                        (Value::Str(text), None, []) => {
                            out.push_str(&text.text);
                            continue;
                        }
                        (Value::Int(i), None, []) => {
                            push_int(&mut out, *i);
                            continue;
                        }
                        _ => {}
                    }
                    let made;
                    let spec = match &**spec {
                        [] => "",
                        [Piece::Text(text)] => text,
                        spec => {
                            made = self.format_pieces(f, spec)?;
                            &made
                        }
                    };
                    let text = self
                        .formatted(&value, *conversion, spec)
                        .map_err(|e| self.locate(e, f, node.span, &[(node, &value)], true))?;
                    out.push_str(&text);
                }
            }
        }
        Ok(out)
    }

    /// `format(value, spec)` behind `!r`, `!s` or `!a`.
    ///
    /// # Errors
    /// `ValueError` and `TypeError` of the format.
    pub(super) fn formatted(&mut self, value: &Value, conversion: Option<char>, spec: &str) -> Res<String> {
        let text = match conversion {
            Some('r') => self.repr(value)?,
            Some('a') => super::text::str_repr::ascii_escape(&self.repr(value)?),
            Some(_) => self.str(value)?,
            None => return self.format(value, spec),
        };
        if spec.is_empty() { Ok(text) } else { Ok(super::text::format_spec::format_str(&text, spec)?) }
    }
}

/// The value of a variable or literal, which nothing needs to run for.
#[inline(always)]
pub(super) fn at_hand<'a>(f: &'a Frame, node: &'a Node) -> Option<&'a Value> {
    match &node.code {
        Code::Local(slot) => Some(&f.locals[*slot as usize]),
        Code::Const(value) => Some(value),
        _ => None,
    }
}

/// The answer where both operands are variables or literals that loops are made of.
#[inline(always)]
fn short_compare(f: &Frame, c: &Compare) -> Option<bool> {
    compare::quick(c.op, at_hand(f, &c.left)?, at_hand(f, &c.right)?)
}

/// Whether operands are asked for as values: numbers have no short way.
#[inline(always)]
fn asks_of_values(op: CmpOp) -> bool {
    matches!(op, CmpOp::In | CmpOp::NotIn | CmpOp::Is | CmpOp::IsNot)
}
