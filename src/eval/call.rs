//! Calls: evaluation of arguments, binding them to parameters, and running functions.

use super::args::Args;
use super::builtin::Builtin;
use super::builtins::types::constructor;
use super::code::{Argument, Arguments, Body, Call, Code, Found, FuncCode, MethodCall, Node};
use super::interp::{Frame, Interp};
use super::kind::Type;
use super::raise::{Raise, Res};
use super::stmt::Flow;
use super::torch::rows::RowFn;
use super::value::{Func, Value};
use crate::base::error::type_error;
use crate::lang::ast::{Name, ParamKind};
use crate::print::suggest::did_you_mean;
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
        if call.args.plain && func.code.simple && func.code.params.len() == call.args.items.len() {
            return self.call_plain(f, &func, &call.args, node);
        }
        self.call_value(f, &Value::Func(func), None, &call.args, node)
    }

    /// Calls a builtin function.
    #[inline(always)]
    fn call_row(&mut self, f: &mut Frame, row: &'static Builtin, nodes: &Arguments, node: &Node) -> Res {
        if let Some(count) = row.takes(nodes.items.len()).filter(|&count| nodes.plain && count <= FEW) {
            return self.call_few(f, (row, count), None, nodes, node);
        }
        let mut args = Args::default();
        self.more_arguments(f, nodes, &Value::Builtin(row), &mut args)?;
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
            match self.operand(f, arg.node()) {
                Ok(value) => locals.push(value),
                Err(e) => {
                    self.give_locals(locals);
                    return Err(e);
                }
            }
        }
        self.run(func, locals).map_err(|e| {
            let e = self.locate(e, f, node.span, &[], false);
            e.through(&func.code.name, &f.code.source, node.span)
        })
    }

    #[inline(never)]
    pub(super) fn method_node(&mut self, f: &mut Frame, call: &MethodCall, node: &Node) -> Res {
        let this = self.operand(f, &call.target.value)?;
        let method = match &*call.found.borrow() {
            Found::Method(kind, method) if this.kind() == *kind => Some(*method),
            _ => None,
        };
        let Some(method) = method else { return self.found_method(f, call, this, node) };
        self.call_method(f, call, this, method, node)
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

    /// Calls a builtin that takes few arguments, all of them plain: they are kept on the stack.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)]
    fn call_few(
        &mut self,
        f: &mut Frame,
        (row, count): (&'static Builtin, usize),
        this: Option<(&Node, Value)>,
        nodes: &Arguments,
        node: &Node,
    ) -> Res {
        let mut values = [const { Value::Unset }; FEW];
        let mut given = 0;
        let object = match this {
            Some((object, value)) => {
                std::mem::replace(&mut values[0], value).discard();
                given = 1;
                Some(object)
            }
            None => None,
        };
        // Counted: an iterator's making is a call where it is not inlined.
        for i in 0..nodes.items.len().min(FEW - given) {
            let value = self.operand(f, nodes.items[i].node())?;
            std::mem::replace(&mut values[given + i], value).discard();
        }
        match (row.call)(self, &mut values[..count]) {
            Ok(value) => {
                for i in 0..count {
                    std::mem::replace(&mut values[i], Value::Unset).discard();
                }
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
            (Found::Row(row, form), Value::Tensor(_)) if call.args.plain => (Some((*row, *form)), None),
            (Found::Function(module, changes, function), Value::Module(this))
                if Rc::ptr_eq(module, this) && this.changes.get() == *changes =>
            {
                (None, Some(function.clone()))
            }
            _ => (None, None),
        };
        if let (Some((row, form)), Value::Tensor(tensor)) = (row, &this) {
            let mut args = Args::default();
            self.more_arguments(f, &call.args, &Value::None, &mut args)?;
            let bound = Some((&target.value, &this));
            self.here(f, node.span);
            return super::torch::rows::invoke(row, form, Some(tensor), &args)
                .map_err(|e| self.call_failed(e, f, &Value::None, bound, &args, &call.args, node));
        }
        if let Some(function) = function {
            return self.call_value(f, &function, None, &call.args, node);
        }
        if let Some(method) = super::methods::find(&this, &target.name) {
            *call.found.borrow_mut() = Found::Method(this.kind(), method);
            return self.call_method(f, call, this, method, node);
        }
        let callee = self.attribute_node(f, target, &this)?;
        *call.found.borrow_mut() = match (&this, &callee) {
            (Value::Module(module), Value::Builtin(_) | Value::Object(_)) => {
                Found::Function(module.clone(), module.changes.get(), callee.clone())
            }
            (Value::Tensor(_), Value::Method(method)) => Found::Method(Type::Tensor, method.func),
            (Value::Tensor(_), Value::Object(_)) => match callee.downcast::<RowFn>() {
                Some(found) if found.this.is_some() => Found::Row(found.row, found.form),
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
        let mut operands: Vec<(&Node, &Value)> = this.into_iter().collect();
        for (argument, value) in nodes.items.iter().zip(&args.pos) {
            match argument {
                Argument::Plain(node) => operands.push((node, value)),
                _ => break,
            }
        }
        operands.retain(|(_, value)| value.is_set());
        let raise = self.locate(raise, f, node.span, &operands, false);
        match callee {
            Value::Func(func) => raise.through(&func.code.name, &f.code.source, node.span),
            _ => raise,
        }
    }

    #[inline(always)]
    fn more_arguments(&mut self, f: &mut Frame, nodes: &Arguments, callee: &Value, args: &mut Args) -> Res<()> {
        if !nodes.plain {
            return self.any_arguments(f, nodes, callee, args);
        }
        for argument in &nodes.items {
            args.pos.push(self.operand(f, argument.node())?);
        }
        Ok(())
    }

    #[inline(never)]
    fn any_arguments(&mut self, f: &mut Frame, nodes: &Arguments, callee: &Value, args: &mut Args) -> Res<()> {
        for argument in &nodes.items {
            match argument {
                Argument::Plain(node) => {
                    let value = self.operand(f, node)?;
                    args.pos.push(value);
                }
                Argument::Keyword(name, span, node) => {
                    let value = self.eval(f, node)?;
                    let done = args.keyword(&callee_name(callee), name.clone(), value);
                    done.map_err(|e| self.locate(e, f, *span, &[], false))?;
                }
                Argument::Star(node) => {
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
                Argument::DoubleStar(node) => {
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
            args.keyword(&callee_name(callee), name.into(), value)?;
        }
        Ok(())
    }

    /// The variables of a call: parameters bound to arguments.
    fn bind(&mut self, func: &Func, args: &mut Args) -> Res<Vec<Value>> {
        let code = &*func.code;
        let params = &code.params;
        let mut locals = self.take_locals();
        locals.resize(params.len(), Value::Unset);
        let given = args.pos.len();
        let mut rest = args.pos.drain(..);
        let mut too_many = false;
        let (mut star, mut double_star) = (false, None);
        for (i, param) in params.iter().enumerate() {
            match param.kind {
                ParamKind::Positional | ParamKind::Normal => {
                    if let Some(value) = rest.next() {
                        locals[i] = value;
                    }
                }
                ParamKind::Star => {
                    star = true;
                    locals[i] = Value::tuple(rest.by_ref().collect::<Vec<_>>());
                }
                ParamKind::DoubleStar => double_star = Some(i),
                ParamKind::Keyword => {}
            }
        }
        if !star && rest.next().is_some() {
            too_many = true;
        }
        drop(rest);
        let mut extra = super::dict::Map::default();
        let mut keywords = args.kw.drain(..);
        while let Some((name, value)) = keywords.next() {
            let at =
                params.iter().position(|p| p.name == name && matches!(p.kind, ParamKind::Normal | ParamKind::Keyword));
            match at {
                Some(i) if locals[i].is_set() => {
                    let message = format!("{}() got multiple values for argument '{name}'", code.qualname);
                    return Err(type_error(message).into());
                }
                Some(i) => locals[i] = value,
                None if double_star.is_some() => {
                    extra.insert(super::hash::Key::str(&name), value);
                }
                None => return Err(unexpected_keyword(code, &name, keywords)),
            }
        }
        if let Some(i) = double_star {
            locals[i] = Value::dict(extra);
        }
        if too_many {
            return Err(wrong_count(func, given, &locals));
        }
        for (i, param) in params.iter().enumerate() {
            if !locals[i].is_set() {
                match param.default {
                    Some(default) => locals[i] = func.defaults[default as usize].clone(),
                    None => return Err(missing(func, &locals)),
                }
            }
        }
        Ok(locals)
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
        for (slot, cell) in code.free.iter().zip(&func.cells) {
            locals[*slot as usize] = cell.clone();
        }
        let mut frame = Frame { code, locals };
        let result = match &code.body {
            Body::Value(node) => self.eval(&mut frame, node),
            Body::Block(block) => match self.block(&mut frame, block) {
                Ok(Flow::Return(value)) => Ok(value),
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

#[cold]
fn unexpected_keyword(code: &FuncCode, name: &str, others: impl Iterator<Item = (Name, Value)>) -> Raise {
    let given: Vec<Name> = others.map(|(name, _)| name).chain([Name::from(name)]).collect();
    let positional = code.params.iter().filter(|p| p.kind == ParamKind::Positional && given.contains(&p.name));
    let positional: Vec<&str> = positional.map(|p| &*p.name).collect();
    if !positional.is_empty() {
        let message = format!(
            "{}() got some positional-only arguments passed as keyword arguments: '{}'",
            code.qualname,
            positional.join(", ")
        );
        return type_error(message).into();
    }
    let error = type_error(format!("{}() got an unexpected keyword argument '{name}'", code.qualname));
    let names = code.params.iter().filter(|p| matches!(p.kind, ParamKind::Normal | ParamKind::Keyword));
    match did_you_mean(name, names.map(|p| &*p.name)) {
        Some(help) => error.help(help).into(),
        None => error.into(),
    }
}

fn is_positional(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::Positional | ParamKind::Normal)
}

#[cold]
fn wrong_count(func: &Func, given: usize, locals: &[Value]) -> Raise {
    let params = &func.code.params;
    let most = params.iter().filter(|p| is_positional(p.kind)).count();
    let least = params.iter().filter(|p| is_positional(p.kind) && p.default.is_none()).count();
    let takes = if least < most { format!("from {least} to {most}") } else { most.to_string() };
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let by_name = params.iter().zip(locals).filter(|(p, v)| p.kind == ParamKind::Keyword && v.is_set()).count();
    let were = if by_name > 0 {
        format!("{given} positional argument{} (and {by_name} keyword-only argument{}) were", s(given), s(by_name))
    } else {
        format!("{given} {}", if given == 1 { "was" } else { "were" })
    };
    let plural = if least < most || most != 1 { "s" } else { "" };
    type_error(format!("{}() takes {takes} positional argument{plural} but {were} given", func.qualname())).into()
}

#[cold]
fn missing(func: &Func, locals: &[Value]) -> Raise {
    let params = &func.code.params;
    let absent = |positional: bool| -> Vec<String> {
        let unset = params.iter().zip(locals).filter(|(p, v)| {
            !v.is_set()
                && p.default.is_none()
                && is_positional(p.kind) == positional
                && !matches!(p.kind, ParamKind::Star | ParamKind::DoubleStar)
        });
        unset.map(|(p, _)| format!("'{}'", p.name)).collect()
    };
    let (mut names, mut what) = (absent(true), "positional");
    if names.is_empty() {
        (names, what) = (absent(false), "keyword-only");
    }
    let count = names.len();
    let list = match names.as_slice() {
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
        [] => String::new(),
    };
    let s = if count == 1 { "" } else { "s" };
    type_error(format!("{}() missing {count} required {what} argument{s}: {list}", func.qualname())).into()
}
