//! Targets: assignment, assignment with an operator, and deletion.

use super::code::{AugAssign, Code, Node, Place, Subscript, Target};
use super::interp::{Frame, Interp};
use super::number::scalar::{self, Scalar};
use super::operators;
use super::raise::Res;
use super::subscript::{item_of, position};
use super::value::Value;
use crate::lang::ast::BinOp;
use std::rc::Rc;

impl Interp {
    /// Stores a value in a target.
    ///
    /// # Errors
    /// What unpacking, the attribute or the subscript raises.
    #[inline(always)]
    pub(super) fn assign(&mut self, f: &mut Frame, target: &Target, value: Value) -> Res<()> {
        match &target.place {
            Place::Local(slot) => {
                f.locals[*slot as usize].put(value);
                Ok(())
            }
            Place::Global(slot) => {
                self.globals.store(*slot, value);
                Ok(())
            }
            Place::Subscript(place) => self.assign_item(f, target, place, value),
            _ => self.assign_rare(f, target, value),
        }
    }

    /// Stores what an expression gave.
    #[inline(always)]
    pub(super) fn put(&mut self, f: &mut Frame, target: &Target, scalar: Scalar) -> Res<()> {
        match (scalar.value(), &target.place) {
            (Some(value), Place::Local(slot)) => {
                f.locals[*slot as usize].put(value);
                Ok(())
            }
            (Some(value), Place::Cell(slot)) => {
                store_cell(f, *slot, value);
                Ok(())
            }
            (Some(value), _) => self.assign_any(f, target, value),
            (None, _) => {
                let value = self.value_of(scalar)?;
                self.assign_any(f, target, value)
            }
        }
    }

    #[inline(never)]
    fn assign_any(&mut self, f: &mut Frame, target: &Target, value: Value) -> Res<()> {
        self.assign(f, target, value)
    }

    #[inline(never)]
    fn assign_rare(&mut self, f: &mut Frame, target: &Target, value: Value) -> Res<()> {
        match &target.place {
            Place::Cell(slot) => {
                store_cell(f, *slot, value);
                Ok(())
            }
            Place::Attribute(a) => {
                let object = self.eval(f, &a.value)?;
                self.set_attr(&object, &a.name, value)
                    .map_err(|e| self.locate(e, f, a.span, &[(&a.value, &object)], false))
            }
            Place::Unpack(targets, star) => {
                if let (Value::Tuple(tuple), None) = (&value, star)
                    && tuple.items.len() == targets.len()
                {
                    for (target, item) in targets.iter().zip(&tuple.items) {
                        self.assign(f, target, item.clone())?;
                    }
                    return Ok(());
                }
                let values = self
                    .unpack(&value, targets.len(), *star)
                    .map_err(|e| self.locate(e, f, target.span, &[], false))?;
                for (target, value) in targets.iter().zip(values) {
                    self.assign(f, target, value)?;
                }
                Ok(())
            }
            Place::Local(_) | Place::Global(_) | Place::Subscript(_) => self.assign(f, target, value),
        }
    }

    /// `value[index] = item`.
    #[inline(never)]
    fn assign_item(&mut self, f: &mut Frame, target: &Target, place: &Subscript, item: Value) -> Res<()> {
        let (object, index) = match (&place.value.code, place.calm) {
            // A variable's list or dict is changed where it is.
            (Code::Local(slot), true) if matches!(f.locals[*slot as usize], Value::List(_)) => {
                let index = self.scalar(f, &place.index);
                if let (Some(i), Value::List(list)) = (index.whole(), &f.locals[*slot as usize])
                    && let mut items = list.items.borrow_mut()
                    && let Some(at) = position(i, items.len())
                {
                    let old = std::mem::replace(&mut items[at], item);
                    drop(items);
                    old.discard();
                    return Ok(());
                }
                let index = self.value_of(index)?;
                (f.locals[*slot as usize].clone(), index)
            }
            (Code::Local(slot), true) if matches!(f.locals[*slot as usize], Value::Dict(_)) => {
                let key = self.operand(f, &place.index)?;
                match &f.locals[*slot as usize] {
                    Value::Dict(dict) if matches!(key, Value::Str(_) | Value::Int(_)) => return dict.set(key, item),
                    object => (object.clone(), key),
                }
            }
            _ => (self.operand(f, &place.value)?, self.operand(f, &place.index)?),
        };
        self.set_item(&object, &index, item)
            .map_err(|e| self.locate(e, f, target.span, &[(&place.value, &object), (&place.index, &index)], false))
    }

    /// `variable op= value`.
    #[inline(never)]
    pub(super) fn aug_name(&mut self, f: &mut Frame, aug: &AugAssign, read: &Node) -> Res<()> {
        let left = self.scalar(f, read);
        if left.is_here() {
            let right = self.scalar(f, &aug.value);
            if let Some(result) = scalar::binary(aug.op, left, right) {
                return self.put(f, &aug.target, result);
            }
            let (left, right) = (self.value_of(left)?, self.value_of(right)?);
            return self.aug_name_rare(f, aug, read, left, right);
        }
        let left = self.value_of(left)?;
        let right = self.operand(f, &aug.value)?;
        self.aug_name_rare(f, aug, read, left, right)
    }

    #[inline(never)]
    fn aug_name_rare(&mut self, f: &mut Frame, aug: &AugAssign, read: &Node, left: Value, right: Value) -> Res<()> {
        let mut left = left;
        if let (BinOp::Add, Value::Str(text), Value::Str(end)) = (aug.op, &mut left, &right)
            && operators::room::<u8>(text.text.len() + end.text.len(), 1).is_ok()
        {
            // The variable lets go of the text, which can then grow where it is.
            self.assign(f, &aug.target, Value::None)?;
            if let Some(text) = Rc::get_mut(text) {
                text.push(end);
                return self.assign(f, &aug.target, left);
            }
        }
        self.here(f, aug.target.span.to(aug.value.span));
        let value = self
            .binary_in_place(aug.op, &left, &right)
            .map_err(|e| self.locate(e, f, aug.span, &[(read, &left), (&aug.value, &right)], true))?;
        self.assign(f, &aug.target, value)
    }

    #[inline(never)]
    pub(super) fn aug_assign(&mut self, f: &mut Frame, aug: &AugAssign) -> Res<()> {
        let combine = |it: &mut Interp, f: &mut Frame, left: &Value| {
            let right = it.operand(f, &aug.value)?;
            it.here(f, aug.target.span.to(aug.value.span));
            match operators::quick(aug.op, left, &right) {
                Some(value) => Ok(value),
                None => it.binary_in_place(aug.op, left, &right).map_err(|e| it.locate(e, f, aug.span, &[], false)),
            }
        };
        match &aug.target.place {
            Place::Attribute(a) => {
                let object = self.eval(f, &a.value)?;
                let left = self.attribute_node(f, a, &object)?;
                let value = combine(self, f, &left)?;
                self.set_attr(&object, &a.name, value)
                    .map_err(|e| self.locate(e, f, a.span, &[(&a.value, &object)], false))
            }
            Place::Subscript(place) => {
                let object = self.operand(f, &place.value)?;
                let index = self.operand(f, &place.index)?;
                let operands = [(&place.value, &object), (&place.index, &index)];
                let left = match item_of(&object, &index) {
                    Some(item) => item,
                    None => self
                        .get_item(&object, &index)
                        .map_err(|e| self.locate(e, f, aug.target.span, &operands, false))?,
                };
                let value = combine(self, f, &left)?;
                self.set_item(&object, &index, value).map_err(|e| self.locate(e, f, aug.target.span, &operands, false))
            }
            // A variable: see `aug_name`.
            _ => Ok(()),
        }
    }

    pub(super) fn delete(&mut self, f: &mut Frame, target: &Target) -> Res<()> {
        match &target.place {
            Place::Local(slot) => {
                if !std::mem::replace(&mut f.locals[*slot as usize], Value::Unset).is_set() {
                    return Err(self.unbound(f, *slot, target.span));
                }
            }
            Place::Global(slot) => {
                if !std::mem::replace(&mut self.globals.values[*slot as usize], Value::Unset).is_set() {
                    return Err(self.undefined(f, *slot, target.span));
                }
            }
            Place::Cell(slot) => {
                let bound = match &f.locals[*slot as usize] {
                    Value::Cell(cell) => cell.replace(Value::Unset).is_set(),
                    _ => false,
                };
                if !bound {
                    return Err(self.unbound(f, *slot, target.span));
                }
            }
            Place::Attribute(a) => {
                let object = self.eval(f, &a.value)?;
                self.del_attr(&object, &a.name)
                    .map_err(|e| self.locate(e, f, a.span, &[(&a.value, &object)], false))?;
            }
            Place::Subscript(place) => {
                let object = self.eval(f, &place.value)?;
                let index = self.eval(f, &place.index)?;
                self.del_item(&object, &index).map_err(|e| {
                    self.locate(e, f, target.span, &[(&place.value, &object), (&place.index, &index)], false)
                })?;
            }
            Place::Unpack(targets, _) => {
                for target in targets {
                    self.delete(f, target)?;
                }
            }
        }
        Ok(())
    }
}

#[inline(always)]
fn store_cell(f: &mut Frame, slot: u32, value: Value) {
    if let Value::Cell(cell) = &f.locals[slot as usize] {
        cell.replace(value).discard();
    }
}
