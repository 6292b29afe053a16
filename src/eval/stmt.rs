//! Runs statements.

use super::code::{Block, Code, For, Handler, Node, Place, Stmt, StmtKind, Target, Try};
use super::interp::{Frame, Interp};
use super::iterate::Walk;
use super::kind::Type;
use super::number::scalar::Scalar;
use super::raise::{Exc, Raise, Res};
use super::value::Value;
use crate::base::error::{runtime, type_error};
use crate::base::{ErrorKind, Span, interrupt};
use crate::tensor::lazy;
use smallvec::SmallVec;
use std::rc::Rc;

/// How a statement ended: a word, so that a result of it comes in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Flow {
    /// Go on behind it.
    Next,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `return`; the evaluator holds the value.
    Return,
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

    /// Runs a statement. Each kind has a function of its own, so that a block needs but a small frame.
    ///
    /// # Errors
    /// What it raises, with its place.
    #[inline(always)]
    pub(super) fn stmt(&mut self, f: &mut Frame, stmt: &Stmt) -> Res<Flow> {
        match &stmt.kind {
            StmtKind::Expr { value, echo: false } => self.expr_stmt(f, value)?,
            StmtKind::Expr { value, echo: true } => self.echo_stmt(f, value, stmt.span)?,
            StmtKind::Assign { targets, value } => match &**targets {
                [target] => self.assign_one(f, target, value)?,
                targets => self.assign_all(f, targets, value)?,
            },
            StmtKind::Swap { targets, values } => match (&**targets, &**values) {
                ([a, b], [x, y]) => self.assign_two(f, (a, b), (x, y))?,
                (targets, values) => self.assign_each(f, targets, values)?,
            },
            StmtKind::AugAssign(aug) => match &aug.read {
                Some(read) => self.aug_name(f, aug, read)?,
                None => self.aug_assign(f, aug)?,
            },
            StmtKind::If { arms, orelse } => return self.if_stmt(f, arms, orelse),
            StmtKind::For(node) => return self.for_loop(f, node),
            StmtKind::While { test, body, orelse } => return self.while_loop(f, test, body, orelse),
            StmtKind::Break => return Ok(Flow::Break),
            StmtKind::Continue => return Ok(Flow::Continue),
            StmtKind::Pass => return Ok(Flow::Next),
            StmtKind::Return(value) => return self.return_stmt(f, value.as_ref(), stmt.span),
            _ => return self.rare_stmt(f, stmt),
        }
        self.settled(f, stmt.span)
    }

    #[inline(never)]
    fn expr_stmt(&mut self, f: &mut Frame, value: &Node) -> Res<()> {
        match &value.code {
            Code::MethodCall(call) => self.method_node(f, call, value)?.discard(),
            _ => self.eval(f, value)?.discard(),
        }
        Ok(())
    }

    #[inline(never)]
    fn echo_stmt(&mut self, f: &mut Frame, value: &Node, span: Span) -> Res<()> {
        let value = self.eval(f, value)?;
        if value.is_none() {
            return Ok(());
        }
        self.echo_value(&value).map_err(|e| self.locate(e, f, span, &[], false))
    }

    #[inline(never)]
    fn assign_one(&mut self, f: &mut Frame, target: &Target, value: &Node) -> Res<()> {
        if let Code::Binary(_) | Code::Subscript(_) = &value.code {
            let scalar = self.scalar(f, value);
            return self.put(f, target, scalar);
        }
        let value = self.operand(f, value)?;
        self.assign(f, target, value)
    }

    #[inline(never)]
    fn assign_all(&mut self, f: &mut Frame, targets: &[Target], value: &Node) -> Res<()> {
        let value = self.operand(f, value)?;
        for target in targets {
            self.assign(f, target, value.clone())?;
        }
        Ok(())
    }

    #[inline(never)]
    fn assign_two(&mut self, f: &mut Frame, targets: (&Target, &Target), values: (&Node, &Node)) -> Res<()> {
        let first = self.operand(f, values.0)?;
        let second = self.operand(f, values.1)?;
        self.assign(f, targets.0, first)?;
        self.assign(f, targets.1, second)
    }

    #[inline(never)]
    fn assign_each(&mut self, f: &mut Frame, targets: &[Target], values: &[Node]) -> Res<()> {
        let mut made: SmallVec<[Value; 4]> = SmallVec::new();
        for value in values {
            made.push(self.operand(f, value)?);
        }
        for (target, value) in targets.iter().zip(made) {
            self.assign(f, target, value)?;
        }
        Ok(())
    }

    #[inline(never)]
    fn if_stmt(&mut self, f: &mut Frame, arms: &[(Node, Block)], orelse: &[Stmt]) -> Res<Flow> {
        for (test, body) in arms {
            if self.test(f, test)? {
                return self.block(f, body);
            }
        }
        self.block(f, orelse)
    }

    #[inline(never)]
    fn while_loop(&mut self, f: &mut Frame, test: &Node, body: &[Stmt], orelse: &[Stmt]) -> Res<Flow> {
        while self.test(f, test)? {
            self.interrupted(f, test)?;
            match self.block(f, body)? {
                Flow::Break => return Ok(Flow::Next),
                Flow::Return => return Ok(Flow::Return),
                _ => {}
            }
        }
        self.block(f, orelse)
    }

    #[inline(never)]
    fn return_stmt(&mut self, f: &mut Frame, value: Option<&Node>, span: Span) -> Res<Flow> {
        let value = match value {
            Some(node) => self.operand(f, node)?,
            None => Value::None,
        };
        if lazy::waits() && lazy::urgent() {
            self.settle(f, span)?;
        }
        std::mem::replace(&mut self.returned, value).discard();
        Ok(Flow::Return)
    }

    /// Raises `KeyboardInterrupt` at a loop's node when the user asked for it.
    #[inline(always)]
    fn interrupted(&self, f: &Frame, node: &Node) -> Res<()> {
        if !interrupt::raised() {
            return Ok(());
        }
        self.check_interrupt().map_err(|e| self.locate(e, f, node.span, &[], false))
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
                Flow::Return => return Ok(Flow::Return),
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
                self.interrupted(f, iter)?;
                self.put(f, target, Scalar::int(i))?;
                return Ok(true);
            }
            Walk::List(list, at) => {
                let item = list.items.borrow().get(*at).cloned();
                *at += 1;
                item
            }
            walk => match &target.place {
                Place::Unpack(parts, None)
                    if walk.gives_pairs()
                        && let [a, b] = &**parts =>
                {
                    return self.bind_pair(f, walk, [a, b], iter);
                }
                _ => self.step(walk).map_err(|e| self.locate(e, f, iter.span, &[], false))?,
            },
        };
        let Some(value) = next else { return Ok(false) };
        self.interrupted(f, iter)?;
        self.assign(f, target, value)?;
        Ok(true)
    }

    /// As [`Interp::bind_next`], of a walk over pairs that need not become tuples.
    #[inline(never)]
    fn bind_pair(&mut self, f: &mut Frame, walk: &mut Walk, targets: [&Target; 2], iter: &Node) -> Res<bool> {
        let next = self.step_pair(walk).map_err(|e| self.locate(e, f, iter.span, &[], false))?;
        let Some([a, b]) = next else { return Ok(false) };
        self.interrupted(f, iter)?;
        self.assign(f, targets[0], a)?;
        self.assign(f, targets[1], b)?;
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
            let returned = std::mem::replace(&mut self.returned, Value::Unset);
            match self.block(f, &node.finally) {
                Ok(Flow::Next) => self.returned = returned,
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
        let manager = match self.eval(f, node)? {
            Value::Device(device) => super::torch::cuda::DefaultDevice::value(device),
            other => other,
        };
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
                let returned = std::mem::replace(&mut self.returned, Value::Unset);
                object.foreign().exit(self, None).map_err(|e| self.locate(e, f, node.span, &[], false))?;
                self.returned = returned;
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
