//! Runs statements.

use super::code::{AugAssign, Code, For, Handler, Node, Place, Stmt, StmtKind, Target, Try};
use super::expr::at_hand;
use super::interp::{Frame, Interp};
use super::iterate::Walk;
use super::kind::Type;
use super::number::scalar::{self, Scalar};
use super::operators;
use super::raise::{Exc, Raise, Res};
use super::subscript::position;
use super::value::Value;
use crate::base::error::{runtime, type_error};
use crate::base::{ErrorKind, Span};
use crate::lang::ast::BinOp;
use crate::tensor::lazy;
use smallvec::SmallVec;
use std::rc::Rc;

/// How a statement ended.
pub enum Flow {
    /// Go on behind it.
    Next,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `return`.
    Return(Value),
}

impl Interp {
    /// Runs statements up to the first that leaves.
    pub(super) fn block(&mut self, f: &mut Frame, block: &[Stmt]) -> Res<Flow> {
        for stmt in block {
            match self.stmt(f, stmt)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// What it raises, with its place.
    pub(super) fn stmt(&mut self, f: &mut Frame, stmt: &Stmt) -> Res<Flow> {
        match &stmt.kind {
            StmtKind::Expr { value, echo } => {
                let value = self.eval(f, value)?;
                if *echo && !value.is_none() {
                    self.echo_value(&value).map_err(|e| self.locate(e, f, stmt.span, &[], false))?;
                }
                value.discard();
            }
            StmtKind::Assign { targets, value } => {
                if let ([target], Code::Binary(_)) = (&**targets, &value.code) {
                    let scalar = self.scalar(f, value);
                    self.put(f, target, scalar)?;
                    return self.settled(f, stmt.span);
                }
                let value = self.operand(f, value)?;
                match &**targets {
                    [target] => self.assign(f, target, value)?,
                    targets => {
                        for target in targets {
                            self.assign(f, target, value.clone())?;
                        }
                    }
                }
            }
            StmtKind::Swap { targets, values } => {
                let mut made: SmallVec<[Value; 4]> = SmallVec::new();
                for value in values {
                    made.push(self.operand(f, value)?);
                }
                for (target, value) in targets.iter().zip(made) {
                    self.assign(f, target, value)?;
                }
            }
            StmtKind::AugAssign(aug) => match &aug.read {
                Some(read) => self.aug_name(f, aug, read)?,
                None => self.aug_assign(f, aug)?,
            },
            StmtKind::If { arms, orelse } => {
                for (test, body) in arms {
                    if self.test(f, test)? {
                        return self.block(f, body);
                    }
                }
                return self.block(f, orelse);
            }
            StmtKind::For(node) => return self.for_loop(f, node),
            StmtKind::While { test, body, orelse } => {
                while self.test(f, test)? {
                    self.check_interrupt().map_err(|e| self.locate(e, f, test.span, &[], false))?;
                    match self.block(f, body)? {
                        Flow::Break => return Ok(Flow::Next),
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                        _ => {}
                    }
                }
                return self.block(f, orelse);
            }
            StmtKind::Break => return Ok(Flow::Break),
            StmtKind::Continue => return Ok(Flow::Continue),
            StmtKind::Pass => return Ok(Flow::Next),
            StmtKind::Return(value) => {
                let value = match value {
                    Some(node) => self.operand(f, node)?,
                    None => Value::None,
                };
                if lazy::urgent() {
                    self.settle(f, stmt.span)?;
                }
                return Ok(Flow::Return(value));
            }
            _ => return self.rare_stmt(f, stmt),
        }
        self.settled(f, stmt.span)
    }

    /// Computes what the statement left to be computed; a function's statements leave it to the one that called, as a rule.
    #[inline(always)]
    fn settled(&mut self, f: &Frame, span: Span) -> Res<Flow> {
        if lazy::waits() { self.settle(f, span) } else { Ok(Flow::Next) }
    }

    #[inline(never)]
    fn settle(&mut self, f: &Frame, span: Span) -> Res<Flow> {
        if self.depth > 0 && !lazy::urgent() {
            lazy::keep();
            return Ok(Flow::Next);
        }
        match lazy::flush() {
            Ok(()) => Ok(Flow::Next),
            Err(e) => Err(self.locate(e.into(), f, span, &[], false)),
        }
    }

    #[inline(never)]
    fn rare_stmt(&mut self, f: &mut Frame, stmt: &Stmt) -> Res<Flow> {
        match &stmt.kind {
            StmtKind::With { items, body } => return self.with(f, items, body),
            StmtKind::Try(node) => return self.try_stmt(f, node),
            StmtKind::Raise { value, cause } => {
                let raise = self.raise(f, value.as_ref(), cause.as_ref())?;
                return Err(self.locate(raise, f, stmt.span, &[], false));
            }
            StmtKind::Assert { test, message } => self.assert(f, test, message.as_ref())?,
            StmtKind::Del(targets) => {
                for target in targets {
                    self.delete(f, target)?;
                }
            }
            StmtKind::Import { module, last, target } => {
                let value = self.import(module, *last).map_err(|e| self.locate(e, f, stmt.span, &[], false))?;
                self.assign(f, target, value)?;
            }
            StmtKind::FromImport { module, module_span, names } => {
                let found = self.import(module, true).map_err(|e| self.locate(e, f, *module_span, &[], false))?;
                for (name, target) in names {
                    let value = self
                        .import_from(&found, module, name)
                        .map_err(|e| self.locate(e, f, target.span, &[], false))?;
                    self.assign(f, target, value)?;
                }
            }
            StmtKind::StarImport { module, module_span } => {
                let found = self.import(module, true).map_err(|e| self.locate(e, f, *module_span, &[], false))?;
                self.import_all(&found);
            }
            _ => {}
        }
        self.settled(f, stmt.span)
    }

    fn echo_value(&mut self, value: &Value) -> Res<()> {
        let Some(echo) = self.echo.clone() else { return Ok(()) };
        echo(self, value)?;
        self.globals.set("_", value.clone());
        Ok(())
    }

    #[inline(never)]
    fn for_loop(&mut self, f: &mut Frame, node: &For) -> Res<Flow> {
        let mut walk = self.walk_node(f, &node.iter)?;
        while self.bind_next(f, &mut walk, &node.target, &node.iter)? {
            match self.block(f, &node.body)? {
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(value) => return Ok(Flow::Return(value)),
                _ => {}
            }
        }
        self.block(f, &node.orelse)
    }

    /// Binds the next value of a walk to a loop's target; false when there is none.
    #[inline(always)]
    pub(super) fn bind_next(&mut self, f: &mut Frame, walk: &mut Walk, target: &Target, iter: &Node) -> Res<bool> {
        let next = match walk {
            Walk::Range(range) => {
                let Some(i) = range.take_first() else { return Ok(false) };
                self.check_interrupt().map_err(|e| self.locate(e, f, iter.span, &[], false))?;
                self.put(f, target, Scalar::int(i))?;
                return Ok(true);
            }
            Walk::List(list, at) => {
                let item = list.items.borrow().get(*at).cloned();
                *at += 1;
                item
            }
            walk => match &target.place {
                Place::Unpack(parts, None) if parts.len() == 2 && walk.gives_pairs() => {
                    return self.bind_pair(f, walk, parts, iter);
                }
                _ => self.step(walk).map_err(|e| self.locate(e, f, iter.span, &[], false))?,
            },
        };
        let Some(value) = next else { return Ok(false) };
        self.check_interrupt().map_err(|e| self.locate(e, f, iter.span, &[], false))?;
        self.assign(f, target, value)?;
        Ok(true)
    }

    /// As [`Interp::bind_next`], of a walk over pairs that need not become tuples.
    #[inline(never)]
    fn bind_pair(&mut self, f: &mut Frame, walk: &mut Walk, targets: &[Target], iter: &Node) -> Res<bool> {
        let next = self.step_pair(walk).map_err(|e| self.locate(e, f, iter.span, &[], false))?;
        let Some(pair) = next else { return Ok(false) };
        self.check_interrupt().map_err(|e| self.locate(e, f, iter.span, &[], false))?;
        for (target, value) in targets.iter().zip(pair) {
            self.assign(f, target, value)?;
        }
        Ok(true)
    }

    fn assert(&mut self, f: &mut Frame, test: &Node, message: Option<&Node>) -> Res<()> {
        if self.test(f, test)? {
            return Ok(());
        }
        let args = match message {
            Some(node) => vec![self.eval(f, node)?],
            None => Vec::new(),
        };
        let raise = Raise::new(ErrorKind::AssertionError, args);
        Err(self.locate(raise, f, test.span, &[], false))
    }

    /// Stores a value in a target.
    ///
    /// # Errors
    /// What unpacking, the attribute or the subscript raises.
    #[inline(always)]
    pub(super) fn assign(&mut self, f: &mut Frame, target: &Target, value: Value) -> Res<()> {
        match &target.place {
            Place::Local(slot) => {
                std::mem::replace(&mut f.locals[*slot as usize], value).discard();
                Ok(())
            }
            Place::Global(slot) => {
                self.globals.store(*slot, value);
                Ok(())
            }
            _ => self.assign_rare(f, target, value),
        }
    }

    /// Stores what an expression gave.
    #[inline(always)]
    fn put(&mut self, f: &mut Frame, target: &Target, scalar: Scalar) -> Res<()> {
        match (scalar.value(), &target.place) {
            (Some(value), Place::Local(slot)) => {
                std::mem::replace(&mut f.locals[*slot as usize], value).discard();
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
            Place::Subscript(pair) => {
                if let (Some(Value::List(list)), Some(Value::Int(i))) = (at_hand(f, &pair.0), at_hand(f, &pair.1))
                    && let mut items = list.items.borrow_mut()
                    && let Some(at) = position(*i, items.len())
                {
                    let old = std::mem::replace(&mut items[at], value);
                    drop(items);
                    old.discard();
                    return Ok(());
                }
                let object = self.operand(f, &pair.0)?;
                let index = self.operand(f, &pair.1)?;
                self.set_item(&object, &index, value)
                    .map_err(|e| self.locate(e, f, target.span, &[(&pair.0, &object), (&pair.1, &index)], false))
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
            Place::Local(_) | Place::Global(_) => self.assign(f, target, value),
        }
    }

    /// `variable op= value`.
    #[inline(never)]
    fn aug_name(&mut self, f: &mut Frame, aug: &AugAssign, read: &Node) -> Res<()> {
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
    fn aug_assign(&mut self, f: &mut Frame, aug: &AugAssign) -> Res<()> {
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
            Place::Subscript(pair) => {
                let object = self.operand(f, &pair.0)?;
                let index = self.operand(f, &pair.1)?;
                let operands = [(&pair.0, &object), (&pair.1, &index)];
                let left =
                    self.get_item(&object, &index).map_err(|e| self.locate(e, f, aug.target.span, &operands, false))?;
                let value = combine(self, f, &left)?;
                self.set_item(&object, &index, value).map_err(|e| self.locate(e, f, aug.target.span, &operands, false))
            }
            // A variable: see `aug_name`.
            _ => Ok(()),
        }
    }

    fn delete(&mut self, f: &mut Frame, target: &Target) -> Res<()> {
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
            Place::Subscript(pair) => {
                let object = self.eval(f, &pair.0)?;
                let index = self.eval(f, &pair.1)?;
                self.del_item(&object, &index)
                    .map_err(|e| self.locate(e, f, target.span, &[(&pair.0, &object), (&pair.1, &index)], false))?;
            }
            Place::Unpack(targets, _) => {
                for target in targets {
                    self.delete(f, target)?;
                }
            }
        }
        Ok(())
    }

    /// The exception of a `raise` statement; an error that is raised on the way instead is `Err` as well.
    fn raise(&mut self, f: &mut Frame, value: Option<&Node>, cause: Option<&Node>) -> Res<Raise> {
        let Some(node) = value else {
            return Ok(match self.handling.last() {
                Some(exc) => Raise::exc(exc.clone()),
                None => runtime("No active exception to reraise").into(),
            });
        };
        let value = self.eval(f, node)?;
        let Some(exc) = as_exception(&value) else {
            return Ok(type_error("exceptions must derive from BaseException").into());
        };
        if let Some(node) = cause {
            let cause = self.eval(f, node)?;
            exc.suppress.set(true);
            match (as_exception(&cause), cause.is_none()) {
                (Some(cause), _) => *exc.cause.borrow_mut() = Some(cause),
                (None, true) => {}
                (None, false) => return Ok(type_error("exception causes must derive from BaseException").into()),
            }
        }
        Ok(Raise::exc(exc))
    }

    fn try_stmt(&mut self, f: &mut Frame, node: &Try) -> Res<Flow> {
        let mut result = match self.block(f, &node.body) {
            Ok(Flow::Next) => self.block(f, &node.orelse),
            Ok(flow) => Ok(flow),
            Err(raise) => self.handle(f, &node.handlers, raise),
        };
        if !node.finally.is_empty() {
            // What the `finally` block does (return, raise, break) goes before what happened in the others.
            match self.block(f, &node.finally) {
                Ok(Flow::Next) => {}
                other => {
                    if let (Err(raise), Err(first)) = (&other, &result) {
                        raise.value().while_handling(Some(first.value()));
                    }
                    result = other;
                }
            }
        }
        result
    }

    fn handle(&mut self, f: &mut Frame, handlers: &[Handler], raise: Raise) -> Res<Flow> {
        for handler in handlers {
            if let Some(node) = &handler.types {
                let types = self.eval(f, node)?;
                let caught = catches(&types, raise.kind()).map_err(|e| self.locate(e, f, node.span, &[], false))?;
                if !caught {
                    continue;
                }
            }
            let exc = raise.into_exc();
            exc.while_handling(self.handling.last());
            if let Some(target) = &handler.target {
                self.assign(f, target, Value::Exc(exc.clone()))?;
            }
            self.handling.push(exc);
            let result = self.block(f, &handler.body);
            let handled = self.handling.pop();
            if let Err(raise) = &result {
                raise.value().while_handling(handled.as_ref());
            }
            if let Some(target) = &handler.target {
                // The name ends with the clause; that it may be gone already is no error.
                let _ = self.delete(f, target);
            }
            return result;
        }
        Err(raise)
    }

    fn with(&mut self, f: &mut Frame, items: &[(Node, Option<Target>)], body: &[Stmt]) -> Res<Flow> {
        let Some(((node, target), rest)) = items.split_first() else {
            return self.block(f, body);
        };
        let manager = self.eval(f, node)?;
        let entered = match &manager {
            object @ (Value::Object(_) | Value::Tensor(_)) => object.foreign().enter(self, &manager),
            _ => Ok(None),
        };
        let entered = match entered {
            Ok(Some(value)) => value,
            Ok(None) => {
                let message = format!("'{}' object does not support the context manager protocol", manager.type_name());
                return Err(self.locate(type_error(message).into(), f, node.span, &[(node, &manager)], true));
            }
            Err(e) => return Err(self.locate(e, f, node.span, &[], false)),
        };
        let result = match target.as_ref().map_or(Ok(()), |target| self.assign(f, target, entered)) {
            Ok(()) => self.with(f, rest, body),
            Err(e) => Err(e),
        };
        let object @ (Value::Object(_) | Value::Tensor(_)) = &manager else { return result };
        let object = object.clone();
        match result {
            Ok(flow) => {
                object.foreign().exit(self, None).map_err(|e| self.locate(e, f, node.span, &[], false))?;
                Ok(flow)
            }
            Err(raise) => {
                let swallowed = object
                    .foreign()
                    .exit(self, Some(raise.value()))
                    .map_err(|e| self.locate(e, f, node.span, &[], false))?;
                if swallowed { Ok(Flow::Next) } else { Err(raise) }
            }
        }
    }
}

fn store_cell(f: &mut Frame, slot: u32, value: Value) {
    if let Value::Cell(cell) = &f.locals[slot as usize] {
        let old = cell.replace(value);
        drop(old);
    }
}

/// An exception, or the exception that a type without arguments makes.
pub(super) fn as_exception(value: &Value) -> Option<Rc<Exc>> {
    match value {
        Value::Exc(exc) => Some(exc.clone()),
        Value::Type(Type::Exc(kind)) => Some(Rc::new(Exc::new(*kind, Vec::new()))),
        _ => None,
    }
}

/// Whether `except types:` catches a kind.
pub(super) fn catches(types: &Value, kind: ErrorKind) -> Res<bool> {
    match types {
        Value::Type(Type::Exc(base)) => Ok(kind.is_a(*base)),
        Value::Tuple(tuple) => {
            for item in &tuple.items {
                if catches(item, kind)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(type_error("catching classes that do not inherit from BaseException is not allowed").into()),
    }
}
