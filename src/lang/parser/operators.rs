//! Operators: precedence climbing, with the binding powers of `grammar/precedence.txt`.

use super::{Input, Parsed, Rule, here, peek, since};
use crate::base::Span;
use crate::lang::ast::{BinOp, BoolOp, CmpOp, Expr, ExprKind, UnOp};
use crate::lang::token::Kind;
use chumsky::prelude::*;
use std::sync::OnceLock;

/// How the operators of a row group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Associativity {
    /// `a - b - c` is `(a - b) - c`.
    Left,
    /// `a ** b ** c` is `a ** (b ** c)`.
    Right,
    /// Stands before its operand.
    Prefix,
    /// `a < b < c` compares neighbours.
    Chain,
    /// `a and b and c` is one node.
    Flat,
}

/// A row of `grammar/precedence.txt`.
#[derive(Clone, Debug)]
pub struct Row {
    /// The grammar's rule for it.
    pub rule: &'static str,
    /// How its operators group.
    pub associativity: Associativity,
    /// Its operators, as they are written.
    pub operators: Vec<&'static str>,
}

/// The rows of `grammar/precedence.txt`, loosest first.
pub fn rows() -> &'static [Row] {
    &table().rows
}

/// For each kind of token, the 1-based row in which it is a prefix and an infix operator; 0 where it is none.
struct Table {
    rows: Vec<Row>,
    prefix: [u8; Kind::COUNT],
    infix: [u8; Kind::COUNT],
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let text = include_str!("../../../grammar/precedence.txt");
        let rows: Vec<Row> = text.lines().filter_map(row).collect();
        let mut table = Table { rows, prefix: [0; Kind::COUNT], infix: [0; Kind::COUNT] };
        for (index, row) in table.rows.iter().enumerate() {
            let is_prefix = row.associativity == Associativity::Prefix;
            let column = if is_prefix { &mut table.prefix } else { &mut table.infix };
            // `not in` and `is not` are known by their first word.
            for kind in row.operators.iter().filter_map(|text| Kind::of_text(text.split(' ').next().unwrap_or(""))) {
                column[kind as usize] = index as u8 + 1;
            }
        }
        table
    })
}

fn row(line: &'static str) -> Option<Row> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (rule, rest) = line.split_once(' ')?;
    let (associativity, operators) = rest.trim_start().split_once(' ')?;
    let associativity = match associativity {
        "left" => Associativity::Left,
        "right" => Associativity::Right,
        "prefix" => Associativity::Prefix,
        "chain" => Associativity::Chain,
        "flat" => Associativity::Flat,
        _ => return None,
    };
    let operators = match operators.trim() {
        "\"|\"" => vec!["|"],
        list => list.split('|').map(str::trim).collect(),
    };
    Some(Row { rule, associativity, operators })
}

/// The row of a rule, as [`climb`] takes it.
pub(super) fn level(rule: &str) -> u8 {
    rows().iter().position(|row| row.rule == rule).map_or(1, |index| index as u8 + 1)
}

/// What operators stand between.
#[derive(Clone)]
pub(super) struct Operands<'t> {
    primary: Rule<'t, Expr>,
    /// The right operand of `**`. Its recursion goes through chumsky, which lets the stack grow.
    right: Rule<'t, Expr>,
}

impl<'t> Operands<'t> {
    pub(super) fn new(primary: Rule<'t, Expr>) -> Self {
        let power =
            rows().iter().position(|row| row.associativity == Associativity::Right).map_or(0, |row| row as u8 + 1);
        let min = if power > 1 && is_prefix(power - 1) { power - 1 } else { power };
        let right = recursive(|right| {
            let operands = Operands { primary: primary.clone(), right: right.boxed() };
            custom(move |inp| climb(inp, &operands, min))
        });
        Self { right: right.boxed(), primary }
    }
}

/// Parses an operation whose operators are all of row `min` or tighter.
pub(super) fn climb<'t>(inp: &mut Input<'t, '_>, operands: &Operands<'t>, min: u8) -> Parsed<Expr> {
    let table = table();
    let start = here(inp);
    let prefix = table.prefix[peek(inp) as usize];
    let mut left =
        if prefix >= min && prefix > 0 { unary(inp, operands, prefix)? } else { inp.parse(&operands.primary)? };
    loop {
        let kind = peek(inp);
        let level = table.infix[kind as usize];
        if level < min || level == 0 {
            return Ok(left);
        }
        left = match table.rows[level as usize - 1].associativity {
            Associativity::Chain => match chain(inp, operands, left, level)? {
                (left, true) => Expr { kind: left, span: since(inp, start) },
                (ExprKind::Compare(left, _), false) => return Ok(*left),
                (kind, false) => return Ok(Expr { kind, span: since(inp, start) }),
            },
            Associativity::Flat => {
                let op = if kind == Kind::And { BoolOp::And } else { BoolOp::Or };
                let mut values = vec![left];
                while peek(inp) == kind {
                    inp.skip();
                    values.push(climb(inp, operands, level + 1)?);
                }
                Expr { kind: ExprKind::BoolOp(op, values), span: since(inp, start) }
            }
            associativity => {
                let op_span = inp.next().map_or(Span::default(), |token| token.span);
                let right = match associativity {
                    Associativity::Right => inp.parse(&operands.right)?,
                    _ => climb(inp, operands, level + 1)?,
                };
                let kind = ExprKind::Binary(binary_op(kind), op_span, Box::new((left, right)));
                Expr { kind, span: since(inp, start) }
            }
        };
    }
}

fn is_prefix(level: u8) -> bool {
    rows()[level as usize - 1].associativity == Associativity::Prefix
}

/// Parses prefix operators of one row and their operand, without recursion over the operators.
fn unary<'t>(inp: &mut Input<'t, '_>, operands: &Operands<'t>, level: u8) -> Parsed<Expr> {
    let table = table();
    let mut operators = Vec::new();
    while let Some(token) = inp.peek().filter(|token| table.prefix[token.kind as usize] == level) {
        operators.push((unary_op(token.kind), token.span));
        inp.skip();
    }
    let mut operand = climb(inp, operands, level)?;
    let last = here(inp).saturating_sub(1);
    let end = inp.state().token(last).span;
    for (op, op_span) in operators.into_iter().rev() {
        operand = Expr { kind: ExprKind::Unary(op, op_span, Box::new(operand)), span: op_span.to(end) };
    }
    Ok(operand)
}

/// Parses the comparisons behind `first`; whether there were any.
fn chain<'t>(inp: &mut Input<'t, '_>, operands: &Operands<'t>, first: Expr, level: u8) -> Parsed<(ExprKind, bool)> {
    let mut rest = Vec::new();
    loop {
        let before = inp.save();
        let at = here(inp);
        let Some(op) = comparison_op(inp) else {
            inp.rewind(before);
            break;
        };
        let op_span = since(inp, at);
        rest.push((op, op_span, climb(inp, operands, level + 1)?));
    }
    let any = !rest.is_empty();
    Ok((ExprKind::Compare(Box::new(first), rest), any))
}

fn comparison_op(inp: &mut Input<'_, '_>) -> Option<CmpOp> {
    let op = match inp.next()?.kind {
        Kind::Lt => CmpOp::Lt,
        Kind::Le => CmpOp::Le,
        Kind::Gt => CmpOp::Gt,
        Kind::Ge => CmpOp::Ge,
        Kind::EqEq => CmpOp::Eq,
        Kind::Ne => CmpOp::Ne,
        Kind::In => CmpOp::In,
        Kind::Not => match inp.next()?.kind {
            Kind::In => CmpOp::NotIn,
            _ => return None,
        },
        Kind::Is if peek(inp) == Kind::Not => {
            inp.skip();
            CmpOp::IsNot
        }
        Kind::Is => CmpOp::Is,
        _ => return None,
    };
    Some(op)
}

fn unary_op(kind: Kind) -> UnOp {
    match kind {
        Kind::Minus => UnOp::Neg,
        Kind::Plus => UnOp::Pos,
        Kind::Tilde => UnOp::Invert,
        _ => UnOp::Not,
    }
}

fn binary_op(kind: Kind) -> BinOp {
    match kind {
        Kind::Plus => BinOp::Add,
        Kind::Minus => BinOp::Sub,
        Kind::Star => BinOp::Mul,
        Kind::Slash => BinOp::Div,
        Kind::DoubleSlash => BinOp::FloorDiv,
        Kind::Percent => BinOp::Mod,
        Kind::DoubleStar => BinOp::Pow,
        Kind::At => BinOp::MatMul,
        Kind::Shl => BinOp::Shl,
        Kind::Shr => BinOp::Shr,
        Kind::Amp => BinOp::BitAnd,
        Kind::Pipe => BinOp::BitOr,
        _ => BinOp::BitXor,
    }
}

/// The operator of an augmented assignment.
pub(super) fn augmented_op(kind: Kind) -> Option<BinOp> {
    let plain =
        kind.text().strip_suffix('=').filter(|_| !matches!(kind, Kind::EqEq | Kind::Ne | Kind::Le | Kind::Ge))?;
    let op = Kind::of_text(plain)?;
    (table().infix[op as usize] > 0).then(|| binary_op(op))
}
