//! Calls: evaluation of arguments, binding them to parameters, and running functions.

use super::args::Args;
use super::bind::{add_defaults, fits, named};
use super::builtin::Builtin;
use super::builtins::types::constructor;
use super::code::{Argument, Arguments, Body, Bound, Call, Code, Found, How, MethodCall, Node};
use super::interp::{Frame, Interp};
use super::kind::Type;
use super::raise::{Raise, Res};
use super::stmt::Flow;
use super::torch::rows::RowFn;
use super::value::{Func, Value};
use crate::base::error::type_error;
use std::cell::RefCell;
use std::rc::Rc;

/// Arguments of a builtin that are kept on the stack.
const FEW: usize = 4;

impl Interp {
    /// Calls a value.
    ///
    /// # Errors
    /// `TypeError` when it is not callable or the arguments do not fit; what the call raises.
    pub fn call(&mut self, callee: &Value, mut args: Args) -> Res {
        self.call_with(callee, &mut args)
    }

    /// Calls a value; the arguments stay in `args` as far as the callee leaves them there.
    ///
    /// # Errors
    /// As [`Interp::call`].
    pub fn call_with(&mut self, callee: &Value, args: &mut Args) -> Res {
        match callee {
            Value::Builtin(row) => row.invoke(self, args),
            Value::Func(func) => {
                let locals = self.bind(func, args)?;
                self.run(func, locals)
            }
            Value::Method(method) => {
                args.pos.insert(0, method.this.clone());
                method.func.invoke(self, args)
            }
            Value::Type(kind) => self.construct(*kind, args),
            Value::NamedType(named) => super::modules::collections::instance(named, args),
            object @ (Value::Object(_) | Value::Tensor(_)) => {
                match object.foreign().call(self, std::mem::take(args))? {
                    Some(value) => Ok(value),
                    None => Err(not_callable(callee)),
                }
            }
            _ => Err(not_callable(callee)),
        }
    }

    #[inline(never)]
    pub(super) fn call_node(&mut self, f: &mut Frame, call: &Call, node: &Node) -> Res {
        if let Code::Global(slot) = &call.func.code {
            match self.globals.load(*slot) {
                Value::Func(func) => {
                    let func = func.clone();
                    return self.call_func(f, func, call, node);
                }
                Value::Builtin(row) => return self.call_row(f, row, &call.args, node),
                Value::Type(kind) if !matches!(kind, Type::Exc(_)) => {
                    let made = call.made.get().filter(|(k, _)| k == kind).map(|(_, row)| row);
                    let row = made.or_else(|| constructor(*kind));
                    if let Some(row) = row {
                        call.made.set(Some((*kind, row)));
                        return self.call_row(f, row, &call.args, node);
                    }
                }
                _ => {}
            }
        }
        match self.operand(f, &call.func)? {
            Value::Func(func) => self.call_func(f, func, call, node),
            callee => self.call_value(f, &callee, None, &call.args, node),
        }
    }

    #[inline(always)]
    fn call_func(&mut self, f: &mut Frame, func: Rc<Func>, call: &Call, node: &Node) -> Res {
        let code = &*func.code;
        if call.args.plain && code.simple && code.params.len() == call.args.items.len() {
            return self.call_plain(f, &func, &call.args, node);
        }
        if fits(code, &call.args) {
            return self.call_named(f, &func, &call.args, node);
        }
        self.call_value(f, &Value::Func(func), None, &call.args, node)
    }

    /// Calls a builtin function.
    #[inline(always)]
    fn call_row(&mut self, f: &mut Frame, row: &'static Builtin, nodes: &Arguments, node: &Node) -> Res {
        let given = nodes.items.len();
        if let Some(count) = row.takes(given).filter(|&count| nodes.plain && count <= FEW) {
            return self.call_few(f, (row, count), None, nodes, node);
        }
        let mut args = Args::default();
        self.more_arguments(f, nodes, &Value::Builtin(row), &mut args)?;
        self.here(f, node.span);
        match row.invoke(self, &mut args) {
            Ok(value) => Ok(value),
            Err(e) => Err(self.call_failed(e, f, &Value::Builtin(row), None, &args, nodes, node)),
        }
    }

    /// Calls a value with a call's arguments; `this` is the object of a method that the value holds.
    fn call_value(
        &mut self,
        f: &mut Frame,
        callee: &Value,
        this: Option<(&Node, &Value)>,
        nodes: &Arguments,
        node: &Node,
    ) -> Res {
        let mut args = Args::default();
        self.more_arguments(f, nodes, callee, &mut args)?;
        self.here(f, node.span);
        match self.call_with(callee, &mut args) {
            Ok(value) => Ok(value),
            Err(e) => Err(self.call_failed(e, f, callee, this, &args, nodes, node)),
        }
    }

    /// A call of a script's function whose arguments are exactly its parameters: no binding.
    #[inline(always)]
    fn call_plain(&mut self, f: &mut Frame, func: &Rc<Func>, args: &Arguments, node: &Node) -> Res {
        let mut locals = self.take_locals();
        locals.reserve(func.code.slots.len());
        for arg in &args.items {
            match self.operand(f, &arg.node) {
                Ok(value) => locals.push(value),
                Err(e) => {
                    self.give_locals(locals);
                    return Err(e);
                }
            }
        }
        self.run(func, locals).map_err(|e| self.func_failed(e, f, func, node))
    }

    /// A call of a script's function whose arguments [fit](fits): each goes to its place.
    #[inline(never)]
    fn call_named(&mut self, f: &mut Frame, func: &Rc<Func>, args: &Arguments, node: &Node) -> Res {
        let params = &*func.code.params;
        let mut locals = self.take_locals();
        locals.reserve(func.code.slots.len());
        locals.resize_with(params.len(), || Value::Unset);
        for (i, arg) in args.items.iter().enumerate() {
            let at = match &arg.how {
                How::Keyword(name, _) => named(params, name).unwrap_or(i),
                _ => i,
            };
            match self.operand(f, &arg.node) {
                Ok(value) => locals[at] = value,
                Err(e) => {
                    self.give_locals(locals);
                    return Err(e);
                }
            }
        }
        match add_defaults(func, &mut locals) {
            Ok(()) => self.run(func, locals),
            Err(e) => Err(e),
        }
        .map_err(|e| self.func_failed(e, f, func, node))
    }

    #[cold]
    fn func_failed(&self, raise: Raise, f: &Frame, func: &Func, node: &Node) -> Raise {
        let raise = self.locate(raise, f, node.span, &[], false);
        if func.code.source.is_own() {
            return raise;
        }
        raise.through(&func.code.name, &f.code.source, node.span)
    }

    #[inline(never)]
    pub(super) fn method_node(&mut self, f: &mut Frame, call: &MethodCall, node: &Node) -> Res {
        let nodes = &call.args;
        let given = nodes.items.len() + 1;
        let object = &call.target.value;
        if let (Code::Local(slot), Some(Bound { kind, row }), true, true) =
            (&object.code, call.method.get(), nodes.plain, nodes.calm)
            && f.locals[*slot as usize].is_of(kind)
            && let Some(count) = row.takes(given).filter(|&count| count <= FEW)
        {
            return self.call_lent(f, (row, count), (object, *slot as usize), nodes, node);
        }
        self.method_of_value(f, call, node)
    }

    #[inline(never)]
    fn method_of_value(&mut self, f: &mut Frame, call: &MethodCall, node: &Node) -> Res {
        if let Some(row) = self.function_of_module(call) {
            return self.call_row(f, row, &call.args, node);
        }
        let this = self.operand(f, &call.target.value)?;
        match call.method.get() {
            Some(Bound { kind, row }) if this.is_of(kind) => self.call_method(f, call, this, row, node),
            _ => self.found_method(f, call, this, node),
        }
    }

    /// The builtin function that a call found in a module before, where the name still means that module.
    #[inline(always)]
    fn function_of_module(&self, call: &MethodCall) -> Option<&'static Builtin> {
        let Code::Global(slot) = &call.target.value.code else { return None };
        let Value::Module(this) = self.globals.load(*slot) else { return None };
        match &*call.found.borrow() {
            Found::Function(module, changes, Value::Builtin(row))
                if Rc::ptr_eq(module, this) && this.changes.get() == *changes =>
            {
                Some(row)
            }
            _ => None,
        }
    }

    /// Calls a method of a variable's value. The value is lent to the method: the function stands still meanwhile, and nothing
    /// else looks at its variables.
    #[inline(always)]
    fn call_lent(
        &mut self,
        f: &mut Frame,
        (row, count): (&'static Builtin, usize),
        (object, slot): (&Node, usize),
        nodes: &Arguments,
        node: &Node,
    ) -> Res {
        let mut values = [const { Value::Unset }; FEW];
        self.few(f, nodes, &mut values, 1)?;
        values[0].put(std::mem::replace(&mut f.locals[slot], Value::Unset));
        match (row.call)(self, &mut values[..count]) {
            Ok(value) => {
                f.locals[slot].put(std::mem::replace(&mut values[0], Value::Unset));
                discard(&mut values);
                std::mem::forget(values);
                Ok(value)
            }
            Err(e) => {
                f.locals[slot] = values[0].clone();
                Err(self.few_failed(e, f, row, Some(object), values, nodes, node))
            }
        }
    }

    /// Calls a row of a table of methods.
    #[inline(always)]
    fn call_method(
        &mut self,
        f: &mut Frame,
        call: &MethodCall,
        this: Value,
        method: &'static Builtin,
        node: &Node,
    ) -> Res {
        let given = call.args.items.len() + 1;
        if let Some(count) = method.takes(given).filter(|&count| call.args.plain && count <= FEW) {
            return self.call_few(f, (method, count), Some((&call.target.value, this)), &call.args, node);
        }
        let mut args = Args::default();
        args.pos.push(this);
        self.more_arguments(f, &call.args, &Value::Builtin(method), &mut args)?;
        match method.invoke(self, &mut args) {
            Ok(value) => Ok(value),
            Err(e) => {
                let this = args.pos.remove(0);
                let bound = Some((&call.target.value, &this));
                Err(self.call_failed(e, f, &Value::Builtin(method), bound, &args, &call.args, node))
            }
        }
    }

    /// Puts the values of a few plain arguments behind `from` others.
    #[inline(always)]
    fn few(&mut self, f: &mut Frame, nodes: &Arguments, values: &mut [Value; FEW], from: usize) -> Res<()> {
        match &*nodes.items {
            [] => {}
            [a] => values[from].put(self.operand(f, &a.node)?),
            more => {
                for (i, more) in more.iter().enumerate() {
                    values[from + i].put(self.operand(f, &more.node)?);
                }
            }
        }
        Ok(())
    }

    /// Calls a builtin that takes few arguments, all of them plain: they are kept on the stack. `object` is what it is a
    /// method of.
    #[inline(always)]
    fn call_few(
        &mut self,
        f: &mut Frame,
        (row, count): (&'static Builtin, usize),
        object: Option<(&Node, Value)>,
        nodes: &Arguments,
        node: &Node,
    ) -> Res {
        let mut values = [const { Value::Unset }; FEW];
        let from = usize::from(object.is_some());
        let object = object.map(|(object, value)| {
            values[0].put(value);
            object
        });
        self.few(f, nodes, &mut values, from)?;
        self.here(f, node.span);
        match (row.call)(self, &mut values[..count]) {
            Ok(value) => {
                discard(&mut values);
                std::mem::forget(values);
                Ok(value)
            }
            Err(e) => Err(self.few_failed(e, f, row, object, values, nodes, node)),
        }
    }

    #[cold]
    #[allow(clippy::too_many_arguments)]
    fn few_failed(
        &self,
        raise: Raise,
        f: &Frame,
        row: &'static Builtin,
        object: Option<&Node>,
        values: [Value; FEW],
        nodes: &Arguments,
        node: &Node,
    ) -> Raise {
        let mut values = values.into_iter();
        let this = object.and_then(|object| Some((object, values.next()?)));
        let args = Args::of(values.take(nodes.items.len()));
        let this = this.as_ref().map(|(object, value)| (*object, value));
        self.call_failed(raise, f, &Value::Builtin(row), this, &args, nodes, node)
    }

    /// The other ways of `value.name(args)`: what was found before where that still holds, else what is found now.
    #[inline(never)]
    fn found_method(&mut self, f: &mut Frame, call: &MethodCall, this: Value, node: &Node) -> Res {
        let target = &call.target;
        let (row, function) = match (&*call.found.borrow(), &this) {
            (Found::Row(row, form, name), Value::Tensor(_)) if call.args.plain => (Some((*row, *form, *name)), None),
            (Found::Function(module, changes, function), Value::Module(this))
                if Rc::ptr_eq(module, this) && this.changes.get() == *changes =>
            {
                (None, Some(function.clone()))
            }
            _ => (None, None),
        };
        if let (Some((row, form, name)), Value::Tensor(tensor)) = (row, &this) {
            let mut args = Args::default();
            self.more_arguments(f, &call.args, &Value::None, &mut args)?;
            let bound = Some((&target.value, &this));
            self.here(f, node.span);
            return super::torch::rows::invoke(row, form, name, Some(tensor), &args)
                .map_err(|e| self.call_failed(e, f, &Value::None, bound, &args, &call.args, node));
        }
        if let Some(function) = function {
            return self.call_value(f, &function, None, &call.args, node);
        }
        if let Some(method) = super::methods::find(&this, &target.name) {
            call.method.set(Some(Bound { kind: this.kind(), row: method }));
            return self.call_method(f, call, this, method, node);
        }
        let callee = self.attribute_node(f, target, &this)?;
        if let (Value::Tensor(_), Value::Method(method)) = (&this, &callee) {
            call.method.set(Some(Bound { kind: Type::Tensor, row: method.func }));
        }
        *call.found.borrow_mut() = match (&this, &callee) {
            (Value::Module(module), Value::Builtin(_) | Value::Object(_)) => {
                Found::Function(module.clone(), module.changes.get(), callee.clone())
            }
            (Value::Tensor(_), Value::Object(_)) => match callee.downcast::<RowFn>() {
                Some(found) if found.this.is_some() => Found::Row(found.row, found.form, found.name),
                _ => Found::Nothing,
            },
            _ => Found::Nothing,
        };
        // An operand's position counts the object of a method, but not the module of a function.
        let bound = if matches!(this, Value::Module(_) | Value::Type(_)) { None } else { Some((&target.value, &this)) };
        self.call_value(f, &callee, bound, &call.args, node)
    }

    #[cold]
    #[allow(clippy::too_many_arguments)]
    fn call_failed(
        &self,
        raise: Raise,
        f: &Frame,
        callee: &Value,
        this: Option<(&Node, &Value)>,
        args: &Args,
        nodes: &Arguments,
        node: &Node,
    ) -> Raise {
        // The texts are those of all arguments, though values may have been handed on.
        let plain = nodes.items.iter().take_while(|a| matches!(a.how, How::Plain)).map(|a| &a.node);
        let written: Vec<&Node> = this.iter().map(|(node, _)| *node).chain(plain).collect();
        let raise = raise.name_operands(|i| written.get(i).and_then(|node| self.operand_text(f, node)));
        let mut operands: Vec<(&Node, &Value)> = this.into_iter().collect();
        for (argument, value) in nodes.items.iter().zip(&args.pos) {
            match argument.how {
                How::Plain => operands.push((&argument.node, value)),
                _ => break,
            }
        }
        operands.retain(|(_, value)| value.is_set());
        let raise = self.locate(raise, f, node.span, &operands, false);
        match callee {
            Value::Func(func) if !func.code.source.is_own() => {
                raise.through(&func.code.name, &f.code.source, node.span)
            }
            _ => raise,
        }
    }

    #[inline(always)]
    fn more_arguments(&mut self, f: &mut Frame, nodes: &Arguments, callee: &Value, args: &mut Args) -> Res<()> {
        if !nodes.plain {
            return self.any_arguments(f, nodes, callee, args);
        }
        for argument in &nodes.items {
            args.pos.push(self.operand(f, &argument.node)?);
        }
        Ok(())
    }

    #[inline(never)]
    fn any_arguments(&mut self, f: &mut Frame, nodes: &Arguments, callee: &Value, args: &mut Args) -> Res<()> {
        for Argument { node, how } in &nodes.items {
            match how {
                How::Plain => {
                    let value = self.operand(f, node)?;
                    args.pos.push(value);
                }
                How::Keyword(name, span) => {
                    let value = self.eval(f, node)?;
                    let done = args.keyword(|| callee_name(callee), name.clone(), value);
                    done.map_err(|e| self.locate(e, f, *span, &[], false))?;
                }
                How::Star => {
                    let value = self.eval(f, node)?;
                    if self.try_walk(&value)?.is_none() {
                        let message = format!(
                            "{} argument after * must be an iterable, not {}",
                            callee_name(callee),
                            value.type_name()
                        );
                        return Err(self.locate(type_error(message).into(), f, node.span, &[(node, &value)], true));
                    }
                    let values = self.collect(&value).map_err(|e| self.locate(e, f, node.span, &[], false))?;
                    args.pos.extend(values);
                }
                How::DoubleStar => {
                    let value = self.eval(f, node)?;
                    self.spread_keywords(&value, callee, args)
                        .map_err(|e| self.locate(e, f, node.span, &[(node, &value)], false))?;
                }
            }
        }
        Ok(())
    }

    fn spread_keywords(&mut self, value: &Value, callee: &Value, args: &mut Args) -> Res<()> {
        let Value::Dict(dict) = value else {
            let message =
                format!("{} argument after ** must be a mapping, not {}", callee_name(callee), value.type_name());
            return Err(type_error(message).at(&[0]).into());
        };
        for (key, value) in dict.pairs() {
            let Some(name) = key.as_str() else {
                return Err(type_error("keywords must be strings").into());
            };
            args.keyword(|| callee_name(callee), name.into(), value)?;
        }
        Ok(())
    }

    /// Runs a function whose parameters are bound.
    #[inline(never)]
    fn run(&mut self, func: &Rc<Func>, mut locals: Vec<Value>) -> Res {
        self.enter()?;
        let code = &*func.code;
        locals.resize_with(code.slots.len(), || Value::Unset);
        for slot in &code.cells {
            let value = std::mem::replace(&mut locals[*slot as usize], Value::Unset);
            locals[*slot as usize] = Value::Cell(Rc::new(RefCell::new(value)));
        }
        if !code.free.is_empty() {
            for (slot, cell) in code.free.iter().zip(&func.cells) {
                locals[*slot as usize] = cell.clone();
            }
        }
        let mut frame = Frame { code, locals };
        let result = match &code.body {
            Body::Value(node) => self.eval(&mut frame, node),
            Body::Block(block) => match self.block(&mut frame, block) {
                Ok(Flow::Return) => Ok(std::mem::replace(&mut self.returned, Value::Unset)),
                Ok(_) => Ok(Value::None),
                Err(e) => Err(e),
            },
            Body::Loops(_) => Ok(Value::None),
        };
        self.leave();
        self.give_locals(frame.locals);
        result
    }
}

/// Drops the arguments of a call; those that own nothing without a call.
#[inline(always)]
fn discard(values: &mut [Value; FEW]) {
    values[0].put(Value::Unset);
    values[1].put(Value::Unset);
    values[2].put(Value::Unset);
    values[3].put(Value::Unset);
}

/// How messages call a callee.
fn callee_name(callee: &Value) -> String {
    match callee {
        Value::Func(func) => format!("__main__.{}()", func.code.qualname),
        Value::Builtin(row) => format!("{}()", row.qualified()),
        Value::Method(method) => format!("{}()", method.func.qualified()),
        Value::Type(kind) => format!("{}()", kind.name()),
        _ => format!("'{}' object", callee.type_name()),
    }
}

#[cold]
fn not_callable(callee: &Value) -> Raise {
    type_error(format!("'{}' object is not callable", callee.type_name())).into()
}
