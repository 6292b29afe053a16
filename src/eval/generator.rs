//! Comprehensions and generator expressions: one walk over nested loops serves both.

use super::code::{Body, Comp, CompKind, FuncCode, Loops, MakeFunction, Node};
use super::dict::Map;
use super::hash::Key;
use super::interp::{Frame, Interp};
use super::iterate::Walk;
use super::kind::Type;
use super::raise::Res;
use super::set::{Set, Table};
use super::value::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// A generator expression on its way.
pub struct Generator {
    code: Rc<FuncCode>,
    locals: Vec<Value>,
    walks: Vec<Walk>,
    started: bool,
}

impl Interp {
    /// Goes on to the next binding of the loops' targets; false when there is none.
    fn advance(&mut self, f: &mut Frame, loops: &Loops, walks: &mut Vec<Walk>) -> Res<bool> {
        'next: while let Some(depth) = walks.len().checked_sub(1) {
            let this = &loops.loops[depth];
            if !self.bind_next(f, &mut walks[depth], &this.target, &this.iter)? {
                walks.pop();
                continue;
            }
            for cond in &this.conds {
                if !self.test(f, cond)? {
                    continue 'next;
                }
            }
            match loops.loops.get(depth + 1) {
                Some(inner) => walks.push(self.walk_node(f, &inner.iter)?),
                None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// The walk over an expression's value.
    pub(super) fn walk_node(&mut self, f: &mut Frame, node: &Node) -> Res<Walk> {
        let mut value = self.eval(f, node)?;
        self.walk_owned(&mut value).map_err(|e| self.locate(e, f, node.span, &[(node, &value)], true))
    }

    pub(super) fn comprehension(&mut self, f: &mut Frame, comp: &Comp) -> Res {
        let first = match comp.loops.loops.first() {
            Some(outer) => self.walk_node(f, &outer.iter)?,
            None => Walk::Done,
        };
        for slot in &comp.slots {
            f.locals[*slot as usize] = Value::Unset;
        }
        for slot in &comp.cells {
            f.locals[*slot as usize] = Value::Cell(Rc::new(RefCell::new(Value::Unset)));
        }
        // Room for what one loop without conditions gives.
        let room = match &*comp.loops.loops {
            [one] if one.conds.is_empty() => first.len().unwrap_or(0).min(1 << 16),
            _ => 0,
        };
        let mut walks = vec![first];
        let element = &comp.loops.element;
        match comp.kind {
            CompKind::List => {
                let mut out = Vec::with_capacity(room);
                if let ([only], [walk]) = (&*comp.loops.loops, &mut walks[..])
                    && only.conds.is_empty()
                {
                    while self.bind_next(f, walk, &only.target, &only.iter)? {
                        out.push(self.operand(f, element)?);
                    }
                    return Ok(Value::list(out));
                }
                while self.advance(f, &comp.loops, &mut walks)? {
                    out.push(self.operand(f, element)?);
                }
                Ok(Value::list(out))
            }
            CompKind::Set => {
                let mut table = Table::default();
                while self.advance(f, &comp.loops, &mut walks)? {
                    let value = self.eval(f, element)?;
                    table.insert(Key::new(value).map_err(|e| self.locate(e, f, element.span, &[], false))?);
                }
                Ok(Value::Set(Rc::new(Set::new(table, false))))
            }
            CompKind::Dict => {
                let mut map = Map::default();
                while self.advance(f, &comp.loops, &mut walks)? {
                    let key = self.eval(f, element)?;
                    let value = match &comp.loops.value {
                        Some(node) => self.eval(f, node)?,
                        None => Value::None,
                    };
                    map.insert(Key::new(key).map_err(|e| self.locate(e, f, element.span, &[], false))?, value);
                }
                Ok(Value::dict(map))
            }
        }
    }

    /// The iterator of a generator expression; the outermost iterable is asked for its iterator at once.
    pub(super) fn generator(&mut self, f: &mut Frame, make: &MakeFunction, outermost: &Node) -> Res {
        let value = self.eval(f, outermost)?;
        let iter = self.iter(&value).map_err(|e| self.locate(e, f, outermost.span, &[(outermost, &value)], true))?;
        let code = make.code.clone();
        let mut locals = vec![Value::Unset; code.slots.len()];
        locals[0] = iter;
        for slot in &code.cells {
            locals[*slot as usize] = Value::Cell(Rc::new(RefCell::new(Value::Unset)));
        }
        for (slot, from) in code.free.iter().zip(&make.captures) {
            locals[*slot as usize] = f.locals[*from as usize].clone();
        }
        let generator = Generator { code, locals, walks: Vec::new(), started: false };
        Ok(Value::iter(Walk::Generator(Box::new(generator)), Type::Generator, "generator"))
    }

    /// Runs a generator to its next element.
    pub(super) fn resume(&mut self, generator: &mut Generator) -> Res<Option<Value>> {
        let code = generator.code.clone();
        let Body::Loops(loops) = &code.body else { return Ok(None) };
        let mut frame = Frame { code: &code, locals: std::mem::take(&mut generator.locals) };
        self.enter()?;
        let result = self.next_element(&mut frame, loops, generator);
        self.leave();
        generator.locals = frame.locals;
        result
    }

    fn next_element(&mut self, f: &mut Frame, loops: &Loops, generator: &mut Generator) -> Res<Option<Value>> {
        if !generator.started {
            generator.started = true;
            // The outermost iterator is parameter 0, and nothing else looks at it.
            let mut outermost = std::mem::replace(&mut f.locals[0], Value::Unset);
            generator.walks.push(self.walk_owned(&mut outermost)?);
        }
        if self.advance(f, loops, &mut generator.walks)? { self.eval(f, &loops.element).map(Some) } else { Ok(None) }
    }
}
